import {
  indentEnd,
  LineState,
  loggedState,
  prefix,
  startsWith,
  startsWithException,
} from '../../codec/stack-trace/line-shape.ts';
import { type Judge, Verdict } from './judge.ts';

const AT = prefix('at ');
const END_OF = prefix('--- End of ');
const INNER = prefix('---> ');
/** What exceptions of SQL Server write behind their frames. */
const BEHIND_FRAMES = [
  'ClientConnectionId:',
  'Error Number:',
  'ClientConnectionId before routing:',
  'Routing Destination:',
].map(prefix);
const UNHANDLED = prefix('Unhandled exception. ');
const UNHANDLED_IN_FRAMEWORK = prefix('Unhandled Exception: ');

/** How far the console logger of .NET indents what belongs to a line. */
const CONSOLE_INDENT = 6;

const { Plain: PLAIN, Logged: LOGGED } = LineState;
/** The line of an exception; its message may have more lines. */
const EXCEPTION = 3;
const FRAMES = 4;

/**
 * .NET: the line that was logged, also as its console logger writes it over several lines, the exception with a message
 * of any number of lines, inner exceptions, and frames with the marks between them. 21 ns for an ordinary line, 17 for a
 * frame (test/bench/micro/multiline.bench.ts).
 */
export const judgeDotnet: Judge = (bytes, start, end, state) => {
  const at = indentEnd(bytes, start, end);
  if (at === end) {
    // A blank line of a text that the console logger indents.
    if (at - start >= CONSOLE_INDENT && state >= LOGGED) return Verdict.Join | state;
    return state < EXCEPTION ? Verdict.Start | PLAIN : Verdict.Maybe | state;
  }
  const first = bytes[at]!;
  if (first === 0x2d && startsWith(bytes, at, end, END_OF)) return follow(state, FRAMES);
  if (first === 0x2d && startsWith(bytes, at, end, INNER)) return follow(state, EXCEPTION);
  if (at > start) {
    if (first === 0x61 && startsWith(bytes, at, end, AT)) return follow(state, FRAMES);
    if (at - start >= CONSOLE_INDENT && state >= LOGGED) return Verdict.Join | state;
    return state === EXCEPTION ? Verdict.Maybe | EXCEPTION : Verdict.Start | PLAIN;
  }
  if (first === 0x55) {
    const isUnhandled = startsWith(bytes, at, end, UNHANDLED) || startsWith(bytes, at, end, UNHANDLED_IN_FRAMEWORK);
    if (isUnhandled) return Verdict.Start | EXCEPTION;
  }
  if (state === FRAMES && BEHIND_FRAMES.some((words) => startsWith(bytes, at, end, words)))
    return Verdict.Join | FRAMES;
  if (startsWithException(bytes, at, end)) return (state === LOGGED ? Verdict.Join : Verdict.Start) | EXCEPTION;
  const logged = loggedState(bytes, start, end);
  if (logged !== 0) return Verdict.Start | logged;
  return state === EXCEPTION ? Verdict.Maybe | EXCEPTION : Verdict.Start | PLAIN;
};

function follow(state: number, next: number): number {
  return (state === 0 ? Verdict.Start : Verdict.Join) | next;
}
