import type { TagText } from '../../codec/statsd/tag-text.ts';
import { OVERFLOW_LABEL } from '../../core/instruments.ts';
import { LabelSet } from '../../core/label-set.ts';
import type { MetricPoint } from '../../core/metric.ts';
import type { Aggregation } from '../../metrics/aggregation.ts';

import { SeriesIndex } from '../../metrics/series-index.ts';
import type { SeriesBudget } from './series-budget.ts';

const OVERFLOW = LabelSet.of([[OVERFLOW_LABEL, 'true']]);
const INITIAL_SERIES = 4;

/** What bounds the series of a metric. */
export interface TaggedSeriesLimits {
  readonly maxSeries: number;
  /** Shared with the other metrics. */
  readonly budget: SeriesBudget;
}

/**
 * The series of one metric, each with tags of its own. They are found by the bytes of these; those beyond the limits are
 * one series, which says so by its label.
 */
export class TaggedSeries {
  readonly aggregation: Aggregation;
  /** By series: `aggregation.width` numbers. */
  column: Float64Array;
  /** By series: since when it counts, and when it was last used, of the clock. NaN: the number is given to nobody. */
  #startUnixMs = new Float64Array(INITIAL_SERIES);
  #usedMs = new Float64Array(INITIAL_SERIES).fill(Number.NaN);
  /** By series: what it takes of the budget, and its labels. */
  #tagBytes = new Uint32Array(INITIAL_SERIES);
  readonly #labels: LabelSet[] = [];
  readonly #free: number[] = [];
  readonly #index = new SeriesIndex(1);
  readonly #limits: TaggedSeriesLimits;
  readonly #span = new Uint32Array(2);
  /** One more than the largest number that was ever given. */
  #count = 0;
  #size = 0;
  #overflow = -1;

  constructor(aggregation: Aggregation, limits: TaggedSeriesLimits) {
    this.aggregation = aggregation;
    this.#limits = limits;
    this.column = new Float64Array(INITIAL_SERIES * aggregation.width);
  }

  /** How many there are, the one that counts the rest included. */
  get size(): number {
    return this.#size;
  }

  /** The number of the series with these tags, which is made where there is none; `isOverflow()` says whether it is the one for the rest. */
  find(tags: TagText, nowMs: number, unixMs: number): number {
    this.#span[1] = tags.length;
    let series = this.#index.find(tags, 0, this.#span);
    if (series < 0) series = this.#admit(tags, unixMs);
    this.#usedMs[series] = nowMs;
    return series;
  }

  /** Notes that a series that is there is used. */
  use(series: number, nowMs: number): void {
    this.#usedMs[series] = nowMs;
  }

  isOverflow(series: number): boolean {
    return series === this.#overflow;
  }

  /** Forgets the series that nobody has used since that time of the clock, and tells which. O(series). */
  expire(beforeMs: number, forgotten: (series: number) => void): void {
    const before = this.#size;
    for (let series = 0; series < this.#count; series++) {
      if (!(this.#usedMs[series]! < beforeMs)) continue;
      forgotten(series);
      this.#usedMs[series] = Number.NaN;
      this.#size--;
      if (series === this.#overflow) this.#overflow = -1;
      else this.#limits.budget.giveBackSeries(this.#tagBytes[series]!);
      this.#free.push(series);
    }
    if (this.#size < before) this.#index.keepOnly(this.#indexed());
  }

  /** Their values. `change` makes a point of what the series has beside. O(series). */
  points(change: (point: MetricPoint, series: number) => MetricPoint): MetricPoint[] {
    const points: MetricPoint[] = [];
    for (let series = 0; series < this.#count; series++) {
      if (Number.isNaN(this.#usedMs[series])) continue;
      const head = { labels: this.#labels[series]!, startUnixMs: this.#startUnixMs[series]!, exemplars: undefined };
      points.push(change(this.aggregation.point(this.column, series * this.aggregation.width, head), series));
    }
    return points;
  }

  #admit(tags: TagText, unixMs: number): number {
    const { maxSeries, budget } = this.#limits;
    const own = this.#size - (this.#overflow < 0 ? 0 : 1);
    if (own >= maxSeries || !budget.takeSeries(tags.length)) {
      if (this.#overflow < 0) this.#overflow = this.#allot(unixMs, OVERFLOW);
      return this.#overflow;
    }
    const series = this.#allot(unixMs, tags.labels());
    this.#tagBytes[series] = tags.length;
    this.#index.add(series, tags, 0, this.#span);
    return series;
  }

  #allot(unixMs: number, labels: LabelSet): number {
    const series = this.#free.pop() ?? this.#count++;
    if (series === this.#usedMs.length) this.#grow();
    this.#size++;
    this.#labels[series] = labels;
    this.#startUnixMs[series] = unixMs;
    this.aggregation.clear(this.column, series * this.aggregation.width);
    return series;
  }

  *#indexed(): Iterable<number> {
    for (let series = 0; series < this.#count; series++) {
      if (series !== this.#overflow && !Number.isNaN(this.#usedMs[series])) yield series;
    }
  }

  #grow(): void {
    const length = 2 * this.#usedMs.length;
    const column = new Float64Array(length * this.aggregation.width);
    column.set(this.column);
    this.column = column;
    const startUnixMs = new Float64Array(length);
    startUnixMs.set(this.#startUnixMs);
    this.#startUnixMs = startUnixMs;
    const usedMs = new Float64Array(length).fill(Number.NaN);
    usedMs.set(this.#usedMs);
    this.#usedMs = usedMs;
    const tagBytes = new Uint32Array(length);
    tagBytes.set(this.#tagBytes);
    this.#tagBytes = tagBytes;
  }
}
