import type { StatsdLine, StatsdType } from '../../codec/statsd/statsd-line.ts';
import type { MetricPoint } from '../../core/metric.ts';
import { CounterAggregation, GaugeAggregation } from '../../metrics/aggregation.ts';
import type { SeriesBudget } from './series-budget.ts';
import { TaggedSeries, type TaggedSeriesLimits } from './tagged-series.ts';

/** Why a line that is right was not counted: a word of the metric about lines. */
export type TakeFault = 'old' | 'set_limit';

/** A metric that lines are counted in. */
export interface StatsdMetric {
  readonly type: StatsdType;
  readonly series: TaggedSeries;
  /** Counts a line of its type in a series. `nowMs` is of the clock; `member`: of a set, the hash of the value. */
  take(line: StatsdLine, series: number, nowMs: number, member: number): TakeFault | undefined;
  /** What it shows now. */
  points(nowMs: number): MetricPoint[];
  /** Forgets series that nobody has used since that time of the clock. */
  expire(beforeMs: number): void;
}

const asItIs = (point: MetricPoint): MetricPoint => point;
const nothing = (): void => {};

/** Adds up what happened; a line that stands for others counts for all of them. */
export class CounterMetric implements StatsdMetric {
  readonly type = 'counter';
  readonly series: TaggedSeries;

  constructor(limits: TaggedSeriesLimits) {
    this.series = new TaggedSeries(new CounterAggregation(), limits);
  }

  take({ values, count, rate }: StatsdLine, series: number): undefined {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += values[i]!;
    this.series.column[series]! += rate === 1 ? sum : sum / rate;
  }

  points(): MetricPoint[] {
    return this.series.points(asItIs);
  }

  expire(beforeMs: number): void {
    this.series.expire(beforeMs, nothing);
  }
}

/** Keeps the last value, to which one with a sign is added. */
export class GaugeMetric implements StatsdMetric {
  readonly type = 'gauge';
  readonly series: TaggedSeries;
  readonly #hasDeltas: boolean;
  /** Of the series whose last value had a time. */
  readonly #unixMs = new Map<number, number>();

  /** `hasDeltas`: whether a sign means that a value is added. */
  constructor(limits: TaggedSeriesLimits, hasDeltas: boolean) {
    this.series = new TaggedSeries(new GaugeAggregation(), limits);
    this.#hasDeltas = hasDeltas;
  }

  take({ values, isSigned, count, unixSeconds }: StatsdLine, series: number): TakeFault | undefined {
    if (unixSeconds > 0) {
      const unixMs = Math.round(unixSeconds * 1000);
      if (unixMs < (this.#unixMs.get(series) ?? 0)) return 'old';
      this.#unixMs.set(series, unixMs);
    } else if (this.#unixMs.size > 0) {
      this.#unixMs.delete(series);
    }
    const { column } = this.series;
    for (let i = 0; i < count; i++) {
      if (this.#hasDeltas && isSigned[i] === 1) column[series]! += values[i]!;
      else column[series] = values[i]!;
    }
    return undefined;
  }

  points(): MetricPoint[] {
    return this.series.points((point, series) => {
      const unixMs = this.#unixMs.get(series);
      return unixMs === undefined ? point : { ...point, unixMs };
    });
  }

  expire(beforeMs: number): void {
    this.series.expire(beforeMs, (series) => this.#unixMs.delete(series));
  }
}

/** Counts values in buckets; times become seconds. */
export class HistogramMetric implements StatsdMetric {
  readonly type: StatsdType;
  readonly series: TaggedSeries;
  readonly #scale: number;
  /** What was left when lines that stand for others were counted as a whole number of times. */
  #rest = 0;

  constructor(type: StatsdType, series: TaggedSeries) {
    this.type = type;
    this.series = series;
    this.#scale = type === 'timer' ? 1000 : 1;
  }

  take({ values, count, rate }: StatsdLine, series: number): undefined {
    const { column, aggregation } = this.series;
    const at = series * aggregation.width;
    for (let i = 0; i < count; i++) {
      let weight = 1;
      if (rate !== 1) {
        const exact = 1 / rate + this.#rest;
        weight = Math.round(exact);
        this.#rest = exact - weight;
      }
      aggregation.record(column, at, values[i]! / this.#scale, weight);
    }
  }

  points(): MetricPoint[] {
    return this.series.points(asItIs);
  }

  expire(beforeMs: number): void {
    this.series.expire(beforeMs, nothing);
  }
}

/** How many members sets have. */
export interface SetLimits {
  /** How many a series has in one interval. */
  readonly maxMembers: number;
  readonly budget: SeriesBudget;
  readonly intervalMs: number;
}

/** Counts the different values of each interval; what it shows is the last interval that has ended. */
export class SetMetric implements StatsdMetric {
  readonly type = 'set';
  readonly series: TaggedSeries;
  readonly #limits: SetLimits;
  /** By series: the values of the interval that goes on, as hashes. */
  readonly #members = new Map<number, Set<number>>();
  #endMs: number;

  constructor(limits: TaggedSeriesLimits, setLimits: SetLimits, nowMs: number) {
    this.series = new TaggedSeries(new GaugeAggregation(), limits);
    this.#limits = setLimits;
    this.#endMs = nowMs + setLimits.intervalMs;
  }

  take(_line: StatsdLine, series: number, nowMs: number, member: number): TakeFault | undefined {
    this.#roll(nowMs);
    const { maxMembers, budget } = this.#limits;
    let members = this.#members.get(series);
    if (members === undefined) {
      this.#members.set(series, (members = new Set()));
      // No interval of it has ended.
      this.series.column[series] = Number.NaN;
    }
    if (members.has(member)) return undefined;
    if (members.size >= maxMembers || budget.members < 1) return 'set_limit';
    budget.members--;
    members.add(member);
    return undefined;
  }

  points(nowMs: number): MetricPoint[] {
    this.#roll(nowMs);
    return this.series.points(asItIs).filter((point) => point.kind !== 'number' || !Number.isNaN(point.value));
  }

  expire(beforeMs: number): void {
    this.series.expire(beforeMs, (series) => {
      this.#limits.budget.members += this.#members.get(series)?.size ?? 0;
      this.#members.delete(series);
    });
  }

  /** Ends the interval if its time is over. */
  #roll(nowMs: number): void {
    if (nowMs < this.#endMs) return;
    const { intervalMs, budget } = this.#limits;
    // An interval of which nobody has seen anything had no values.
    const isLast = nowMs < this.#endMs + intervalMs;
    for (const [series, members] of this.#members) {
      this.series.column[series] = isLast ? members.size : 0;
      budget.members += members.size;
      members.clear();
    }
    this.#endMs += intervalMs * (1 + Math.floor((nowMs - this.#endMs) / intervalMs));
  }
}
