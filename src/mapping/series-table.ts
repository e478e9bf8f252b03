import { OVERFLOW_LABEL } from '../core/instruments.ts';
import { LabelSet } from '../core/label-set.ts';
import type { MetricPoint } from '../core/metric.ts';
import type { MappedType } from './metric-mapping.ts';

/** What was read for one series. */
export type Sample =
  | { readonly kind: 'number'; readonly value: number }
  | {
      readonly kind: 'histogram';
      readonly bounds: readonly number[];
      readonly counts: readonly number[];
      readonly count: number;
      readonly sum: number | undefined;
    };

/** When a document was read. */
export interface ReadingTimes {
  readonly unixMs: number;
  /** When the application began to count; undefined: it does not say. */
  readonly startUnixMs: number | undefined;
}

interface Series {
  readonly labels: LabelSet;
  /** What it had counted. */
  total: number;
  startUnixMs: number | undefined;
}

/** The label and its value, by the names of the labels in order. */
export type LabelPairs = readonly (readonly [name: string, value: string])[];

/** The series of one metric, from one reading to the next. */
export class SeriesTable {
  readonly #type: MappedType;
  readonly #maxSeries: number;
  readonly #commonLabels: LabelPairs;
  #series = new Map<string, Series>();
  readonly #overflow: Series;
  /** Those of this reading that have a series, or may get one. */
  readonly #samples = new Map<string, { readonly labels: LabelPairs; readonly sample: Sample }>();
  /** How many of them have one from the reading before. */
  #known = 0;
  /** What of this reading has none for certain, and how many samples that was. */
  #rest: Sample | undefined;
  #overflowed = 0;
  /** The reading before. */
  #last: ReadingTimes | undefined;

  /** `commonLabels` are those of all series, as far as these have none of the names themselves. */
  constructor(type: MappedType, maxSeries: number, commonLabels: LabelPairs) {
    this.#type = type;
    this.#maxSeries = maxSeries;
    this.#commonLabels = commonLabels;
    this.#overflow = this.#open([[OVERFLOW_LABEL, 'true']]);
  }

  /** Takes a sample of the reading. False: it has one with these labels, which counts. */
  add(labels: LabelPairs, sample: Sample): boolean {
    const id = idOf(labels);
    if (this.#samples.has(id)) return false;
    const isKnown = this.#series.has(id);
    if (isKnown) this.#known++;
    // At most so many can get a series: what comes beyond is not worth its memory.
    if (!isKnown && this.#samples.size - this.#known >= this.#maxSeries) {
      this.#rest = this.#merge(this.#rest, sample);
      this.#overflowed++;
      return true;
    }
    this.#samples.set(id, { labels, sample });
    return true;
  }

  /** Ends the reading: gives its points, and says how many samples had no series of their own. */
  end(times: ReadingTimes): { readonly points: readonly MetricPoint[]; readonly overflowed: number } {
    const points: MetricPoint[] = [];
    const series = new Map<string, Series>();
    let room = this.#maxSeries - this.#known;
    let rest: Sample | undefined;
    let overflowed = this.#overflowed;
    for (const [id, { labels, sample }] of this.#samples) {
      const known = this.#series.get(id);
      if (known === undefined && --room < 0) {
        rest = this.#merge(rest, sample);
        overflowed++;
        continue;
      }
      const one = known ?? this.#open(labels);
      series.set(id, one);
      points.push(this.#point(one, sample, times));
    }
    if (this.#rest !== undefined) rest = this.#merge(rest, this.#rest);
    if (rest !== undefined) points.push(this.#point(this.#overflow, rest, times));
    this.#series = series;
    this.#samples.clear();
    this.#known = 0;
    this.#rest = undefined;
    this.#overflowed = 0;
    this.#last = times;
    return { points, overflowed };
  }

  #open(labels: LabelPairs): Series {
    return { labels: LabelSet.of([...this.#commonLabels, ...labels]), total: 0, startUnixMs: undefined };
  }

  #point(series: Series, sample: Sample, times: ReadingTimes): MetricPoint {
    const startUnixMs = this.#startOf(series, sample.kind === 'number' ? sample.value : sample.count, times);
    return { ...sample, labels: series.labels, startUnixMs };
  }

  /**
   * When a series began to count, as far as it is known: when the application did, or, where its total went down, when
   * it was read before that, since all of it was counted after that.
   */
  #startOf(series: Series, total: number, { startUnixMs }: ReadingTimes): number | undefined {
    if (this.#type !== 'counter' && this.#type !== 'histogram') return undefined;
    const last = this.#last;
    const hasRestarted = last !== undefined && last.startUnixMs !== startUnixMs;
    if (hasRestarted || series.startUnixMs === undefined) series.startUnixMs = startUnixMs;
    if (!hasRestarted && total < series.total && last !== undefined) series.startUnixMs = last.unixMs;
    series.total = total;
    return series.startUnixMs;
  }

  /** What has no series of its own: counts are added up, of a gauge the last one stays. */
  #merge(before: Sample | undefined, sample: Sample): Sample {
    if (sample.kind === 'histogram') {
      const count = sample.count + (before?.kind === 'histogram' ? before.count : 0);
      const sum = (sample.sum ?? 0) + (before?.kind === 'histogram' ? (before.sum ?? 0) : 0);
      return { kind: 'histogram', bounds: [], counts: [count], count, sum };
    }
    if (before?.kind !== 'number' || this.#type === 'gauge') return sample;
    return { kind: 'number', value: before.value + sample.value };
  }
}

/** A text that is the same for equal labels, and for no others: each value says how long it is. */
function idOf(labels: LabelPairs): string {
  let id = '';
  for (const [name, value] of labels) id += `${name}=${value.length}:${value};`;
  return id;
}
