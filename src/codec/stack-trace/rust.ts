import type { ExceptionSpans } from './exception-spans.ts';
import { indexOfWithin, prefix, startsWith } from './line-shape.ts';
import { lastIndexOfWithin, lineEnd, trimmedEnd } from './lines.ts';

const THREAD = prefix("thread '");
const PANICKED_AT = prefix(' panicked at ');
const PANIC = prefix('panic');
const OLD_END = prefix("', ");
const ERROR = prefix('Error: ');
const CAUSED_BY = prefix('Caused by:');
const BACKTRACE = prefix('Stack backtrace:');
const MESSAGE_ENDS = ['stack backtrace:', 'note: '].map(prefix);

const QUOTE = 0x27;

/** Whether the line begins a panic of Rust. */
export function isRustPanic(bytes: Uint8Array, at: number, end: number): boolean {
  return startsWith(bytes, at, end, THREAD) && indexOfWithin(bytes, at, end, PANICKED_AT) >= 0;
}

/** Whether the line ends the message of an error that `main` returned, as anyhow and eyre print it. */
export function isRustCause(bytes: Uint8Array, at: number, end: number): boolean {
  const isAlone = startsWith(bytes, at, end, CAUSED_BY) && end === at + CAUSED_BY.length;
  return isAlone || startsWith(bytes, at, end, BACKTRACE);
}

/** Finds the message of the panic on the line at `trace`; its type is `panic`. O(bytes). */
export function findInPanic(bytes: Uint8Array, trace: number, end: number, into: ExceptionSpans): boolean {
  const first = lineEnd(bytes, trace, end);
  const panicked = indexOfWithin(bytes, trace, first, PANICKED_AT);
  const type = panicked + 1;
  const at = panicked + PANICKED_AT.length;
  // Up to Rust 1.72 the message stood on the same line: 'text', src/main.rs:2:5
  const old = bytes[at] === QUOTE ? lastIndexOfWithin(bytes, at, first, OLD_END) : -1;
  if (old >= 0) return into.set(bytes, trace, type, type + PANIC.length, at + 1, old);
  let line = Math.min(first + 1, end);
  const message = line;
  while (line < end && !MESSAGE_ENDS.some((words) => startsWith(bytes, line, end, words))) {
    line = Math.min(lineEnd(bytes, line, end) + 1, end);
  }
  return into.set(bytes, trace, type, type + PANIC.length, message, line);
}

/** Finds the message of the error `Error: text` above the causes on the line at `cause`. It has no type. */
export function findAboveCause(bytes: Uint8Array, start: number, cause: number, into: ExceptionSpans): boolean {
  for (let line = start; line < cause; line = lineEnd(bytes, line, cause) + 1) {
    if (!startsWith(bytes, line, cause, ERROR)) continue;
    const message = line + ERROR.length;
    return into.set(bytes, line, line, line, message, trimmedEnd(bytes, message, cause));
  }
  return false;
}
