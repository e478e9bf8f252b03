import { isDigit } from '../../bytes/digits.ts';
import {
  indentEnd,
  indexOfWithin,
  isLevel,
  LineState,
  loggedState,
  prefix,
  startsWith,
  startsWithException,
} from '../../codec/stack-trace/line-shape.ts';
import { type Judge, Verdict } from './judge.ts';

const AT = prefix('at ');
const ELLIPSIS = prefix('... ');
const CAUSED_BY = prefix('Caused by: ');
const WRAPPED_BY = prefix('Wrapped by: ');
const SUPPRESSED = prefix('Suppressed: ');
const CIRCULAR = prefix('[CIRCULAR REFERENCE');
const IN_THREAD = prefix('Exception in thread "');
const NESTED = prefix('nested exception');
/** What stands around `APPLICATION FAILED TO START`. */
const STARS = prefix('***************************');

const { Plain: PLAIN, Logged: LOGGED } = LineState;
/** The line of an exception; its message may have more lines. */
const EXCEPTION = 3;
const FRAMES = 4;
/** `nested exception is:`: the line of another exception follows. */
const NESTED_NEXT = 5;
/** The first of the two lines of java.util.logging. */
const JUL_DATE = 6;
/** Why Spring Boot did not start, up to two blank lines; and behind one of them. */
const REPORT = 7;
const REPORT_BLANK = 8;

/**
 * Java, Kotlin and Scala: the line that was logged, the exception with a message of any number of lines, its frames,
 * `Caused by:`, `Suppressed:`, `... 12 more`, nested exceptions of JavaMail, both lines of java.util.logging, and why
 * Spring Boot did not start. 20 ns for an ordinary line, 15 for a frame (test/bench/micro/multiline.bench.ts).
 */
export const judgeJava: Judge = (bytes, start, end, state) => {
  const at = indentEnd(bytes, start, end);
  if (state >= REPORT) {
    if (at === end) return state === REPORT ? Verdict.Maybe | REPORT_BLANK : Verdict.Start | PLAIN;
    const next = loggedState(bytes, start, end);
    return next === 0 ? Verdict.Join | REPORT : Verdict.Start | next;
  }
  if (at > start && at < end) return judgeIndented(bytes, at, end, state);
  // Spring Boot writes a blank line between the line that was logged and the exception.
  if (at === end) return state <= PLAIN ? Verdict.Start | PLAIN : Verdict.Maybe | state;
  const first = bytes[at]!;
  if (first === 0x43 && startsWith(bytes, at, end, CAUSED_BY)) return follow(state, EXCEPTION);
  if (first === 0x57 && startsWith(bytes, at, end, WRAPPED_BY)) return follow(state, EXCEPTION);
  if (first === 0x2a && state === LOGGED && startsWith(bytes, at, end, STARS)) return Verdict.Join | REPORT;
  if (state === JUL_DATE && isLevel(bytes, at, end)) return Verdict.Join | LOGGED;
  if (first === 0x45 && startsWith(bytes, at, end, IN_THREAD)) return Verdict.Start | EXCEPTION;
  if (startsWithException(bytes, at, end)) {
    return (state === LOGGED || state === NESTED_NEXT ? Verdict.Join : Verdict.Start) | EXCEPTION;
  }
  const logged = loggedState(bytes, start, end);
  if (logged !== 0) return Verdict.Start | (isJulDate(bytes, start, end) ? JUL_DATE : logged);
  return state === EXCEPTION || state === NESTED_NEXT ? Verdict.Maybe | EXCEPTION : Verdict.Start | PLAIN;
};

function judgeIndented(bytes: Buffer, at: number, end: number, state: number): number {
  const first = bytes[at]!;
  const isFrame =
    (first === 0x61 && startsWith(bytes, at, end, AT)) ||
    (first === 0x2e && startsWith(bytes, at, end, ELLIPSIS)) ||
    // `- locked <0x…>` and the like, in dumps of threads.
    (first === 0x2d && state === FRAMES);
  if (isFrame) return follow(state, FRAMES);
  if (startsWith(bytes, at, end, CAUSED_BY) || startsWith(bytes, at, end, SUPPRESSED)) return follow(state, EXCEPTION);
  if (startsWith(bytes, at, end, CIRCULAR)) return follow(state, FRAMES);
  if (state !== EXCEPTION && state !== NESTED_NEXT) return Verdict.Start | PLAIN;
  return startsWith(bytes, at, end, NESTED) ? Verdict.Join | NESTED_NEXT : Verdict.Maybe | EXCEPTION;
}

function follow(state: number, next: number): number {
  return (state === 0 ? Verdict.Start : Verdict.Join) | next;
}

const AM_PM_WITHIN = 28;
const AM = prefix(' AM ');
const PM = prefix(' PM ');

/** `Nov 20, 2026 12:35:39 PM Jul main` */
function isJulDate(bytes: Buffer, start: number, end: number): boolean {
  if (isDigit(bytes[start]!)) return false;
  const bound = Math.min(end, start + AM_PM_WITHIN);
  return indexOfWithin(bytes, start, bound, AM) !== -1 || indexOfWithin(bytes, start, bound, PM) !== -1;
}
