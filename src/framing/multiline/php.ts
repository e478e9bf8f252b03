import { isDigit } from '../../bytes/digits.ts';
import { indentEnd, indexOfWithin, isLogged, prefix, startsWith } from '../../codec/stack-trace/line-shape.ts';
import { type Judge, Verdict } from './judge.ts';

const PHP = prefix('PHP ');
const UNCAUGHT = prefix('Uncaught ');
const STACK_TRACE = prefix('Stack trace:');
const LARAVEL_TRACE = prefix('[stacktrace]');
const LARAVEL_PREVIOUS = prefix('[previous exception]');
const LARAVEL_END = prefix('"}');
const THROWN_IN = prefix('thrown in ');
const NEXT = prefix('Next ');

/** `Uncaught` stands in the first words of a line, behind the time and the kind of error. */
const UNCAUGHT_WITHIN = 96;

/** An ordinary line, or one that was logged. */
const PLAIN = 1;
/** The line of an exception; its message may have more lines. */
const EXCEPTION = 2;
const FRAMES = 3;

/**
 * PHP, Laravel and Symfony: errors of PHP itself with their stack trace and `Next …` for each previous exception, and
 * traces behind a line that was logged. 14 ns for an ordinary line, 10 for a frame
 * (test/bench/micro/multiline.bench.ts).
 */
export const judgePhp: Judge = (bytes, start, end, state) => {
  const at = indentEnd(bytes, start, end);
  if (at === end) return state < EXCEPTION ? Verdict.Start | PLAIN : Verdict.Maybe | state;
  const first = bytes[at]!;
  const isOpen = state !== 0;
  if (first === 0x23 && isDigit(bytes[at + 1]!)) return (isOpen ? Verdict.Join : Verdict.Start) | FRAMES;
  if (isOpen) {
    const isTrace = startsWith(bytes, at, end, STACK_TRACE) || startsWith(bytes, at, end, LARAVEL_TRACE);
    if (isTrace || isPhpTrace(bytes, at, end)) return Verdict.Join | FRAMES;
    if (startsWith(bytes, at, end, LARAVEL_PREVIOUS)) return Verdict.Join | EXCEPTION;
  }
  if (state === FRAMES) {
    if (at > start && startsWith(bytes, at, end, THROWN_IN)) return Verdict.Join | Verdict.Ends | FRAMES;
    if (startsWith(bytes, at, end, NEXT)) return Verdict.Join | EXCEPTION;
    if (startsWith(bytes, at, end, LARAVEL_END)) return Verdict.Join | Verdict.Ends | FRAMES;
  }
  const bound = Math.min(end, at + UNCAUGHT_WITHIN);
  if ((first === 0x50 || first === 0x5b || first === 0x46) && indexOfWithin(bytes, at, bound, UNCAUGHT) !== -1) {
    return Verdict.Start | EXCEPTION;
  }
  if (state === EXCEPTION && !isLogged(bytes, start, end)) return Verdict.Maybe | EXCEPTION;
  return Verdict.Start | PLAIN;
};

/** `PHP Stack trace:` and `PHP   1. {main}() /app/index.php:0` */
function isPhpTrace(bytes: Buffer, start: number, end: number): boolean {
  if (!startsWith(bytes, start, end, PHP)) return false;
  const at = indentEnd(bytes, start + PHP.length, end);
  return startsWith(bytes, at, end, STACK_TRACE) || (at < end && isDigit(bytes[at]!));
}
