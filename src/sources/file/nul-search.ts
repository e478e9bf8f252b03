import { endOfNuls, startOfLastNuls } from '../../bytes/nul-runs.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { type Generation, type NulRun, SLICE_BYTES } from './generation.ts';
import type { StreamContent } from './stream-content.ts';

/*
 * NULs in a file are a hole, or a place that is not written yet: nobody knows until something is found behind them.
 *
 *  line⏎ line⏎ \0\0\0\0\0\0\0\0\0\0\0\0\0 … line⏎        fill: passed over
 *  line⏎ half a li\0\0\0\0\0\0\0\0\0\0\0\0 … line⏎        a part of that line
 *  line⏎ half a li\0\0\0\0\0\0\0\0\0\0\0\0 … end of file  a place not written yet: waits
 *                 ^from                    ^to
 */

/**
 * Where in `bytes[start, end)`, which is read at the position, the NULs start that may be more than data; `end` when
 * there are none. Takes note of them.
 */
export function endOfData(
  generation: Generation,
  bytes: Buffer,
  { start, end }: { readonly start: number; readonly end: number },
  unitBytes: number,
): number {
  if (end === start || bytes[end - 1] !== 0) return end;
  const { nuls, position } = generation;
  const endOffset = position + end - start;
  // In the middle of a line they are data once something follows them; that can begin with half a unit.
  if (nuls?.isOver && endOffset - (endOffset % unitBytes) <= nuls.to) return end;
  const nulsStart = startOfLastNuls(bytes, start, end);
  // Half a unit is no NUL by itself.
  const dataEnd = nulsStart + ((position + nulsStart - start) % unitBytes);
  const from = position + dataEnd - start;
  if (end - dataEnd < unitBytes) return generation.endsWithNuls && nuls?.from === from ? dataEnd : end;
  const { knownNuls } = generation;
  // What lies before the known place is known no further than it was read now.
  const to = from < knownNuls.from ? endOffset : Math.max(endOffset, knownNuls.to);
  generation.nuls = { from, to, isOver: false };
  return dataEnd;
}

/** Whether nothing but NULs is left of the file behind `length` more bytes. */
export function reachesLastNuls({ position, nuls, endsWithNuls }: Generation, length: number): boolean {
  return endsWithNuls && nuls?.from === position + length;
}

/**
 * Goes on looking for what follows a run of NULs, a slice a call; true: there is no run, or it is known where it ends.
 * Reads into the free part of the batch. Rejects when the file cannot be read.
 */
export async function findEndOfNuls(
  generation: Generation,
  content: StreamContent,
  batch: RecordBatch,
  unitBytes: number,
): Promise<boolean> {
  const { nuls } = generation;
  if (nuls === undefined || nuls.isOver || nuls.to >= generation.size) return true;
  const at = batch.byteLength;
  const length = Math.min(SLICE_BYTES, generation.size - nuls.to);
  batch.reserve(length);
  const count = await content.read(batch.bytes, at, length, nuls.to);
  const nulCount = endOfNuls(batch.bytes, at, at + count) - at;
  nuls.to += nulCount;
  nuls.isOver = nulCount < count;
  if (nuls.isOver) nuls.to -= nuls.to % unitBytes;
  generation.knownNuls = nuls.isOver ? { from: 0, to: 0 } : { from: nuls.from, to: nuls.to };
  // Somebody may have written behind the search.
  if (nuls.isOver && isWritten(content, nuls)) generation.renew();
  else if (count < length || nuls.to === generation.size) generation.exhaust(generation.size);
  return false;
}

/** Whether somebody has begun to fill a run of NULs. */
export function isWritten(content: StreamContent, { from, to }: NulRun): boolean {
  // The first half of a unit of UTF-16 can be NUL.
  return Boolean(content.peek(from)) || (to - from > 1 && Boolean(content.peek(from + 1)));
}
