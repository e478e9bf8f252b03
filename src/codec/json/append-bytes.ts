import type { ByteBuffer } from '../../bytes/byte-buffer.ts';

/** The copy of the runtime takes 30 ns whatever the length, a loop 0.7 ns a byte (test/bench/micro/append-bytes.bench.ts). */
const LONG = 40;

/** Appends `source[start, end)` to `out` as it is; made for the short pieces that JSON consists of. */
export function appendBytes(out: ByteBuffer, source: Uint8Array, start = 0, end = source.length): void {
  const length = end - start;
  let at = out.length;
  out.reserve(at, length);
  const { bytes } = out;
  if (length > LONG) bytes.set(source.subarray(start, end), at);
  else for (let i = start; i < end; i++) bytes[at++] = source[i]!;
  out.length += length;
}
