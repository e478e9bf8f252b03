import type { ExponentialBuckets, MetricPoint } from '../core/metric.ts';
import type { Aggregation, PointHead } from './aggregation.ts';
import { BucketRun, bucketOf, MAX_SCALE, MIN_SCALE } from './exponential-buckets.ts';

/** Where in a state: the scale, how many were 0, and the three numbers of every histogram. */
const SCALE = 0;
const ZEROS = 1;
const SUM = 2;
const MIN = 3;
const MAX = 4;
const RUNS = 5;
/** Exemplars of a series: the newest of each quarter of the buckets, taken in turn. */
const EXEMPLARS = 4;

/**
 * Counts in buckets that grow by a factor, with sum, smallest and largest value. It starts with the finest ones, and
 * doubles their width whenever the values need more than `maxBuckets`, of those above 0 or of those below.
 *
 * ```
 *  [ scale | zeros | sum | min | max | above 0: first, length, counts … | below 0: the same ]
 * ```
 */
export class ExponentialAggregation implements Aggregation {
  readonly type = 'histogram';
  readonly width: number;
  readonly exemplars = EXEMPLARS;
  readonly isCommutative = true;
  readonly #run: BucketRun;
  readonly #negativeAt: number;

  constructor(maxBuckets: number) {
    this.#run = new BucketRun(maxBuckets);
    this.#negativeAt = RUNS + this.#run.width;
    this.width = RUNS + 2 * this.#run.width;
  }

  clear(column: Float64Array, at: number): void {
    column.fill(0, at, at + this.width);
    column[at + SCALE] = MAX_SCALE;
    column[at + MIN] = Number.POSITIVE_INFINITY;
    column[at + MAX] = Number.NEGATIVE_INFINITY;
  }

  record(column: Float64Array, at: number, value: number, weight = 1): number {
    column[at + SUM]! += value * weight;
    if (value < column[at + MIN]!) column[at + MIN] = value;
    if (value > column[at + MAX]!) column[at + MAX] = value;
    if (value === 0) {
      column[at + ZEROS]! += weight;
      return 0;
    }
    const runAt = at + (value > 0 ? RUNS : this.#negativeAt);
    const amount = Math.abs(value);
    let bucket = bucketOf(amount, column[at + SCALE]!);
    const steps = this.#run.stepsFor(column, runAt, bucket, bucket);
    if (steps > 0) {
      this.#downscale(column, at, steps);
      bucket = bucketOf(amount, column[at + SCALE]!);
    }
    this.#run.add(column, runAt, bucket, weight);
    return bucket & (EXEMPLARS - 1);
  }

  merge(column: Float64Array, at: number, later: Float64Array, laterAt: number): void {
    column[at + SUM]! += later[laterAt + SUM]!;
    column[at + ZEROS]! += later[laterAt + ZEROS]!;
    column[at + MIN] = Math.min(column[at + MIN]!, later[laterAt + MIN]!);
    column[at + MAX] = Math.max(column[at + MAX]!, later[laterAt + MAX]!);
    const lower = later[laterAt + SCALE]! - column[at + SCALE]!;
    if (lower < 0) this.#downscale(column, at, -lower);
    for (const runAt of [RUNS, this.#negativeAt]) {
      const length = later[laterAt + runAt + 1]!;
      if (length === 0) continue;
      // In buckets of the scale that both have.
      const steps = Math.max(0, later[laterAt + SCALE]! - column[at + SCALE]!);
      const first = later[laterAt + runAt]!;
      const [low, high] = [first >> steps, (first + length - 1) >> steps];
      this.#downscale(column, at, this.#run.stepsFor(column, at + runAt, low, high));
      const allSteps = later[laterAt + SCALE]! - column[at + SCALE]!;
      this.#run.merge(column, at + runAt, later, laterAt + runAt, allSteps);
    }
  }

  isValid(column: Float64Array, at: number): boolean {
    const scale = column[at + SCALE]!;
    if (!Number.isInteger(scale) || scale < MIN_SCALE || scale > MAX_SCALE || !(column[at + ZEROS]! >= 0)) return false;
    return this.#run.isValid(column, at + RUNS) && this.#run.isValid(column, at + this.#negativeAt);
  }

  point(column: Float64Array, at: number, { labels, startUnixMs, exemplars }: PointHead): MetricPoint {
    const [min, zeroCount] = [column[at + MIN]!, column[at + ZEROS]!];
    const positive = bucketsAt(column, at + RUNS);
    const negative = bucketsAt(column, at + this.#negativeAt);
    let count = zeroCount;
    for (const { counts } of [positive, negative]) for (let i = 0; i < counts.length; i++) count += counts[i]!;
    return {
      kind: 'exponential_histogram',
      labels,
      startUnixMs,
      scale: column[at + SCALE]!,
      zeroCount,
      zeroThreshold: 0,
      positive,
      negative,
      count,
      // A sum that has gone down by a value below 0 would look like a restart.
      sum: min < 0 ? undefined : column[at + SUM]!,
      min,
      max: column[at + MAX]!,
      exemplars: exemplars?.filter((exemplar) => exemplar !== undefined),
    };
  }

  /** Makes the buckets wider, by so many doublings. */
  #downscale(column: Float64Array, at: number, steps: number): void {
    if (steps === 0) return;
    column[at + SCALE]! -= steps;
    this.#run.downscale(column, at + RUNS, steps);
    this.#run.downscale(column, at + this.#negativeAt, steps);
  }
}

function bucketsAt(column: Float64Array, at: number): ExponentialBuckets {
  return { offset: column[at]!, counts: column.subarray(at + 2, at + 2 + column[at + 1]!) };
}
