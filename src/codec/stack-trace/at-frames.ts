import { isDigit } from '../../bytes/digits.ts';
import type { ExceptionSpans } from './exception-spans.ts';
import {
  errorCodeEnd,
  indentEnd,
  indexOfWithin,
  isExceptionName,
  isLogged,
  isUpper,
  nameEnd,
  prefix,
  startsWith,
  startsWithException,
} from './line-shape.ts';
import { lineEnd, lineStart, trimmedEnd } from './lines.ts';

const AT = prefix('at ');
const EVAL_AT = prefix('eval at ');
const INNER = prefix(' ---> ');
const IN_THREAD = prefix('Exception in thread "');
const UNHANDLED = ['Unhandled exception. ', 'Unhandled Exception: ', 'Uncaught '].map(prefix);
const THREAD_STATE = prefix('java.lang.Thread.State');
const NEXT_EXCEPTION = ['Caused by: ', 'Suppressed: ', 'Wrapped by: ', '---> '].map(prefix);

/** Names of exceptions that are words, too. */
const WORDS = ['Error', 'Exception'].map(prefix);

const COLON = 0x3a;
const POINT = 0x2e;
const BLANK = 0x20;
const BRACKET = 0x5b;

/** Whether the line is a frame as Java, .NET and V8 write it: `at com.acme.Shop.main(Shop.java:12)`. */
export function isAtFrame(bytes: Uint8Array, at: number, end: number): boolean {
  if (!startsWith(bytes, at, end, AT) && !startsWith(bytes, at, end, EVAL_AT)) return false;
  // Of "at 10:30 (see below)" the digit tells it.
  if (isDigit(bytes[at + AT.length]!)) return false;
  for (let i = at + AT.length + 1; i < end; i++) {
    // `(Shop.java:12)`, `node:internal/main:51:3`
    if (bytes[i] === 0x28 || (bytes[i] === COLON && isDigit(bytes[i + 1]!))) return true;
  }
  return false;
}

/**
 * Finds the exception whose first frame stands on the line at `frame`, for Java, .NET and V8: the first line above it that
 * begins with one; else the last one named on the line above it; else that line is the message. `Error` and `Exception`
 * are also what people log before an exception: one that follows goes before a line of such a word alone, and one of a
 * package before any. O(bytes before it).
 */
export function findAboveFrames(bytes: Uint8Array, start: number, frame: number, into: ExceptionSpans): boolean {
  let wordLine = -1;
  let wordAt = -1;
  let isAlone = false;
  for (let line = start; line < frame; ) {
    const to = lineEnd(bytes, line, frame);
    const end = trimmedEnd(bytes, line, to);
    const at = nameStart(bytes, indentEnd(bytes, line, end), end);
    if (startsWithError(bytes, at, end)) {
      const name = nameEnd(bytes, at, end, 0);
      const isTaken = wordLine < 0 ? !isWord(bytes, at, name) : isAlone || bytes[name] === POINT;
      if (isTaken) return setException(bytes, line, at, frame, into);
      if (wordLine < 0) {
        wordLine = line;
        wordAt = at;
        isAlone = name === end;
      }
    }
    line = to + 1;
  }
  if (wordLine >= 0) return setException(bytes, wordLine, wordAt, frame, into);
  if (frame === start) return false;
  const end = trimmedEnd(bytes, start, frame);
  const above = lineStart(bytes, end, start);
  const named = lastNamed(bytes, above, end);
  if (named >= 0) return setException(bytes, named, named, frame, into);
  const at = indentEnd(bytes, above, end);
  const to = nameEnd(bytes, at, end, POINT);
  if (isUpper(bytes[at]!) && to < end && bytes[to] === COLON) return setException(bytes, above, at, frame, into);
  // What a logger wrote is no message of an exception, and the head of a dump of threads neither.
  if (isLogged(bytes, above, end) || startsWith(bytes, at, end, THREAD_STATE)) return false;
  return into.set(bytes, above, at, at, at, end);
}

function isWord(bytes: Uint8Array, at: number, end: number): boolean {
  return WORDS.some((word) => end - at === word.length && startsWith(bytes, at, end, word));
}

/** Behind `Exception in thread "main" ` and the like. */
function nameStart(bytes: Uint8Array, at: number, end: number): number {
  if (startsWith(bytes, at, end, IN_THREAD)) {
    let quote = at + IN_THREAD.length;
    while (quote < end && bytes[quote] !== 0x22) quote++;
    return Math.min(quote + 2, end);
  }
  for (const words of UNHANDLED) if (startsWith(bytes, at, end, words)) return at + words.length;
  return at;
}

/** `TypeError: text`, `AssertionError [ERR_ASSERTION]: text`, `com.acme.Failed: text`, or a name alone. */
function startsWithError(bytes: Uint8Array, at: number, end: number): boolean {
  return startsWithException(bytes, at, end) && !startsWith(bytes, at, end, THREAD_STATE);
}

/** Where the last name of an exception with a colon behind it starts, or -1. */
function lastNamed(bytes: Uint8Array, start: number, end: number): number {
  let found = -1;
  for (let at = start; at < end; ) {
    const to = nameEnd(bytes, at, end, POINT);
    if (to > at && isExceptionName(bytes, at, to)) {
      const isNamed = to === end || bytes[to] === COLON || errorCodeEnd(bytes, to, end) >= 0;
      if (isNamed && (at === start || bytes[at - 1] === BLANK)) found = at;
    }
    at = to + 1;
  }
  return found;
}

/** Sets the exception whose name starts at `at`; its message may go on up to the first frame. */
function setException(bytes: Uint8Array, trace: number, at: number, frame: number, into: ExceptionSpans): boolean {
  const end = nameEnd(bytes, at, frame, POINT);
  let message = Math.max(end, errorCodeEnd(bytes, end, frame));
  if (bytes[message] === BLANK && bytes[message + 1] === BRACKET) {
    while (message < frame && bytes[message] !== 0x5d) message++;
    message++;
  }
  // A name alone ends its line.
  if (bytes[message] === COLON) message++;
  return into.set(bytes, trace, at, end, message, messageEnd(bytes, message, frame));
}

/** Where the message ends that starts at `at`: before the exception that caused this one, or before the frames. */
function messageEnd(bytes: Uint8Array, at: number, frame: number): number {
  const first = lineEnd(bytes, at, frame);
  const inner = indexOfWithin(bytes, at, first, INNER);
  if (inner >= 0) return inner;
  for (let line = first + 1; line < frame; line = lineEnd(bytes, line, frame) + 1) {
    const text = indentEnd(bytes, line, frame);
    if (NEXT_EXCEPTION.some((words) => startsWith(bytes, text, frame, words))) return line;
  }
  return frame;
}
