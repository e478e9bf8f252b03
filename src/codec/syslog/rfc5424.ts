import { digitsEnd, isDigit } from '../../bytes/digits.ts';
import type { SyslogLine } from './syslog-line.ts';
import type { SyslogTime } from './syslog-time.ts';

const BLANK = 0x20;
const DASH = 0x2d;
const ZERO = 0x30;
const MAX_VERSION_DIGITS = 3;

/** Whether a line of RFC 5424 goes on at `at`, behind its priority: a version, and a time or the dash for none. */
export function isRfc5424(bytes: Uint8Array, start: number, end: number): boolean {
  const at = digitsEnd(bytes, start, Math.min(start + MAX_VERSION_DIGITS, end));
  if (at === start || bytes[start] === ZERO || at + 2 >= end || bytes[at] !== BLANK) return false;
  if (bytes[at + 1] === DASH) return bytes[at + 2] === BLANK;
  return at + 5 < end && isDigit(bytes[at + 1]!) && bytes[at + 5] === DASH;
}

/**
 * Reads the header of a line for which `isRfc5424()` holds: all up to the structured data, whose place is returned; -1:
 * it ends early, or has no time. A dash stands for what is not known.
 */
export function parseHeader(
  bytes: Uint8Array,
  at: number,
  end: number,
  line: SyslogLine,
  time: SyslogTime,
  observedUnixMs: number,
): number {
  line.versionStart = at;
  line.versionEnd = digitsEnd(bytes, at, end);
  at = line.versionEnd + 1;
  if (bytes[at] === DASH) {
    at++;
  } else {
    at = time.read(bytes, at, end, observedUnixMs, line.time);
    if (at < 0) return -1;
    line.hasTime = true;
  }
  if (at === end) return -1;
  const hostEnd = (line.hostEnd = wordEnd(bytes, (line.hostStart = at + 1), end));
  if (hostEnd === end) return -1;
  const appEnd = (line.appEnd = wordEnd(bytes, (line.appStart = hostEnd + 1), end));
  if (appEnd === end) return -1;
  const processEnd = (line.processEnd = wordEnd(bytes, (line.processStart = appEnd + 1), end));
  if (processEnd === end) return -1;
  const messageIdEnd = (line.messageIdEnd = wordEnd(bytes, (line.messageIdStart = processEnd + 1), end));
  if (messageIdEnd === end) return -1;
  if (isDash(bytes, line.hostStart, hostEnd)) line.hostStart = hostEnd;
  if (isDash(bytes, line.appStart, appEnd)) line.appStart = appEnd;
  if (isDash(bytes, line.processStart, processEnd)) line.processStart = processEnd;
  if (isDash(bytes, line.messageIdStart, messageIdEnd)) line.messageIdStart = messageIdEnd;
  return messageIdEnd + 1;
}

function wordEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] !== BLANK) at++;
  return at;
}

function isDash(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 && bytes[start] === DASH;
}
