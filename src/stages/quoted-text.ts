import { isUtf8 } from 'node:buffer';
import { findStringEnd } from '../codec/json/scan.ts';
import { unquoteInto } from '../codec/quoted/unquote.ts';
import type { RecordBatch } from '../core/record-batch.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Finds where quoted texts end, and what they mean. One object is used again for every text. */
export class QuotedText {
  /** Where the text lies that was read last: in the line, or decoded behind it. */
  start = 0;
  end = 0;
  #hasEscapes = false;

  /** The closing quote, `"` or another one, of the text whose inside starts at `at`; -1: there is none. O(length). */
  findEnd(batch: RecordBatch, at: number, end: number, quote = QUOTE): number {
    const { bytes, view } = batch;
    this.#hasEscapes = false;
    for (;;) {
      if (quote === QUOTE) at = findStringEnd(view, at, end);
      if (at >= end) return -1;
      const byte = bytes[at]!;
      if (byte === quote) return at;
      if (byte === BACKSLASH) this.#hasEscapes = true;
      at += byte === BACKSLASH ? 2 : 1;
    }
  }

  /**
   * Reads the inside `[start, end)` of what `findEnd()` found last; false: it holds an unknown escape. A text that would
   * be no UTF-8 stays as it was written. May append to the batch.
   */
  read(batch: RecordBatch, start: number, end: number): boolean {
    this.start = start;
    this.end = end;
    if (!this.#hasEscapes) return true;
    batch.reserve(end - start);
    const at = batch.byteLength;
    const stop = unquoteInto(batch.bytes, start, end, batch.bytes, at);
    if (stop < 0) return false;
    if (!isUtf8(batch.bytes.subarray(at, stop))) return true;
    batch.byteLength = stop;
    this.start = at;
    this.end = stop;
    return true;
  }
}
