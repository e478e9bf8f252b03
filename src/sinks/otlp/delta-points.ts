import { keptPoint } from '../../core/kept-point.ts';
import type { ExponentialBuckets, ExponentialHistogramPoint, HistogramPoint, MetricPoint } from '../../core/metric.ts';

/** The last point of a series, and when it was true. */
interface Last {
  readonly point: MetricPoint;
  readonly unixMs: number;
}

/**
 * Makes the difference to the point before out of each cumulative point of a series. Where the series began anew in
 * between, or was not seen before, the point itself is the difference: it has counted from its own start.
 */
export class DeltaPoints {
  readonly #last = new Map<string, Last>();

  /** The difference since the last call for the series of that id, to keep; `unixMs`: whose values they are. */
  next(id: string, shown: MetricPoint, unixMs: number): MetricPoint {
    const last = this.#last.get(id);
    const point = keptPoint(shown);
    this.#last.set(id, { point, unixMs });
    if (last === undefined || last.point.startUnixMs !== point.startUnixMs) return point;
    const startUnixMs = last.unixMs;
    if (point.kind === 'number' && last.point.kind === 'number' && point.value >= last.point.value) {
      return { ...point, startUnixMs, value: increase(last.point.value, point.value) };
    }
    if (point.kind === 'histogram' && last.point.kind === 'histogram' && point.count >= last.point.count) {
      return { ...histogramSince(last.point, point), startUnixMs };
    }
    if (point.kind === 'exponential_histogram' && last.point.kind === 'exponential_histogram') {
      const difference = exponentialSince(last.point, point);
      if (difference !== undefined) return { ...difference, startUnixMs };
    }
    return point;
  }

  /** The series is no more. */
  forget(id: string): void {
    this.#last.delete(id);
  }
}

/** Least and greatest are of all time, so a difference has none. */
function histogramSince(before: HistogramPoint, now: HistogramPoint): HistogramPoint {
  return {
    ...now,
    counts: Array.from(now.counts, (count, i) => count - (before.counts[i] ?? 0)),
    count: now.count - before.count,
    sum: difference(before.sum, now.sum),
    min: undefined,
    max: undefined,
  };
}

/** Undefined where buckets were joined in between: what was before cannot be taken out of them any more. */
function exponentialSince(
  before: ExponentialHistogramPoint,
  now: ExponentialHistogramPoint,
): ExponentialHistogramPoint | undefined {
  if (before.scale !== now.scale || now.count < before.count) return undefined;
  return {
    ...now,
    zeroCount: now.zeroCount - before.zeroCount,
    positive: bucketsSince(before.positive, now.positive),
    negative: bucketsSince(before.negative, now.negative),
    count: now.count - before.count,
    sum: difference(before.sum, now.sum),
    min: undefined,
    max: undefined,
  };
}

function bucketsSince(before: ExponentialBuckets, now: ExponentialBuckets): ExponentialBuckets {
  const countBefore = (index: number): number => before.counts[index - before.offset] ?? 0;
  return { offset: now.offset, counts: Array.from(now.counts, (count, i) => count - countBefore(now.offset + i)) };
}

function difference(before: number | undefined, now: number | undefined): number | undefined {
  return before === undefined || now === undefined ? undefined : increase(before, now);
}

/** A sum that has become infinite stays so: nothing is added to it any more. */
function increase(before: number, now: number): number {
  return now === before ? 0 : now - before;
}
