import { isDigit } from '../../bytes/digits.ts';
import { indentEnd, isLogged, prefix, startsWith } from '../../codec/stack-trace/line-shape.ts';
import { type Judge, Verdict } from './judge.ts';

const UNHANDLED = prefix('Unhandled exception:');
const SUSPENSION = prefix('<asynchronous suspension>');

/** An ordinary line, or one that was logged. */
const PLAIN = 1;
/** `Unhandled exception:`; its text is on the next lines. */
const UNHANDLED_NEXT = 2;
/** The text of the exception, which may have more lines. */
const EXCEPTION = 3;
const FRAMES = 4;

/**
 * Dart: unhandled exceptions with a text of any number of lines, and frames behind any line. 8 ns for an ordinary line,
 * 11 for a frame (test/bench/micro/multiline.bench.ts).
 */
export const judgeDart: Judge = (bytes, start, end, state) => {
  const at = indentEnd(bytes, start, end);
  if (at === end) return state < UNHANDLED_NEXT ? Verdict.Start | PLAIN : Verdict.Maybe | state;
  const first = bytes[at]!;
  if (first === 0x23 && isDigit(bytes[at + 1]!)) return (state === 0 ? Verdict.Start : Verdict.Join) | FRAMES;
  if (first === 0x55 && startsWith(bytes, at, end, UNHANDLED)) return Verdict.Start | UNHANDLED_NEXT;
  if (state === FRAMES && startsWith(bytes, at, end, SUSPENSION)) return Verdict.Join | FRAMES;
  if (state === UNHANDLED_NEXT) return Verdict.Join | EXCEPTION;
  return state === EXCEPTION && !isLogged(bytes, start, end) ? Verdict.Maybe | EXCEPTION : Verdict.Start | PLAIN;
};
