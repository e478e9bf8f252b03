import type { ExponentialBuckets, ExponentialHistogramPoint } from '../../core/metric.ts';

/** Prometheus knows the schemas -4 to 8; what is finer is made coarser, what is coarser cannot be shown. */
const MIN_SCHEMA = -4;
const MAX_SCHEMA = 8;

/** Empty buckets between two others are written out when there are no more of them than this: a span costs as much. */
const MAX_GAP = 2;

/** A run of buckets: `offset` from the end of the run before, of the first one from index 0. */
export interface BucketSpan {
  readonly offset: number;
  readonly length: number;
}

/** Buckets as Prometheus writes them: each count as the difference from the one before. */
export interface NativeBuckets {
  readonly spans: readonly BucketSpan[];
  readonly deltas: readonly number[];
}

/** An exponential histogram as Prometheus has it. */
export interface NativeHistogram {
  readonly schema: number;
  readonly positive: NativeBuckets;
  readonly negative: NativeBuckets;
}

/** The native histogram of a point; undefined: its buckets are too wide for any. Bucket i of OTLP is i + 1 here. */
export function toNativeHistogram({
  scale,
  positive,
  negative,
}: ExponentialHistogramPoint): NativeHistogram | undefined {
  if (scale < MIN_SCHEMA) return undefined;
  const shift = Math.max(0, scale - MAX_SCHEMA);
  return { schema: scale - shift, positive: nativeBuckets(positive, shift), negative: nativeBuckets(negative, shift) };
}

function nativeBuckets(buckets: ExponentialBuckets, shift: number): NativeBuckets {
  const counts = coarsened(buckets, shift);
  const spans: { offset: number; length: number }[] = [];
  const deltas: number[] = [];
  let before = 0;
  let nextIndex = 0;
  const push = (count: number): void => {
    deltas.push(count - before);
    before = count;
    nextIndex++;
    spans.at(-1)!.length++;
  };
  for (const [index, count] of counts) {
    if (count === 0) continue;
    const gap = index - nextIndex;
    if (spans.length === 0 || gap > MAX_GAP) {
      spans.push({ offset: gap, length: 0 });
      nextIndex = index;
    } else {
      while (nextIndex < index) push(0);
    }
    push(count);
  }
  return { spans, deltas };
}

/** Counts by Prometheus' index, ascending; each step of `shift` joins two neighbours. */
function coarsened({ offset, counts }: ExponentialBuckets, shift: number): Map<number, number> {
  const joined = new Map<number, number>();
  for (let i = 0; i < counts.length; i++) {
    const index = Math.floor((offset + i) / 2 ** shift) + 1;
    joined.set(index, (joined.get(index) ?? 0) + counts[i]!);
  }
  return joined;
}
