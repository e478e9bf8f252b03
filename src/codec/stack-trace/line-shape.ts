import { isDigit } from '../../bytes/digits.ts';

const SPACE = 0x20;
const TAB = 0x09;
const CR = 0x0d;

/** `text` as bytes, to be compared with `startsWith()`. ASCII. */
export function prefix(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Whether `bytes[at, end)` begins with `wanted`. */
export function startsWith(bytes: Uint8Array, at: number, end: number, wanted: Uint8Array): boolean {
  const { length } = wanted;
  if (end - at < length) return false;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

/** Where `wanted` first begins in `bytes[at, end)`, or -1. O(length of the span), for lines that are rare. */
export function indexOfWithin(bytes: Uint8Array, at: number, end: number, wanted: Uint8Array): number {
  for (const last = end - wanted.length; at <= last; at++) if (startsWith(bytes, at, end, wanted)) return at;
  return -1;
}

/** Where the blanks and tabs at the start of the line end; `end` for a line of nothing else. */
export function indentEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB || bytes[at] === CR)) at++;
  return at;
}

/** Whether the byte is an ASCII capital. */
export function isUpper(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

function isLower(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a;
}

/** Bytes that may stand in a name: letters, digits, `_`, `$`, and the parts of characters beyond ASCII. */
const IS_NAME = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x80 || isDigit(byte) || isUpper(byte) || isLower(byte) || byte === 0x5f || byte === 0x24 ? 1 : 0,
);

/** Where the name that starts at `at` ends; with `separator` (0: none) between its parts, as in `java.lang.Error`. */
export function nameEnd(bytes: Uint8Array, at: number, end: number, separator: number): number {
  while (at < end && (IS_NAME[bytes[at]!] === 1 || bytes[at] === separator)) at++;
  return at;
}

/** Whether `bytes[start, end)` ends with `wanted`. */
export function endsWith(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): boolean {
  return end - start >= wanted.length && startsWith(bytes, end - wanted.length, end, wanted);
}

const EXCEPTION = prefix('Exception');
const ERROR = prefix('Error');
const THROWABLE = prefix('Throwable');

/** Whether a name says that it is one of an exception. */
export function isExceptionName(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    endsWith(bytes, start, end, ERROR) ||
    endsWith(bytes, start, end, EXCEPTION) ||
    endsWith(bytes, start, end, THROWABLE)
  );
}

/** The longest code of an error: 64 bits in hexadecimal digits, and what stands around them. */
const MAX_CODE_LENGTH = 21;

/**
 * Where the code ends that .NET writes behind the name of an exception which ends at `at`, with a colon behind it:
 * `SqlException (0x80131904): text`, `SocketException (111): text`; -1: there is none.
 */
export function errorCodeEnd(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] !== SPACE || bytes[at + 1] !== 0x28) return -1;
  const bound = Math.min(end - 1, at + MAX_CODE_LENGTH);
  let to = bytes[at + 2] === 0x2d ? at + 3 : at + 2;
  if (!isDigit(bytes[to]!)) return -1;
  while (to < bound && (isDigit(bytes[to]!) || isUpper(bytes[to]!) || isLower(bytes[to]!))) to++;
  return to < bound && bytes[to] === 0x29 && bytes[to + 1] === 0x3a ? to + 1 : -1;
}

/**
 * Whether the line begins with the name of an exception as Java and .NET write it: either of a package
 * (`com.acme.Failed: text`), or one that ends with Exception, Error or Throwable. The name fills the line, or a colon
 * follows, or ` --->` and ` [`, or the code of an error.
 */
export function startsWithException(bytes: Uint8Array, start: number, end: number): boolean {
  const to = nameEnd(bytes, start, end, 0x2e);
  if (to === start) return false;
  const after = to < end ? bytes[to]! : 0x3a;
  if (after !== 0x3a) {
    if (after !== SPACE) return false;
    const mark = bytes[to + 1];
    const isMark = mark === 0x2d || mark === 0x5b || (mark === 0x28 && errorCodeEnd(bytes, to, end) >= 0);
    if (!isMark) return false;
  }
  let last = to;
  while (last > start && bytes[last - 1] !== 0x2e) last--;
  if (last === to || !isUpper(bytes[last]!)) return false;
  if (isExceptionName(bytes, last, to)) return true;
  // Of another name a package and a colon are asked for: words at the start of a sentence have neither.
  return last > start && (to === end || after === 0x3a);
}

/** Whether the line is an exception as Rails prints it: `ActionController::RoutingError (No route matches [GET] "/settings"):` */
export function isRailsException(bytes: Uint8Array, at: number, end: number): boolean {
  if (!isUpper(bytes[at]!)) return false;
  const to = nameEnd(bytes, at, end, 0x3a);
  if (end - to < 4 || bytes[to] !== 0x20 || bytes[to + 1] !== 0x28) return false;
  return bytes[end - 1] === 0x29 || (bytes[end - 1] === 0x3a && bytes[end - 2] === 0x29);
}

