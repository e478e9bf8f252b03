import { isDigit } from '../../bytes/digits.ts';
import {
  indentEnd,
  isRailsException,
  LineState,
  loggedState,
  prefix,
  startsWith,
} from '../../codec/stack-trace/line-shape.ts';
import { type Judge, Verdict } from './judge.ts';

const FROM = prefix('from ');
const IN = prefix(':in ');
const CAUSES = prefix('Causes:');
const SHORTENED = prefix('... ');

const { Plain: PLAIN, Logged: LOGGED } = LineState;
/** The line of an exception; its message may have more lines. */
const EXCEPTION = 3;
const FRAMES = 4;
/** Behind `Causes:`, where Rails prints other exceptions. */
const CAUSES_NEXT = 5;

/**
 * Ruby and Rails: what an uncaught exception prints, frames behind a line that was logged, the exceptions of Rails with
 * the source lines of a template, and their causes. 25 ns for an ordinary line, 15 for a frame
 * (test/bench/micro/multiline.bench.ts).
 */
export const judgeRuby: Judge = (bytes, start, end, state) => {
  const at = indentEnd(bytes, start, end);
  if (at === end) return state < EXCEPTION ? Verdict.Start | PLAIN : Verdict.Maybe | state;
  if (startsWith(bytes, at, end, FROM) && at > start) return follow(state, FRAMES);
  const method = methodAt(bytes, at, end);
  if (method === end) return follow(state, FRAMES);
  // `app.rb:1:in 'run': text (RuntimeError)`
  if (method > 0) return Verdict.Start | EXCEPTION;
  if (isRailsException(bytes, at, end)) {
    return (state === LOGGED || state === CAUSES_NEXT ? Verdict.Join : Verdict.Start) | EXCEPTION;
  }
  if (state === FRAMES) {
    if (startsWith(bytes, at, end, CAUSES)) return Verdict.Join | CAUSES_NEXT;
    if (startsWith(bytes, at, end, SHORTENED)) return Verdict.Join | FRAMES;
  }
  const logged = loggedState(bytes, start, end);
  if (logged !== 0) return Verdict.Start | logged;
  return state === EXCEPTION ? Verdict.Maybe | EXCEPTION : Verdict.Start | PLAIN;
};

function follow(state: number, next: number): number {
  return (state === 0 ? Verdict.Start : Verdict.Join) | next;
}

/** How long the path of a frame may be, so that a long line costs no more. */
const MAX_PATH_LENGTH = 512;

/**
 * Where the name of a method ends in `path.rb:12:in 'name'`; `end` where that is the whole line, -1: there is none.
 * A path with blanks is known only in a frame, which ends with the name.
 */
function methodAt(bytes: Buffer, at: number, end: number): number {
  const bound = Math.min(end - IN.length, at + MAX_PATH_LENGTH);
  const isFrame = bytes[end - 1] === 0x27;
  for (let i = at + 2; i < bound; i++) {
    if (!isFrame && bytes[i] === 0x20) return -1;
    if (bytes[i] !== 0x3a || bytes[i + 1] !== 0x69 || !isDigit(bytes[i - 1]!) || !startsWith(bytes, i, end, IN))
      continue;
    const quote = bytes[i + IN.length];
    // Before Ruby 3.4 the first quote was a backtick.
    if (quote !== 0x60 && quote !== 0x27) return -1;
    for (let to = i + IN.length + 1; to < end; to++) if (bytes[to] === 0x27) return to + 1;
    return -1;
  }
  return -1;
}
