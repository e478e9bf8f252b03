import { digitsEnd } from '../../bytes/digits.ts';
import type { ExceptionSpans } from './exception-spans.ts';
import { isExceptionName, nameEnd, prefix, startsWith } from './line-shape.ts';
import { lineEnd, lineStart, trimmedEnd } from './lines.ts';

const UNHANDLED = prefix('Unhandled exception:');
/** Behind the number of a frame. */
const BLANKS = prefix('   ');

const COLON = 0x3a;

/** Whether the line is the first frame of a trace of Dart: `#0      main (file:///app/main.dart:3:5)`. */
export function isDartFrame(bytes: Uint8Array, at: number, end: number): boolean {
  return bytes[at] === 0x23 && bytes[at + 1] === 0x30 && startsWith(bytes, digitsEnd(bytes, at + 1, end), end, BLANKS);
}

/**
 * Finds the exception above the frame at `frame`: all lines behind `Unhandled exception:`, or the line above. It has a
 * type where the text begins with one. O(bytes before the frame).
 */
export function findAboveDartFrame(bytes: Uint8Array, start: number, frame: number, into: ExceptionSpans): boolean {
  const end = trimmedEnd(bytes, start, frame);
  let trace = lineStart(bytes, end, start);
  let at = trace;
  for (let line = start; line < end; line = lineEnd(bytes, line, end) + 1) {
    if (!startsWith(bytes, line, end, UNHANDLED)) continue;
    trace = line;
    at = Math.min(lineEnd(bytes, line, end) + 1, end);
    break;
  }
  const to = nameEnd(bytes, at, lineEnd(bytes, at, end), 0);
  const isName = to > at && isExceptionName(bytes, at, to) && (to >= end || bytes[to] === COLON || bytes[to] === 0x0a);
  return isName ? into.set(bytes, trace, at, to, to + 1, end) : into.set(bytes, trace, at, at, at, end);
}
