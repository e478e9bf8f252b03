import { digitsEnd } from '../../bytes/digits.ts';
import { findByte, findEither } from '../../bytes/find-byte.ts';
import { type AccessLine, Escaped, Part } from './access-line.ts';
import type { ClfTime } from './clf-time.ts';
import { parseRequest } from './parse-request.ts';

const BLANK = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DASH = 0x2d;
const COLON = 0x3a;
const ZERO = 0x30;
const OPEN = 0x5b;

/** Integers with fewer digits fit into 64 bits. */
const MIN_LONG_DIGITS = 19;
const MAX_PORT_DIGITS = 5;
/** ` - -` as it lies in memory: most lines name neither an identity nor a user. */
const TWO_DASHES = 0x2d202d20;

/** How lines are written; `auto` takes what is there. */
export type ClfFormat = 'auto' | 'common' | 'combined';

/**
 * Reads the line `bytes[start, end)` of an access log, which `view` has too, into `line`. Returns why it cannot, or
 * undefined. O(length).
 *
 * ```
 *  [server:port] client ident user [time] "request" status size ["referer" "user agent" [rest]]
 * ```
 */
export function parseAccessLine(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  format: ClfFormat,
  time: ClfTime,
  line: AccessLine,
): string | undefined {
  line.begin();
  let at = parseNames(bytes, view, start, end, line);
  if (at < 0) return 'no client, user and time in brackets';
  at = time.read(bytes, view, at + 1, end, line.time);
  if (at < 0) return 'no time of an access log';
  at = skipToQuoted(bytes, at + 1, end);
  const requestEnd = at < 0 ? -1 : quotedEnd(bytes, view, at, end, line, Escaped.Request);
  if (requestEnd < 0) return 'no request in quotes';
  parseRequest(bytes, view, at, requestEnd, line);
  at = parseStatusAndSize(bytes, requestEnd + 1, end, line);
  if (at < 0) return 'no status and size';
  line.clear(Part.Referer);
  line.clear(Part.Agent);
  if (format !== 'common') {
    const hasReferer = !isBareDash(bytes, at, end);
    if (!hasReferer) at += 2;
    const referer = hasReferer ? skipToQuoted(bytes, at, end) : -1;
    const refererEnd = referer < 0 ? at - 1 : quotedEnd(bytes, view, referer, end, line, Escaped.Referer);
    const agent = refererEnd < 0 || (hasReferer && referer < 0) ? -1 : skipToQuoted(bytes, refererEnd + 1, end);
    const agentEnd = agent < 0 ? refererEnd : quotedEnd(bytes, view, agent, end, line, Escaped.Agent);
    if (agentEnd < 0) return 'no closing quote';
    if (format === 'combined' && agent < 0) return 'no referer and user agent';
    if (referer >= 0) setKnown(bytes, Part.Referer, referer, refererEnd, line);
    if (agent >= 0) setKnown(bytes, Part.Agent, agent, agentEnd, line);
    at = agentEnd + 1;
  }
  if (at + 1 < end) line.setRare(Part.Rest, bytes[at] === BLANK ? at + 1 : at, end);
  return undefined;
}

/** Reads all before the time; returns where its bracket is, or -1. A user name may hold blanks. */
function parseNames(bytes: Uint8Array, view: DataView, start: number, end: number, line: AccessLine): number {
  const clientEnd = findByte(view, BLANK, start, end);
  if (clientEnd + 5 < end && view.getInt32(clientEnd, true) === TWO_DASHES && clientEnd > start) {
    if (bytes[clientEnd + 4] === BLANK && bytes[clientEnd + 5] === OPEN) {
      setKnown(bytes, Part.Client, start, clientEnd, line);
      line.clear(Part.User);
      return clientEnd + 5;
    }
  }
  const identStart = clientEnd + 1;
  const identEnd = wordEnd(bytes, identStart, end);
  const userStart = identEnd + 1;
  let at = userStart + 1;
  let words = 1;
  for (; at < end && !(bytes[at] === OPEN && bytes[at - 1] === BLANK); at++) if (bytes[at] === BLANK) words++;
  if (at >= end || clientEnd === start) return -1;
  if (words > 2 && !isDash(bytes, identStart, identEnd)) {
    // Four words before the time: the first is the server.
    setServer(bytes, start, clientEnd, line);
    setKnown(bytes, Part.Client, identStart, identEnd, line);
    setKnown(bytes, Part.User, wordEnd(bytes, userStart, at - 1) + 1, at - 1, line);
  } else {
    setKnown(bytes, Part.Client, start, clientEnd, line);
    setKnown(bytes, Part.User, userStart, at - 1, line);
  }
  return at;
}