/** The first four letters of the names of levels, as loggers write them. */
const LEVELS = [
  ...['TRAC', 'DEBU', 'INFO', 'NOTI', 'WARN', 'ERRO', 'FATA', 'CRIT', 'SEVE', 'ALER', 'EMER', 'FINE', 'CONF'],
  // The console logger of .NET, with a colon behind each.
  ...['trce', 'dbug', 'info', 'warn', 'fail', 'crit'],
].map(prefix);

const MAX_LEVEL_LENGTH = 9;

/** Whether the name of a level stands at `at`, alone. */
export function isLevel(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < 4) return false;
  const isCapital = isUpper(bytes[at]!);
  // Most words end the question here.
  if (isCapital ? !isUpper(bytes[at + 1]!) : at + 4 >= end || bytes[at + 4] !== 0x3a) return false;
  if (!LEVELS.some((level) => startsWith(bytes, at, end, level))) return false;
  let to = at + 4;
  while (to < end && isUpper(bytes[to]!)) to++;
  return to - at <= MAX_LEVEL_LENGTH;
}

const MAX_THREAD_NAME_LENGTH = 64;
const MIN_LOGGED_LENGTH = 8;

/** States that the judges of languages share. */
export const LineState = {
  /** An ordinary line. */
  Plain: 1,
  /** A line that a logger wrote: the exception that follows is its own. */
  Logged: 2,
} as const;

/** The state behind a line that a logger wrote, or 0: none did. An exception never follows a JSON object of its own. */
export function loggedState(bytes: Uint8Array, start: number, end: number): number {
  if (!isLogged(bytes, start, end)) return 0;
  return bytes[start] === 0x7b ? LineState.Plain : LineState.Logged;
}

/**
 * Whether the line looks as a logger begins one: with a time or a date in one of their usual forms, with the name of a
 * level, with the name of a thread in brackets and a level, or as a JSON object. About 10 ns.
 */
export function isLogged(bytes: Uint8Array, start: number, end: number): boolean {
  // So the places that are looked at below lie in the line.
  if (end - start < MIN_LOGGED_LENGTH) return false;
  const first = bytes[start]!;
  if (isDigit(first)) return startsWithTime(bytes, start, end);
  // {"
  if (first === 0x7b) return bytes[start + 1] === 0x22;
  // [time], [LEVEL] or [thread] LEVEL
  if (first === 0x5b) {
    if (isDigit(bytes[start + 1]!)) return startsWithTime(bytes, start + 1, end);
    if (isLevel(bytes, start + 1, end)) return true;
    const bound = Math.min(end, start + MAX_THREAD_NAME_LENGTH);
    let close = start + 1;
    while (close < bound && bytes[close] !== 0x5d) close++;
    return close < bound && isLevel(bytes, close + 2, end);
  }
  if (!isUpper(first)) return isLower(first) && isLevel(bytes, start, end);
  const second = bytes[start + 1]!;
  // klog (`E0102 …`) and the logger of Ruby (`E, [2026-…`).
  if (isDigit(second)) return isDigit(bytes[start + 4]!) && bytes[start + 5] === SPACE;
  if (second === 0x2c) return bytes[start + 2] === SPACE && bytes[start + 3] === 0x5b;
  // `Jan  2` and `Mon Jan`
  if (isLower(second) && isLower(bytes[start + 2]!) && bytes[start + 3] === SPACE) {
    const day = bytes[start + 4]!;
    return isDigit(day) || day === SPACE || (isUpper(day) && bytes[start + 7] === SPACE);
  }
  return isLevel(bytes, start, end);
}

/** `2026-01-02`, `2026/01/02`, `03:04:05`, `02/Jan/2026`, `02-Jan-2026`, or a Unix time of ten digits and more. */
function startsWithTime(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < 7 || !isDigit(bytes[at + 1]!)) return false;
  const third = bytes[at + 2]!;
  if (third === 0x3a) return isDigit(bytes[at + 3]!) && bytes[at + 5] === 0x3a;
  if (third === 0x2f || third === 0x2d) return isUpper(bytes[at + 3]!) || bytes[at + 5] === third;
  if (!isDigit(third) || !isDigit(bytes[at + 3]!)) return false;
  const fifth = bytes[at + 4]!;
  if (fifth === 0x2d || fifth === 0x2f || fifth === 0x2e) return isDigit(bytes[at + 5]!) && isDigit(bytes[at + 6]!);
  if (end - at < 10) return false;
  for (let i = 4; i < 10; i++) if (!isDigit(bytes[at + i]!)) return false;
  return true;
}
