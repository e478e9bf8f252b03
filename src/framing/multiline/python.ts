import {
  endsWith,
  indentEnd,
  LineState,
  loggedState,
  nameEnd,
  prefix,
  startsWith,
} from '../../codec/stack-trace/line-shape.ts';
import { type Judge, Verdict } from './judge.ts';

const TRACEBACK = prefix('Traceback (most recent call last):');
const GROUP_TRACEBACK = prefix('+ Exception Group Traceback (most recent call last):');
const DURING = prefix('During handling of the above exception, another exception occurred:');
const DIRECT_CAUSE = prefix('The above exception was the direct cause of the following exception:');
const IN_THREAD = prefix('Exception in thread ');
const IGNORED = prefix('Exception ignored in');
const NEVER_RETRIEVED = prefix('Task exception was never retrieved');
const STACK = prefix('Stack (most recent call last):');
/** What asyncio logs on a line of its own behind a message. */
const SUBJECTS = ['future: <', 'task: <', 'handle: <'].map(prefix);
/** How Loguru writes the frame in which an exception was caught. */
const MARKED_FRAME = prefix('> File "');
const LOGGING_ERROR = prefix('--- Logging error ---');

const { Plain: PLAIN, Logged: LOGGED } = LineState;
const FRAMES = 3;
/** The line of the exception; its message may have more lines. */
const EXCEPTION = 4;
/** The traceback of an exception group, each line with a margin of `|` and `+`. */
const GROUP = 5;
/** Between two tracebacks of a chain. */
const CHAIN = 6;
/** The stack that a logger was asked for, which has no exception behind it. */
const STACK_FRAMES = 7;

/**
 * Python: the line that was logged, a traceback with its source lines and carets, the exception with a message of any
 * number of lines and its notes, chained exceptions, exception groups, what threads and asyncio announce, and the stack
 * that a logger was asked for. 15 ns for an ordinary line, 10 for a frame (test/bench/micro/multiline.bench.ts).
 */
export const judgePython: Judge = (bytes, start, end, state) => {
  const at = indentEnd(bytes, start, end);
  if (at === end) return judgeBlank(state);
  if (at > start) return judgeIndented(bytes, at, end, state);
  const first = bytes[at]!;
  if (first === 0x54) {
    if (startsWith(bytes, at, end, TRACEBACK)) return (continues(state) ? Verdict.Join : Verdict.Start) | FRAMES;
    if (startsWith(bytes, at, end, DIRECT_CAUSE)) return (state === 0 ? Verdict.Start : Verdict.Join) | CHAIN;
    if (startsWith(bytes, at, end, NEVER_RETRIEVED)) return Verdict.Start | LOGGED;
  } else if (first === 0x44) {
    if (startsWith(bytes, at, end, DURING)) return (state === 0 ? Verdict.Start : Verdict.Join) | CHAIN;
  } else if (first === 0x45 || first === 0x2d) {
    const announces =
      startsWith(bytes, at, end, IN_THREAD) ||
      startsWith(bytes, at, end, IGNORED) ||
      startsWith(bytes, at, end, LOGGING_ERROR);
    if (announces) return Verdict.Start | LOGGED;
  }
  if (state === LOGGED || state === EXCEPTION) {
    if (first === 0x53 && startsWith(bytes, at, end, STACK)) return Verdict.Join | STACK_FRAMES;
    if (state === LOGGED && bytes[end - 1] === 0x3e && isSubject(bytes, at, end)) return Verdict.Join | LOGGED;
  }
  if (state === FRAMES && first === 0x3e && startsWith(bytes, at, end, MARKED_FRAME)) return Verdict.Join | FRAMES;
  if (state === FRAMES && isException(bytes, at, end)) return Verdict.Join | EXCEPTION;
  const logged = loggedState(bytes, start, end);
  // Where a logger goes on, the lines behind the exception were its message.
  if (logged !== 0) return Verdict.Start | Verdict.Confirms | logged;
  return state === EXCEPTION ? Verdict.Maybe | EXCEPTION : Verdict.Start | PLAIN;
};

function judgeIndented(bytes: Buffer, at: number, end: number, state: number): number {
  const first = bytes[at]!;
  if (first === 0x2b && startsWith(bytes, at, end, GROUP_TRACEBACK)) {
    return (continues(state) || state === GROUP ? Verdict.Join : Verdict.Start) | GROUP;
  }
  if (state === GROUP) return first === 0x7c || first === 0x2b ? Verdict.Join | GROUP : Verdict.Start | PLAIN;
  if (state === FRAMES || state === STACK_FRAMES) return Verdict.Join | state;
  return state === EXCEPTION ? Verdict.Maybe | EXCEPTION : Verdict.Start | PLAIN;
}

function judgeBlank(state: number): number {
  if (state === 0 || state === PLAIN || state === LOGGED) return Verdict.Start | PLAIN;
  return (state === CHAIN ? Verdict.Join : Verdict.Maybe) | state;
}

function isSubject(bytes: Buffer, at: number, end: number): boolean {
  return SUBJECTS.some((subject) => startsWith(bytes, at, end, subject));
}

/** Whether a traceback that begins now belongs to what is open. */
function continues(state: number): boolean {
  return state === LOGGED || state === CHAIN;
}

const STOP = prefix('.');

/** `json.decoder.JSONDecodeError: text`, or the name alone. */
function isException(bytes: Buffer, at: number, end: number): boolean {
  const to = nameEnd(bytes, at, end, 0x2e);
  return to > at && (to === end || bytes[to] === 0x3a) && !endsWith(bytes, at, to, STOP);
}