/** Sets the part, unless it is a dash. */
function setKnown(bytes: Uint8Array, part: Part, start: number, end: number, line: AccessLine): void {
  line.set(part, start, isDash(bytes, start, end) ? start : end);
}

/** Reads `example.com:443`, or a name alone. */
function setServer(bytes: Uint8Array, start: number, end: number, line: AccessLine): void {
  let colon = end - 1;
  while (colon > start && bytes[colon] !== COLON) colon--;
  const port = colon + 1;
  const length = end - port;
  const hasPort = colon > start && length > 0 && length <= MAX_PORT_DIGITS && digitsEnd(bytes, port, end) === end;
  line.setRare(Part.Server, start, hasPort ? colon : end);
  if (hasPort && bytes[port] !== ZERO) line.setRare(Part.Port, port, end);
}

/** Reads ` 200 612` at `at`; returns where it ends, or -1. A dash stands for what is not known. */
function parseStatusAndSize(bytes: Uint8Array, at: number, end: number, line: AccessLine): number {
  const statusStart = at + 1;
  const statusEnd = digitsEnd(bytes, statusStart, Math.min(statusStart + 3, end));
  const sizeStart = statusEnd + (bytes[statusEnd] === DASH ? 2 : 1);
  if (sizeStart >= end || bytes[sizeStart - 1] !== BLANK || bytes[at] !== BLANK) return -1;
  // 000: the connection ended before there was a status.
  const hasStatus = statusEnd === statusStart + 3 && bytes[statusStart] !== ZERO;
  line.set(Part.Status, statusStart, hasStatus ? statusEnd : statusStart);
  const sizeEnd = digitsEnd(bytes, sizeStart, end);
  if (sizeEnd - sizeStart >= MIN_LONG_DIGITS) return -1;
  let firstDigit = sizeStart;
  while (bytes[firstDigit] === ZERO && firstDigit < sizeEnd - 1) firstDigit++;
  line.set(Part.Size, firstDigit, sizeEnd);
  const stop = sizeEnd === sizeStart && bytes[sizeStart] === DASH ? sizeStart + 1 : sizeEnd;
  return stop > sizeStart && (stop === end || bytes[stop] === BLANK) ? stop : -1;
}

/** Whether ` - "` stands at `at`, as Traefik writes it where there is no referer. */
function isBareDash(bytes: Uint8Array, at: number, end: number): boolean {
  return at + 3 < end && bytes[at + 1] === DASH && bytes[at + 2] === BLANK && bytes[at + 3] === QUOTE;
}

/** Where the inside of a quoted part begins that follows a blank at `at`, or -1. */
function skipToQuoted(bytes: Uint8Array, at: number, end: number): number {
  return at + 2 < end && bytes[at] === BLANK && bytes[at + 1] === QUOTE ? at + 2 : -1;
}

/**
 * The closing quote of the part whose inside starts at `at`, or -1; notes that something in it is escaped as `bit`. A
 * quote within a word closes nothing: there are servers that do not escape them.
 */
function quotedEnd(bytes: Uint8Array, view: DataView, at: number, end: number, line: AccessLine, bit: number): number {
  for (;;) {
    at = findEither(view, QUOTE, BACKSLASH, at, end);
    if (at >= end) return -1;
    const byte = bytes[at]!;
    if (byte === QUOTE && (at + 1 === end || bytes[at + 1] === BLANK)) return at;
    if (byte === BACKSLASH) line.escaped |= bit;
    at += byte === BACKSLASH ? 2 : 1;
  }
}

function wordEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] !== BLANK) at++;
  return at;
}

function isDash(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 && bytes[start] === DASH;
}
