import { isDigit } from '../../bytes/digits.ts';
import {
  indentEnd,
  indexOfWithin,
  isExceptionName,
  isUpper,
  LineState,
  loggedState,
  nameEnd,
  prefix,
  startsWith,
} from '../../codec/stack-trace/line-shape.ts';
import { type Judge, Verdict } from './judge.ts';

const AT = prefix('at ');
const EVAL_AT = prefix('eval at ');
const ELLIPSIS = prefix('... ');
const UNCAUGHT = prefix('Uncaught ');
const VERSION = prefix('Node.js v');
const NODE_SAYS = prefix('(node:');
const USE_NODE = prefix('(Use `node ');
const CAUSE = prefix('[cause]: ');
const NODE = prefix('node:');
const FILE = prefix('file://');
const EVAL = prefix('[eval]');
const EVAL_MACHINE = prefix('evalmachine.');

const { Plain: PLAIN, Logged: LOGGED } = LineState;
/** Behind `/app/main.js:12`, which is followed by the source line, a caret and the error. */
const SOURCE = 3;
/** The line of an error; its message may have more lines. */
const ERROR = 4;
const FRAMES = 5;
/** Between the braces behind the frames, where the properties and the cause stand. */
const PROPERTIES = 6;
/** Behind a blank line: only the version of Node may follow. */
const LAST = 7;

/**
 * Node and other programs on V8: what an uncaught error prints, from the place in the source to the version; errors with
 * a message of any number of lines, properties, causes and the errors of an AggregateError; and frames behind any line.
 * 22 ns for an ordinary line, 15 for a frame (test/bench/micro/multiline.bench.ts).
 */
export const judgeNode: Judge = (bytes, start, end, state) => {
  const at = indentEnd(bytes, start, end);
  if (at === end) {
    if (state <= LOGGED) return Verdict.Start | PLAIN;
    return Verdict.Maybe | (state === FRAMES ? LAST : state);
  }
  if (at > start) return judgeIndented(bytes, at, end, state);
  const first = bytes[at]!;
  if (first === 0x7d && state === PROPERTIES && at + 1 === end) return Verdict.Join | FRAMES;
  if (first === 0x4e && (state === LAST || state === SOURCE) && startsWith(bytes, at, end, VERSION)) {
    return Verdict.Join | Verdict.Ends | LAST;
  }
  if (first === 0x28) {
    // `(node:7) Warning: text`, and (Use `node --trace-warnings ...` to show where the warning was created) behind it.
    if (startsWith(bytes, at, end, NODE_SAYS)) return Verdict.Start | PLAIN;
    if (state !== 0 && startsWith(bytes, at, end, USE_NODE)) return Verdict.Join | state;
  }
  // Without frames of its own an error is printed in brackets.
  const error = first === 0x5b ? at + 1 : at;
  if (isUpper(bytes[error]!) && startsWithError(bytes, error, end)) {
    const isOwn = state === LOGGED || state === SOURCE || state === PROPERTIES;
    return (isOwn ? Verdict.Join : Verdict.Start) | (bytes[end - 1] === 0x7b ? PROPERTIES : ERROR);
  }
  if (isPlace(bytes, at, end)) return Verdict.Start | SOURCE;
  const logged = loggedState(bytes, start, end);
  if (logged !== 0) return Verdict.Start | logged;
  return state === SOURCE || state === ERROR ? Verdict.Maybe | state : Verdict.Start | PLAIN;
};

function judgeIndented(bytes: Buffer, at: number, end: number, state: number): number {
  const isFrame = startsWith(bytes, at, end, AT) || startsWith(bytes, at, end, EVAL_AT);
  const isOpen = bytes[end - 1] === 0x7b;
  if (state === PROPERTIES) return Verdict.Join | PROPERTIES;
  if (isFrame) return (state === 0 ? Verdict.Start : Verdict.Join) | (isOpen ? PROPERTIES : FRAMES);
  if (state === FRAMES) {
    const isMore = startsWith(bytes, at, end, ELLIPSIS) || startsWith(bytes, at, end, CAUSE);
    return isMore ? Verdict.Join | (isOpen ? PROPERTIES : FRAMES) : Verdict.Start | PLAIN;
  }
  return state === SOURCE || state === ERROR ? Verdict.Maybe | state : Verdict.Start | PLAIN;
}

/** `TypeError: text`, `AssertionError [ERR_ASSERTION]: text`, `Uncaught Error: text`, or a name alone. */
function startsWithError(bytes: Buffer, start: number, end: number): boolean {
  const at = startsWith(bytes, start, end, UNCAUGHT) ? start + UNCAUGHT.length : start;
  const to = nameEnd(bytes, at, end, 0);
  if (to < end && bytes[to] !== 0x3a && !(bytes[to] === 0x20 && bytes[to + 1] === 0x5b)) return false;
  return isExceptionName(bytes, at, to);
}

/** `/app/main.js:12`, `node:internal/fs:573`, `file:///app/main.mjs:3`, `[eval]:1`, `C:\app\main.js:12`. */
function isPlace(bytes: Buffer, start: number, end: number): boolean {
  let at = end;
  while (at > start && isDigit(bytes[at - 1]!)) at--;
  if (at === end || bytes[at - 1] !== 0x3a) return false;
  const first = bytes[start]!;
  const isPath = first === 0x2f || (isUpper(first) && bytes[start + 1] === 0x3a && bytes[start + 2] === 0x5c);
  if (isPath || startsWith(bytes, start, end, NODE) || startsWith(bytes, start, end, FILE)) return true;
  if (startsWith(bytes, start, end, EVAL) || startsWith(bytes, start, end, EVAL_MACHINE)) return true;
  return first === 0x3c && indexOfWithin(bytes, start, at, GREATER) !== -1;
}

const GREATER = prefix('>');
