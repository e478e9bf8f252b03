import { isDigit } from '../../bytes/digits.ts';
import type { ExceptionSpans } from './exception-spans.ts';
import { indexOfWithin, isExceptionName, nameEnd, prefix, startsWith } from './line-shape.ts';
import { lastIndexOfWithin, lineStart, trimmedEnd } from './lines.ts';

const STACK_TRACE = prefix('Stack trace:');
const LARAVEL_TRACE = prefix('[stacktrace]');
const UNCAUGHT = prefix('Uncaught ');
const OLD_NAME = prefix("exception '");
const OLD_MESSAGE = prefix("' with message '");
const IN = prefix(' in ');
const OBJECT = prefix('[object] (');
const CODE = prefix('(code: ');
const CODE_END = prefix('): ');
const AT = prefix(' at ');
const NEXT = prefix('\nNext ');

const BACKSLASH = 0x5c;
const COLON = 0x3a;
const BLANK = 0x20;
const QUOTE = 0x27;

/** Whether the line begins the trace of PHP, or of Laravel. */
export function isPhpTrace(bytes: Uint8Array, at: number, end: number): boolean {
  return startsWith(bytes, at, end, STACK_TRACE) || startsWith(bytes, at, end, LARAVEL_TRACE);
}

/**
 * Finds the exception of the text `bytes[start, end)` whose line `Stack trace:` or `[stacktrace]` starts at `frame`: one
 * that nobody caught, one of Laravel, or one that was logged as it is. PHP writes what caused it first and itself last,
 * behind `Next `. O(bytes).
 */
export function findByPhpTrace(
  bytes: Uint8Array,
  start: number,
  frame: number,
  end: number,
  into: ExceptionSpans,
): boolean {
  const above = trimmedEnd(bytes, start, frame);
  const uncaught = indexOfWithin(bytes, start, above, UNCAUGHT);
  const object = uncaught < 0 ? lastIndexOfWithin(bytes, start, above, OBJECT) : -1;
  if (object >= 0) return setLaravel(bytes, start, object + OBJECT.length, above, into);
  const head = uncaught < 0 ? loggedName(bytes, start, above) : uncaught + UNCAUGHT.length;
  if (head < 0) return false;
  const next = lastNext(bytes, frame, end);
  if (next < 0) return setThrown(bytes, head, head, above, into);
  return setThrown(bytes, head, next, trimmedEnd(bytes, next, indexOfWithin(bytes, next, end, STACK_TRACE)), into);
}

/** Where the name of the exception starts that stands behind a blank or a line end, with its place at `end`; or -1. */
function loggedName(bytes: Uint8Array, start: number, end: number): number {
  if (placeStart(bytes, start, end, IN) === end) return -1;
  for (let at = start; at < end; ) {
    const to = nameEnd(bytes, at, end, BACKSLASH);
    const isName = to > at && to < end && bytes[to] === COLON && isExceptionName(bytes, at, to);
    if (isName && (at === start || bytes[at - 1]! <= BLANK)) return at;
    at = to + 1;
  }
  return -1;
}

/** Where the name behind the last `Next ` starts that has a trace of its own, or -1. */
function lastNext(bytes: Uint8Array, start: number, end: number): number {
  const trace = lastIndexOfWithin(bytes, start, end, STACK_TRACE);
  const next = trace < 0 ? -1 : lastIndexOfWithin(bytes, start, trace, NEXT);
  return next < 0 ? -1 : next + NEXT.length;
}

/**
 * `RuntimeException: text in /app/a.php:3` at `at`, or `exception 'RuntimeException' with message 'text' in …` of PHP 5.
 * The trace begins at `trace`.
 */
function setThrown(bytes: Uint8Array, trace: number, at: number, end: number, into: ExceptionSpans): boolean {
  const place = placeStart(bytes, at, end, IN);
  if (startsWith(bytes, at, end, OLD_NAME)) {
    const name = at + OLD_NAME.length;
    const nameTo = indexOfWithin(bytes, name, place, OLD_MESSAGE);
    if (nameTo < 0) return false;
    const message = nameTo + OLD_MESSAGE.length;
    return into.set(bytes, trace, name, nameTo, message, bytes[place - 1] === QUOTE ? place - 1 : place);
  }
  const nameTo = nameEnd(bytes, at, place, BACKSLASH);
  return into.set(bytes, trace, at, nameTo, bytes[nameTo] === COLON ? nameTo + 1 : nameTo, place);
}

/** `RuntimeException(code: 0): text at /app/a.php:3)` */
function setLaravel(bytes: Uint8Array, start: number, at: number, end: number, into: ExceptionSpans): boolean {
  const name = nameEnd(bytes, at, end, BACKSLASH);
  const message = startsWith(bytes, name, end, CODE) ? indexOfWithin(bytes, name, end, CODE_END) : -1;
  if (message < 0) return false;
  const to = bytes[end - 1] === 0x29 ? end - 1 : end;
  const trace = lineStart(bytes, at, start);
  return into.set(bytes, trace, at, name, message + CODE_END.length, placeStart(bytes, message, to, AT));
}

/** Where ` in /app/a.php:3` starts, at the end of the text; `end` if there is none. */
function placeStart(bytes: Uint8Array, start: number, end: number, word: Uint8Array): number {
  let at = end;
  while (at > start && isDigit(bytes[at - 1]!)) at--;
  if (at === end || bytes[at - 1] !== COLON) return end;
  const place = lastIndexOfWithin(bytes, start, at, word);
  return place < 0 ? end : place;
}
