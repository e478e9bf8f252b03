import type { LabelSet } from '../../../core/label-set.ts';
import type { Exemplar, ExponentialBuckets, ExponentialHistogramPoint } from '../../../core/metric.ts';
import { ExpositionError } from './exposition-error.ts';
import { isCount } from './read-number.ts';

/** More buckets than any histogram has: spans can name millions in a few bytes. */
const MAX_BUCKETS = 16_384;

/** One side of a native histogram as it is written. */
export class NativeBuckets {
  readonly #spans: { readonly offset: number; readonly length: number }[] = [];
  readonly #deltas: number[] = [];
  readonly #counts: number[] = [];

  get isEmpty(): boolean {
    return this.#spans.length === 0;
  }

  addSpan(offset: number, length: number): void {
    this.#spans.push({ offset, length });
  }

  /** How much a bucket counts more than the one before. */
  addDelta(delta: number): void {
    this.#deltas.push(delta);
  }

  /** What a bucket counts, in a histogram of fractions. */
  addCount(count: number): void {
    this.#counts.push(count);
  }

  /** Throws an ExpositionError where spans and counts do not fit, or what they count is no count. */
  build(): ExponentialBuckets {
    const found = this.#counts.length > 0 ? this.#counts : runningSums(this.#deltas);
    if (!found.every(isCount)) throw new ExpositionError('bucket counts what is no count');
    const counts: number[] = [];
    let next = 0;
    for (const [i, { offset, length }] of this.#spans.entries()) {
      if (i > 0 && offset < 0) throw new ExpositionError('spans of buckets overlap');
      const gap = i === 0 ? 0 : offset;
      if (counts.length + gap + length > MAX_BUCKETS) throw new ExpositionError('histogram has too many buckets');
      for (let empty = 0; empty < gap; empty++) counts.push(0);
      if (next + length > found.length) throw new ExpositionError('spans and counts of buckets do not fit');
      for (let bucket = 0; bucket < length; bucket++) counts.push(found[next++]!);
    }
    if (next !== found.length) throw new ExpositionError('spans and counts of buckets do not fit');
    // Prometheus' index is that of the upper bound, OTLP's that of the lower one.
    return { offset: (this.#spans[0]?.offset ?? 1) - 1, counts };
  }
}

/** What a message says of a native histogram beside its buckets. */
export interface NativeHistogram {
  readonly labels: LabelSet;
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number | undefined;
  readonly positive: NativeBuckets;
  readonly negative: NativeBuckets;
  readonly exemplars: readonly Exemplar[];
  readonly startUnixMs: number | undefined;
  readonly unixMs: number | undefined;
}

/** Throws an ExpositionError where it is none that OTLP has a word for. */
export function exponentialHistogram(native: NativeHistogram): ExponentialHistogramPoint {
  const { labels, schema, zeroThreshold, zeroCount, count, sum, exemplars, startUnixMs, unixMs } = native;
  if (!isCount(count) || !isCount(zeroCount)) throw new ExpositionError('histogram counts what is no count');
  if (schema < -4 || schema > 8) throw new ExpositionError(`schema ${schema} of a histogram is not known`);
  return {
    kind: 'exponential_histogram',
    labels,
    scale: schema,
    zeroThreshold,
    zeroCount,
    positive: native.positive.build(),
    negative: native.negative.build(),
    count,
    sum,
    exemplars: exemplars.length === 0 ? undefined : exemplars,
    startUnixMs,
    unixMs,
  };
}

function runningSums(deltas: readonly number[]): number[] {
  let sum = 0;
  return deltas.map((delta) => (sum += delta));
}
