import { findAboveFrames, isAtFrame } from './at-frames.ts';
import { findAboveDartFrame, isDartFrame } from './dart.ts';
import type { ExceptionSpans } from './exception-spans.ts';
import { findAboveGoroutine, isGoroutine } from './go.ts';
import { indentEnd } from './line-shape.ts';
import { lineEnd, trimmedEnd } from './lines.ts';
import { findByPhpTrace, isPhpTrace } from './php.ts';
import { findInTraceback, isTraceback } from './python.ts';
import { findAtRubyFrame, isRubyFrame } from './ruby.ts';
import { findAboveCause, findInPanic, isRustCause, isRustPanic } from './rust.ts';

/**
 * Finds the exception whose stack trace the text `bytes[start, end)` holds, of Java, Python, Go, Node, .NET, Ruby, PHP,
 * Rust or Dart; false: it holds none. The first line that can be nothing but a part of a trace tells the language.
 *
 * O(length); a text of one line ends the question at its first newline that is missing.
 */
export function findException(bytes: Uint8Array, start: number, end: number, into: ExceptionSpans): boolean {
  let line = start;
  let to = lineEnd(bytes, start, end);
  if (to === end) return false;
  for (;;) {
    const lineTo = trimmedEnd(bytes, line, to);
    const at = indentEnd(bytes, line, lineTo);
    const first = at < lineTo ? bytes[at]! : 0;
    // `at `, `eval at `: what stands above must be there.
    if ((first === 0x61 || first === 0x65) && at > line && isAtFrame(bytes, at, lineTo)) {
      return findAboveFrames(bytes, start, line, into);
    }
    if ((first === 0x54 || first === 0x2b) && isTraceback(bytes, at, lineTo)) {
      return findInTraceback(bytes, line, end, into);
    }
    if (first === 0x67 && isGoroutine(bytes, at, lineTo)) return findAboveGoroutine(bytes, start, line, into);
    if ((first === 0x53 || first === 0x5b) && isPhpTrace(bytes, at, lineTo)) {
      return findByPhpTrace(bytes, start, line, end, into);
    }
    if (first === 0x74 && isRustPanic(bytes, at, lineTo)) return findInPanic(bytes, line, end, into);
    if ((first === 0x43 || first === 0x53) && isRustCause(bytes, at, lineTo)) {
      return findAboveCause(bytes, start, line, into);
    }
    if (first === 0x23 && isDartFrame(bytes, at, lineTo)) return findAboveDartFrame(bytes, start, line, into);
    if (isRubyFrame(bytes, at, lineTo)) return findAtRubyFrame(bytes, start, line, lineTo, into);
    if (to === end) return false;
    line = to + 1;
    to = lineEnd(bytes, line, end);
  }
}
