import type { MetricName } from './metric-names.ts';

/** Labels of a series; few and bounded: never a path, never a value out of a record. */
export type Labels = Readonly<Record<string, string>>;

/** A number that only grows. Sum in a local and add once a batch. */
export class Counter {
  #value = 0;

  add(amount: number): void {
    this.#value += amount;
  }

  get value(): number {
    return this.#value;
  }
}

/** A metric with one set of labels, and its value when it was asked for. */
export interface Series {
  readonly name: MetricName;
  readonly labels: Labels;
  readonly value: number;
}

interface Gauge {
  readonly name: MetricName;
  readonly labels: Labels;
  readonly read: () => number;
}

/** The agent's own metrics. One object an agent, and a scope for each part that comes and goes; no globals. */
export class Metrics {
  readonly #counters: Map<string, { name: MetricName; labels: Labels; counter: Counter }>;
  readonly #gauges: Map<string, Gauge>;
  /** What others count elsewhere. */
  readonly #others: (() => Iterable<Series>)[];
  /** The gauges that were made by this scope. */
  readonly #own = new Map<string, Gauge>();

  /** `whole`: what this is to be a scope of. */
  constructor(whole?: Metrics) {
    this.#counters = whole === undefined ? new Map() : whole.#counters;
    this.#gauges = whole === undefined ? new Map() : whole.#gauges;
    this.#others = whole === undefined ? [] : whole.#others;
  }

  /** The same metrics for a part that may go before the others do: `retire()` then ends what it alone could answer for. */
  scope(): Metrics {
    return new Metrics(this);
  }

  /** Takes out the gauges of this scope, unless another one has taken their place. What was counted stays counted. */
  retire(): void {
    for (const [id, gauge] of this.#own) if (this.#gauges.get(id) === gauge) this.#gauges.delete(id);
    this.#own.clear();
  }

  /** The counter of that name and those labels; the same object each time. */
  counter(name: MetricName, labels: Labels): Counter {
    const id = idOf(name, labels);
    let series = this.#counters.get(id);
    if (series === undefined) this.#counters.set(id, (series = { name, labels, counter: new Counter() }));
    return series.counter;
  }

  /** A number that is read when somebody looks; in place of the one of that name and those labels, if there is one. */
  gauge(name: MetricName, labels: Labels, read: () => number): void {
    const id = idOf(name, labels);
    const gauge = { name, labels, read };
    this.#gauges.set(id, gauge);
    this.#own.set(id, gauge);
  }

  /**
   * Takes in what others count, such as other threads: their counters are added to those of the same name and labels, and
   * of other numbers the largest counts.
   */
  include(others: () => Iterable<Series>): void {
    this.#others.push(others);
  }

  /** All series, in the order in which they were made. */
  series(): Series[] {
    const own = [
      ...[...this.#counters.values()].map(({ name, labels, counter }) => ({ name, labels, value: counter.value })),
      ...Array.from(this.#gauges.values(), ({ name, labels, read }) => ({ name, labels, value: read() })),
    ];
    if (this.#others.length === 0) return own;
    const merged = new Map(own.map((series) => [idOf(series.name, series.labels), series]));
    for (const series of this.#others.flatMap((others) => [...others()])) {
      const id = idOf(series.name, series.labels);
      merged.set(id, mergeSeries(merged.get(id), series));
    }
    return [...merged.values()];
  }

  /** The sum over all series of `name` whose labels include `labels`. */
  sum(name: MetricName, labels: Labels = {}): number {
    let sum = 0;
    for (const { value } of this.#find(name, labels)) sum += value;
    return sum;
  }

  /** The same, for each value of a label. */
  sumBy(name: MetricName, label: string, labels: Labels = {}): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const series of this.#find(name, labels)) {
      const key = series.labels[label] ?? '';
      sums[key] = (sums[key] ?? 0) + series.value;
    }
    return sums;
  }

  *#find(name: MetricName, labels: Labels): Iterable<Series> {
    const wanted = Object.entries(labels);
    const isWanted = (series: { name: MetricName; labels: Labels }): boolean =>
      series.name === name && wanted.every(([key, value]) => series.labels[key] === value);
    if (this.#others.length > 0) {
      for (const series of this.series()) if (isWanted(series)) yield series;
      return;
    }
    for (const series of this.#counters.values()) {
      if (isWanted(series)) yield { name, labels: series.labels, value: series.counter.value };
    }
    for (const series of this.#gauges.values()) {
      if (isWanted(series)) yield { name, labels: series.labels, value: series.read() };
    }
  }
}

function mergeSeries(a: Series | undefined, b: Series): Series {
  if (a === undefined) return b;
  return { ...a, value: a.name.endsWith('_total') ? a.value + b.value : Math.max(a.value, b.value) };
}

function idOf(name: MetricName, labels: Labels): string {
  return JSON.stringify([name, ...Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
