import { isDigit } from '../../bytes/digits.ts';
import {
  indentEnd,
  indexOfWithin,
  LineState,
  loggedState,
  prefix,
  startsWith,
} from '../../codec/stack-trace/line-shape.ts';
import { type Judge, Verdict } from './judge.ts';

const PANIC = prefix('panic: ');
const FATAL_ERROR = prefix('fatal error: ');
const RUNTIME = prefix('runtime: ');
const UNEXPECTED = prefix('unexpected fault address ');
const SIGNAL = prefix('SIG');
const GOROUTINE = prefix('goroutine ');
const RUNTIME_STACK = prefix('runtime stack:');
const CREATED_BY = prefix('created by ');
const ELIDED = prefix('...');
const EXIT_STATUS = prefix('exit status ');
const COLON_BLANK = prefix(': ');
const TAB = 0x09;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;

const TRACE = prefix('Trace[');

const { Plain: PLAIN, Logged: LOGGED } = LineState;
/** The line of a panic or of a fatal error; its text may have more lines. */
const PANICKED = 3;
const FRAMES = 4;
/** Behind the frames of a goroutine: another one may follow, or what the registers held. */
const BETWEEN = 5;

/** Behind `key=<`, where klog writes a text of several lines, each behind a tab, up to ` >`. */
const BLOCK = 6;

/**
 * Go: panics, fatal errors and signals with the stacks of all goroutines, stacks behind a line that was logged, as
 * net/http writes them, and what klog writes over several lines: texts, and the steps of a trace. 16 ns for an ordinary
 * line, 20 for a frame (test/bench/micro/multiline.bench.ts).
 */
export const judgeGo: Judge = (bytes, start, end, state) => {
  const at = indentEnd(bytes, start, end);
  if (state === BLOCK) {
    if (bytes[start] === TAB && end > start) return Verdict.Join | BLOCK;
    if (at > start && at < end && bytes[at] === GREATER) return Verdict.Join | behindLogged(bytes, end);
    state = LOGGED;
  }
  const isTrace = state >= PANICKED;
  if (at === end) {
    if (!isTrace) return Verdict.Start | PLAIN;
    return Verdict.Maybe | (state === FRAMES ? BETWEEN : state);
  }
  if (at > start) return (isTrace ? Verdict.Join : Verdict.Start) | (isTrace ? state : PLAIN);
  switch (bytes[at]) {
    case 0x66: // f
      if (startsWith(bytes, at, end, FATAL_ERROR)) return begin(state);
      break;
    case 0x70: // p
      if (startsWith(bytes, at, end, PANIC)) return begin(state);
      break;
    case 0x72: // r
      if (startsWith(bytes, at, end, RUNTIME)) return begin(state);
      if (startsWith(bytes, at, end, RUNTIME_STACK)) return follow(state);
      break;
    case 0x75: // u
      if (startsWith(bytes, at, end, UNEXPECTED)) return begin(state);
      break;
    case 0x54: // T
      if (state === LOGGED && startsWith(bytes, at, end, TRACE)) return Verdict.Join | LOGGED;
      break;
    case 0x53: // S
      if (startsWith(bytes, at, end, SIGNAL) && indexOfWithin(bytes, at, end, COLON_BLANK) !== -1) return begin(state);
      break;
    case 0x67: // g
      if (startsWith(bytes, at, end, GOROUTINE) && bytes[end - 1] === 0x3a) return follow(state);
      break;
    default:
  }
  if (state === FRAMES && isFrame(bytes, at, end)) return Verdict.Join | FRAMES;
  if ((state === FRAMES || state === BETWEEN) && startsWith(bytes, at, end, EXIT_STATUS)) {
    return Verdict.Join | Verdict.Ends | FRAMES;
  }
  if (state === BETWEEN && isRegister(bytes, at, end)) return Verdict.Join | BETWEEN;
  if (state === PANICKED && bytes[at] === 0x5b) return Verdict.Join | PANICKED;
  const logged = loggedState(bytes, start, end);
  if (logged !== 0) return Verdict.Start | (logged === LOGGED ? behindLogged(bytes, end) : logged);
  return state === PANICKED ? Verdict.Maybe | PANICKED : Verdict.Start | PLAIN;
};

/** The state behind a line that was logged, or behind the end of a text in it: a line may end with `key=<`. */
function behindLogged(bytes: Buffer, end: number): number {
  return bytes[end - 1] === LESS && bytes[end - 2] === EQUALS ? BLOCK : LOGGED;
}

/** A second line of the same panic belongs to it, as `fatal error:` behind `runtime:` and `panic:` does. */
function begin(state: number): number {
  return (state === PANICKED ? Verdict.Join : Verdict.Start) | PANICKED;
}

function follow(state: number): number {
  return (state === PLAIN || state === 0 ? Verdict.Start : Verdict.Join) | FRAMES;
}

/** `net/http.(*conn).serve(0xc00007eaa0)`, `panic({0x4a, 0x5b})`, `created by main.main in goroutine 1`. */
function isFrame(bytes: Buffer, at: number, end: number): boolean {
  if (startsWith(bytes, at, end, CREATED_BY) || startsWith(bytes, at, end, ELIDED)) return true;
  if (bytes[end - 1] !== 0x29) return false;
  for (let i = at; i < end; i++) {
    if (bytes[i] === 0x28) return i > at;
    if (bytes[i] === 0x20) return false;
  }
  return false;
}

/** `rax    0xfffffffffffffffc` */
function isRegister(bytes: Buffer, at: number, end: number): boolean {
  const hex = indexOfWithin(bytes, at, Math.min(end, at + 16), HEX);
  return hex > at + 2 && hex < end - 2 && !isDigit(bytes[at]!) && bytes[hex - 1] === 0x20;
}

const HEX = prefix('0x');
