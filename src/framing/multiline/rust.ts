import { digitsEnd } from '../../bytes/digits.ts';
import { indentEnd, indexOfWithin, isLogged, prefix, startsWith } from '../../codec/stack-trace/line-shape.ts';
import { type Judge, Verdict } from './judge.ts';

const THREAD = prefix("thread '");
const PANICKED_AT = prefix(' panicked at ');
const STACK_BACKTRACE = prefix('stack backtrace:');
const ANYHOW_BACKTRACE = prefix('Stack backtrace:');
const NOTE = prefix('note: ');
const AT = prefix('at ');
const ERROR = prefix('Error: ');
const CAUSED_BY = prefix('Caused by:');
const LOCATION = prefix('Location:');

/** An ordinary line, or one that was logged. */
const PLAIN = 1;
/** `thread 'main' panicked at src/main.rs:2:5:`; the message is on the next line. */
const PANICKED = 2;
/** The message of a panic, which may have more lines. */
const MESSAGE = 3;
/** The frames of a backtrace. */
const FRAMES = 4;
/** What `main` returned: `Error: …`, as anyhow and eyre print it, with its causes. */
const RETURNED = 5;

/**
 * Rust: panics with a message of any number of lines, the backtrace and its notes, and the errors of anyhow and eyre
 * with their causes. 10 ns for an ordinary line, 9 for a frame (test/bench/micro/multiline.bench.ts).
 */
export const judgeRust: Judge = (bytes, start, end, state) => {
  const isTrace = state >= PANICKED;
  const at = indentEnd(bytes, start, end);
  if (at === end) return isTrace ? Verdict.Maybe | state : Verdict.Start | PLAIN;
  if (at > start) return judgeIndented(bytes, at, end, state);
  const first = bytes[at]!;
  if (first === 0x74 && startsWith(bytes, at, end, THREAD)) {
    const isPanic = indexOfWithin(bytes, at, end, PANICKED_AT) !== -1;
    // Up to Rust 1.72 the message stood on the same line.
    if (isPanic) return Verdict.Start | (bytes[end - 1] === 0x3a ? PANICKED : MESSAGE);
  }
  if (startsWith(bytes, at, end, ERROR)) return Verdict.Start | RETURNED;
  if (isTrace) {
    if (startsWith(bytes, at, end, STACK_BACKTRACE) || startsWith(bytes, at, end, ANYHOW_BACKTRACE)) {
      return Verdict.Join | FRAMES;
    }
    if (startsWith(bytes, at, end, NOTE)) return Verdict.Join | state;
    if (startsWith(bytes, at, end, CAUSED_BY) || startsWith(bytes, at, end, LOCATION)) return Verdict.Join | RETURNED;
  }
  if (state === PANICKED) return Verdict.Join | MESSAGE;
  if (state !== MESSAGE) return Verdict.Start | PLAIN;
  // Where a logger goes on, the lines behind the panic were its message.
  return isLogged(bytes, start, end) ? Verdict.Start | Verdict.Confirms | PLAIN : Verdict.Maybe | MESSAGE;
};

function judgeIndented(bytes: Buffer, at: number, end: number, state: number): number {
  if (state === PANICKED || state === MESSAGE) return Verdict.Join | MESSAGE;
  if (state === RETURNED) return Verdict.Join | RETURNED;
  if (state !== FRAMES) return Verdict.Start | PLAIN;
  const number = digitsEnd(bytes, at, end);
  const isFrame = (number > at && bytes[number] === 0x3a) || startsWith(bytes, at, end, AT);
  return isFrame ? Verdict.Join | FRAMES : Verdict.Start | PLAIN;
}
