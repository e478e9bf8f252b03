/** From this length on the copy of the runtime is faster. */
const LONG = 192;

/**
 * Copies `source[start, end)` to `target` at `at` and returns where the copy ends. Copies four bytes at a time, so it
 * may read up to 3 bytes behind `end` and write up to 3 behind the copy: both memories need that slack.
 *
 * Most spans of a log record are shorter than 100 bytes, and there `Uint8Array.set(subarray)` takes 30 ns whatever the
 * length, a loop over bytes 1 ns a byte, this 4 ns and 0.1 ns a byte (test/bench/micro/copy-words.bench.ts).
 */
export function copyWords(
  target: DataView<ArrayBuffer>,
  at: number,
  source: DataView<ArrayBuffer>,
  start: number,
  end: number,
): number {
  const length = end - start;
  if (length > LONG) copyLong(target, at, source, start, length);
  else for (let i = 0; i < length; i += 4) target.setInt32(at + i, source.getInt32(start + i, true), true);
  return at + length;
}

function copyLong(
  target: DataView<ArrayBuffer>,
  at: number,
  source: DataView<ArrayBuffer>,
  start: number,
  length: number,
): void {
  new Uint8Array(target.buffer, at, length).set(new Uint8Array(source.buffer, start, length));
}
