import type { ExponentialBuckets, ExponentialHistogramPoint } from '../../core/metric.ts';

/** The finest and the coarsest buckets that Prometheus knows. */
const MAX_SCHEMA = 8;
const MIN_SCHEMA = -4;

/** A gap of more empty buckets than this begins a new span: two numbers are then shorter than the zeros. */
const MAX_GAP = 2;

/** Buckets as Prometheus has them: those of each span follow each other, and between spans nothing is counted. */
export interface NativeSide {
  /** `offset` of the first is the index of its first bucket, of the others the gap before it. */
  readonly spans: readonly { readonly offset: number; readonly length: number }[];
  /** Of the buckets of all spans, in order. */
  readonly counts: readonly number[];
}

/** The schema of Prometheus for a histogram; undefined: its buckets are coarser than any that Prometheus knows. */
export function nativeSchema({ scale }: ExponentialHistogramPoint): number | undefined {
  return scale < MIN_SCHEMA ? undefined : Math.min(scale, MAX_SCHEMA);
}

/** The buckets of one side at `schema`, which may be coarser than `scale`. */
export function nativeSide({ offset, counts }: ExponentialBuckets, scale: number, schema: number): NativeSide {
  const spans: { offset: number; length: number }[] = [];
  const merged: number[] = [];
  const shift = scale - schema;
  let next = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!;
    if (count === 0) continue;
    // Prometheus' index is that of the upper bound.
    const index = Math.floor((offset + i) / 2 ** shift) + 1;
    const gap = index - next;
    const last = spans.at(-1);
    if (last !== undefined && gap < 0) merged[merged.length - 1]! += count;
    else if (last === undefined || gap > MAX_GAP) {
      spans.push({ offset: gap, length: 1 });
      merged.push(count);
    } else {
      for (let empty = 0; empty < gap; empty++) merged.push(0);
      merged.push(count);
      last.length += gap + 1;
    }
    next = index + 1;
  }
  return { spans, counts: merged };
}
