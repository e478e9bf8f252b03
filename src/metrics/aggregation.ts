import type { LabelSet } from '../core/label-set.ts';
import type { Exemplar, MetricPoint, MetricType } from '../core/metric.ts';

/** What a point says beside its values. */
export interface PointHead {
  readonly labels: LabelSet;
  readonly startUnixMs: number;
  /** By bucket; undefined: there is none. */
  readonly exemplars: readonly (Exemplar | undefined)[] | undefined;
}

/**
 * How measurements become the state of a series: `width` numbers in a column, of a batch and of all that was counted
 * alike.
 */
export interface Aggregation {
  readonly type: MetricType;
  readonly width: number;
  /** For how many kinds of measurements an exemplar is kept: one a bucket. */
  readonly exemplars: number;
  /** Makes the state at `at` that of nothing measured. */
  clear(column: Float64Array, at: number): void;
  /** Adds a measurement that stands for `weight` equal ones (1), a whole number, and returns which exemplar it may be. */
  record(column: Float64Array, at: number, value: number, weight?: number): number;
  /** Adds the state of later measurements. */
  merge(column: Float64Array, at: number, later: Float64Array, laterAt: number): void;
  /** Whether two states may be one after the other in any order; else the later of two replaces the other. */
  readonly isCommutative: boolean;
  /** Whether the state at `at` can be that of something. */
  isValid(column: Float64Array, at: number): boolean;
  point(column: Float64Array, at: number, head: PointHead): MetricPoint;
}

const FEW_BOUNDS = 16;

/** A sum of what is not negative. */
export class CounterAggregation implements Aggregation {
  readonly type = 'counter';
  readonly width = 1;
  readonly exemplars = 1;
  readonly isCommutative = true;

  clear(column: Float64Array, at: number): void {
    column[at] = 0;
  }

  record(column: Float64Array, at: number, value: number, weight = 1): number {
    column[at]! += value * weight;
    return 0;
  }

  merge(column: Float64Array, at: number, later: Float64Array, laterAt: number): void {
    column[at]! += later[laterAt]!;
  }

  isValid(column: Float64Array, at: number): boolean {
    return column[at]! >= 0;
  }

  point(column: Float64Array, at: number, { labels, startUnixMs, exemplars }: PointHead): MetricPoint {
    return { kind: 'number', labels, startUnixMs, value: column[at]!, exemplar: exemplars?.[0] };
  }
}

/** The last value. */
export class GaugeAggregation implements Aggregation {
  readonly type = 'gauge';
  readonly width = 1;
  readonly exemplars = 0;
  readonly isCommutative = false;

  clear(column: Float64Array, at: number): void {
    column[at] = 0;
  }

  record(column: Float64Array, at: number, value: number): number {
    column[at] = value;
    return 0;
  }

  merge(column: Float64Array, at: number, later: Float64Array, laterAt: number): void {
    column[at] = later[laterAt]!;
  }

  isValid(column: Float64Array, at: number): boolean {
    return !Number.isNaN(column[at]);
  }

  point(column: Float64Array, at: number, { labels }: PointHead): MetricPoint {
    return { kind: 'number', labels, value: column[at]! };
  }
}

/**
 * Counts in buckets whose bounds are given, with sum, smallest and largest value.
 *
 * ```
 *  [ up to bounds[0] | up to bounds[1] | … | above | sum | min | max ]
 * ```
 */
export class HistogramAggregation implements Aggregation {
  readonly type = 'histogram';
  readonly width: number;
  readonly exemplars: number;
  readonly isCommutative = true;
  readonly #bounds: Float64Array;

  /** `bounds`: see `Buckets`. */
  constructor(bounds: readonly number[]) {
    this.#bounds = Float64Array.from(bounds);
    this.exemplars = bounds.length + 1;
    this.width = bounds.length + 4;
  }

  clear(column: Float64Array, at: number): void {
    const sumAt = at + this.exemplars;
    column.fill(0, at, sumAt + 1);
    column[sumAt + 1] = Number.POSITIVE_INFINITY;
    column[sumAt + 2] = Number.NEGATIVE_INFINITY;
  }

  record(column: Float64Array, at: number, value: number, weight = 1): number {
    const bounds = this.#bounds;
    let low = 0;
    let high = bounds.length;
    // Through few bounds one after another: a wrong guess of the processor costs more than some of these steps.
    if (high <= FEW_BOUNDS) while (low < high && value > bounds[low]!) low++;
    else
      while (low < high) {
        const middle = (low + high) >> 1;
        if (value <= bounds[middle]!) high = middle;
        else low = middle + 1;
      }
    column[at + low]! += weight;
    const sumAt = at + this.exemplars;
    column[sumAt]! += value * weight;
    if (value < column[sumAt + 1]!) column[sumAt + 1] = value;
    if (value > column[sumAt + 2]!) column[sumAt + 2] = value;
    return low;
  }

  merge(column: Float64Array, at: number, later: Float64Array, laterAt: number): void {
    const { exemplars: buckets } = this;
    for (let i = 0; i <= buckets; i++) column[at + i]! += later[laterAt + i]!;
    const minAt = buckets + 1;
    if (later[laterAt + minAt]! < column[at + minAt]!) column[at + minAt] = later[laterAt + minAt]!;
    if (later[laterAt + minAt + 1]! > column[at + minAt + 1]!) column[at + minAt + 1] = later[laterAt + minAt + 1]!;
  }

  isValid(column: Float64Array, at: number): boolean {
    for (let i = at; i < at + this.exemplars; i++) if (!(column[i]! >= 0)) return false;
    return true;
  }

  point(column: Float64Array, at: number, head: PointHead): MetricPoint {
    const sumAt = at + this.exemplars;
    const counts = column.subarray(at, sumAt);
    let count = 0;
    for (let i = 0; i < counts.length; i++) count += counts[i]!;
    const min = column[sumAt + 1]!;
    return {
      kind: 'histogram',
      labels: head.labels,
      startUnixMs: head.startUnixMs,
      exemplars: head.exemplars?.map((exemplar, bucket) => (counts[bucket]! > 0 ? exemplar : undefined)),
      bounds: this.#bounds,
      counts,
      count,
      // A sum that has gone down by a value below 0 would look like a restart.
      sum: min < 0 ? undefined : column[sumAt]!,
      min,
      max: column[sumAt + 2]!,
    };
  }
}
