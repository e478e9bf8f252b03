/** From this length on the copy of the runtime is faster. */
const LONG = 192;
const LONG_TEXT = 1024;
/** Up to this length nothing has to be counted. */
const SHORT_TEXT = 32;

/** How many bytes behind a span may be read, and behind a copy be written: the memories need this slack. */
export const COPY_SLACK = 32;

/**
 * Copies `source[start, end)` to `target` at `at` and returns where the copy ends. Copies four bytes at a time and at
 * least 16, so it reads and writes up to `COPY_SLACK` bytes too many.
 *
 * Most spans of a log record are shorter than 100 bytes, and there `Uint8Array.set(subarray)` takes 30 ns whatever the
 * length, a loop over bytes 1 ns a byte, this 4 ns and 0.1 ns a byte (test/bench/micro/copy-words.bench.ts). The first
 * 16 bytes go without a loop: its end would be a branch that no processor can foresee.
 */
export function copyWords(target: DataView, at: number, source: DataView, start: number, end: number): number {
  target.setInt32(at, source.getInt32(start, true), true);
  target.setInt32(at + 4, source.getInt32(start + 4, true), true);
  target.setInt32(at + 8, source.getInt32(start + 8, true), true);
  target.setInt32(at + 12, source.getInt32(start + 12, true), true);
  const length = end - start;
  if (length > LONG) copyLong(target, at, source, start, length);
  else for (let i = 16; i < length; i += 4) target.setInt32(at + i, source.getInt32(start + i, true), true);
  return at + length;
}

/**
 * The same for valid UTF-8, as doubles: the first 16 bytes, then 32 at a time, because the loop costs as much as what it
 * copies. 190 bytes take 22 ns, and 42 by steps of eight bytes.
 *
 * A double may lose bits on its way where it is a NaN, which an engine may replace by another one. Text holds none: the
 * last byte would be 7F or FF, and the one before it F0 or above, which no valid UTF-8 has; and where the last byte is
 * behind the text, the one before it ends the text, which no such byte does.
 *
 * With `| 0` V8 adds without looking whether the sum leaves 32 bits: a tenth less of what encoding a record takes.
 */
export function copyText(target: DataView, at: number, source: DataView, start: number, end: number): number {
  target.setFloat64(at, source.getFloat64(start, true), true);
  target.setFloat64((at + 8) | 0, source.getFloat64((start + 8) | 0, true), true);
  const stop = (at + end - start) | 0;
  if (((end - start) | 0) > LONG_TEXT) copyLong(target, at, source, start, end - start);
  else {
    let from = (start + 16) | 0;
    for (let to = (at + 16) | 0; to < stop; to = (to + 32) | 0) {
      target.setFloat64(to, source.getFloat64(from, true), true);
      target.setFloat64((to + 8) | 0, source.getFloat64((from + 8) | 0, true), true);
      target.setFloat64((to + 16) | 0, source.getFloat64((from + 16) | 0, true), true);
      target.setFloat64((to + 24) | 0, source.getFloat64((from + 24) | 0, true), true);
      from = (from + 32) | 0;
    }
  }
  return stop;
}

/**
 * The same for text of mostly at most 32 bytes, such as the names of attributes: those go without a loop.
 */
export function copyShortText(target: DataView, at: number, source: DataView, start: number, end: number): number {
  if (((end - start) | 0) > SHORT_TEXT) return copyText(target, at, source, start, end);
  target.setFloat64(at, source.getFloat64(start, true), true);
  target.setFloat64((at + 8) | 0, source.getFloat64((start + 8) | 0, true), true);
  target.setFloat64((at + 16) | 0, source.getFloat64((start + 16) | 0, true), true);
  target.setFloat64((at + 24) | 0, source.getFloat64((start + 24) | 0, true), true);
  return (at + end - start) | 0;
}

function copyLong(target: DataView, at: number, source: DataView, start: number, length: number): void {
  new Uint8Array(target.buffer, at, length).set(new Uint8Array(source.buffer, start, length));
}
