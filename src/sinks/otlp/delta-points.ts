import { keptPoint } from '../../core/kept-point.ts';
import type { ExponentialBuckets, ExponentialHistogramPoint, HistogramPoint, MetricPoint } from '../../core/metric.ts';

/** The last point of a series, and when it was true. */
interface Last {
  readonly point: MetricPoint;
  readonly unixMs: number;
}

/** A series, whatever describes what it is of: by its resource, and by its name and labels. */
export interface SeriesKey {
  readonly identity: string;
  readonly id: string;
}

/**
 * Makes the difference to the point before out of each cumulative point of a series. Where the series began anew in
 * between, or was not seen before, the point itself is the difference: it has counted from its own start.
 */
export class DeltaPoints {
  /** By resource, then by the rest of the key. */
  readonly #last = new Map<string, Map<string, Last>>();

  /** The difference since the last call for that series, to keep; `unixMs`: whose values they are. */
  next(key: SeriesKey, shown: MetricPoint, unixMs: number): MetricPoint {
    const last = this.#last.get(key.identity)?.get(key.id);
    const point = keptPoint(shown);
    this.#set(key, { point, unixMs });
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

  /** What the series has counted so far is in no difference; nothing, where it is known. */
  begin(key: SeriesKey, shown: MetricPoint, unixMs: number): void {
    if (this.#last.get(key.identity)?.has(key.id) !== true) this.#set(key, { point: keptPoint(shown), unixMs });
  }

  /** The series is no more. */
  forget({ identity, id }: SeriesKey): void {
    const series = this.#last.get(identity);
    series?.delete(id);
    if (series?.size === 0) this.#last.delete(identity);
  }

  #set({ identity, id }: SeriesKey, last: Last): void {
    const series = this.#last.get(identity);
    if (series === undefined) this.#last.set(identity, new Map([[id, last]]));
    else series.set(id, last);
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

/** Undefined where it has begun anew. Buckets that were joined in between are joined in what was before, too. */
function exponentialSince(
  before: ExponentialHistogramPoint,
  now: ExponentialHistogramPoint,
): ExponentialHistogramPoint | undefined {
  const steps = before.scale - now.scale;
  if (steps < 0 || now.count < before.count) return undefined;
  return {
    ...now,
    zeroCount: now.zeroCount - before.zeroCount,
    positive: bucketsSince(before.positive, now.positive, steps),
    negative: bucketsSince(before.negative, now.negative, steps),
    count: now.count - before.count,
    sum: difference(before.sum, now.sum),
    min: undefined,
    max: undefined,
  };
}

/** `steps`: by how much the scale went down; with each, two buckets become one. */
function bucketsSince(before: ExponentialBuckets, now: ExponentialBuckets, steps: number): ExponentialBuckets {
  const counts = Array.from(now.counts);
  for (let i = 0; i < before.counts.length; i++) {
    const place = ((before.offset + i) >> steps) - now.offset;
    if (place >= 0 && place < counts.length) counts[place]! -= before.counts[i]!;
  }
  return { offset: now.offset, counts };
}

function difference(before: number | undefined, now: number | undefined): number | undefined {
  return before === undefined || now === undefined ? undefined : increase(before, now);
}

/** A sum that has become infinite stays so: nothing is added to it any more. */
function increase(before: number, now: number): number {
  return now === before ? 0 : now - before;
}
