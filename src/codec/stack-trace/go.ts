import type { ExceptionSpans } from './exception-spans.ts';
import { indexOfWithin, prefix, startsWith } from './line-shape.ts';
import { lastIndexOfWithin, lineEnd, lineStart, trimmedEnd } from './lines.ts';

const GOROUTINE = prefix('goroutine ');
const HEADS = ['panic: ', 'fatal error: ', 'unexpected fault address ', 'SIG'].map(prefix);
const PANIC = prefix('panic');
const NEXT_PANIC = prefix('panic: ');
const COLON_BLANK = prefix(': ');
const RECOVERED = prefix(' [recovered');

const TAB = 0x09;
const BRACKET = 0x5b;
const COLON = 0x3a;

/** Whether the line begins the stack of a goroutine: `goroutine 12 [running]:`. */
export function isGoroutine(bytes: Uint8Array, at: number, end: number): boolean {
  return startsWith(bytes, at, end, GOROUTINE) && bytes[end - 1] === COLON && bytes[end - 2] === 0x5d;
}

/**
 * Finds what ended the goroutine whose stack starts on the line at `frame`: the panic, fatal error or signal above it,
 * whose type is that word; else the line above it where that tells of a panic, as net/http does. O(bytes before it).
 */
export function findAboveGoroutine(bytes: Uint8Array, start: number, frame: number, into: ExceptionSpans): boolean {
  for (let line = start; line < frame; ) {
    const to = lineEnd(bytes, line, frame);
    for (const head of HEADS) {
      if (startsWith(bytes, line, to, head)) return setPanic(bytes, line, frame, into);
    }
    line = to + 1;
  }
  const end = trimmedEnd(bytes, start, frame);
  const above = lineStart(bytes, end, start);
  const panic = indexOfWithin(bytes, above, end, PANIC);
  const colon = panic < 0 ? -1 : indexOfWithin(bytes, panic, end, COLON_BLANK);
  return colon >= 0 && into.set(bytes, frame, panic, panic + PANIC.length, colon + COLON_BLANK.length, end);
}

function setPanic(bytes: Uint8Array, head: number, frame: number, into: ExceptionSpans): boolean {
  let type = head;
  while (type < frame && bytes[type] !== COLON) type++;
  let end = lineEnd(bytes, head, frame);
  // More lines of the text, which Go indents; behind them what the signal was, or a panic that followed.
  for (let line = end + 1; line < frame && !isEmptyLine(bytes, line); line = lineEnd(bytes, line, frame) + 1) {
    const isNext = bytes[line] === TAB && startsWith(bytes, line + 1, frame, NEXT_PANIC);
    if (isNext || bytes[line] === BRACKET) break;
    end = lineEnd(bytes, line, frame);
  }
  const recovered = lastIndexOfWithin(bytes, Math.max(type, end - RECOVERED_WITHIN), end, RECOVERED);
  return into.set(bytes, head, head, type, type + 1, recovered < 0 ? end : recovered);
}

function isEmptyLine(bytes: Uint8Array, line: number): boolean {
  return bytes[line] === 0x0a || (bytes[line] === 0x0d && bytes[line + 1] === 0x0a);
}

/** The mark stands at the end of the line. */
const RECOVERED_WITHIN = 32;
