import { isDigit } from '../../bytes/digits.ts';
import type { ExceptionSpans } from './exception-spans.ts';
import { indexOfWithin, nameEnd, prefix, startsWith } from './line-shape.ts';
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

const BACKSLASH = 0x5c;
const COLON = 0x3a;
const QUOTE = 0x27;

/** Whether the line begins the trace of PHP, or of Laravel. */
export function isPhpTrace(bytes: Uint8Array, at: number, end: number): boolean {
  return startsWith(bytes, at, end, STACK_TRACE) || startsWith(bytes, at, end, LARAVEL_TRACE);
}

/** Finds the exception above the line `Stack trace:` or `[stacktrace]`, which starts at `frame`. O(bytes before it). */
export function findAbovePhpTrace(bytes: Uint8Array, start: number, frame: number, into: ExceptionSpans): boolean {
  const end = trimmedEnd(bytes, start, frame);
  const uncaught = indexOfWithin(bytes, start, end, UNCAUGHT);
  if (uncaught >= 0) return setUncaught(bytes, uncaught + UNCAUGHT.length, end, into);
  const object = lastIndexOfWithin(bytes, start, end, OBJECT);
  return object >= 0 && setLaravel(bytes, start, object + OBJECT.length, end, into);
}

/** `RuntimeException: text in /app/a.php:3`, or `exception 'RuntimeException' with message 'text' in …` of PHP 5. */
function setUncaught(bytes: Uint8Array, at: number, end: number, into: ExceptionSpans): boolean {
  const place = placeStart(bytes, at, end, IN);
  if (startsWith(bytes, at, end, OLD_NAME)) {
    const name = at + OLD_NAME.length;
    const nameTo = indexOfWithin(bytes, name, place, OLD_MESSAGE);
    if (nameTo < 0) return false;
    const message = nameTo + OLD_MESSAGE.length;
    return into.set(bytes, at, name, nameTo, message, bytes[place - 1] === QUOTE ? place - 1 : place);
  }
  const nameTo = nameEnd(bytes, at, place, BACKSLASH);
  return into.set(bytes, at, at, nameTo, bytes[nameTo] === COLON ? nameTo + 1 : nameTo, place);
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
