import type { LabelSet } from '../../../core/label-set.ts';
import type { Exemplar, MetricFamily, MetricPoint, MetricType, SummaryPoint } from '../../../core/metric.ts';
import { HistogramBuilder } from './histogram-builder.ts';
import { isCount, isUnixMs, millisecondsOf, startOf } from './read-number.ts';
import type { SampleSuffix } from './sample-suffix.ts';
import type { ScrapedSeries } from './series-cache.ts';

/** What an exposition says of a family. */
export interface FamilyMetadata {
  readonly name: string;
  readonly type: MetricType;
  /** UCUM; empty: none. */
  readonly unit: string;
  readonly help: string;
}

/** One sample. */
export interface Sample {
  readonly series: ScrapedSeries;
  readonly suffix: SampleSuffix;
  readonly value: number;
  readonly unixMs: number | undefined;
  readonly exemplar: Exemplar | undefined;
}

/** A point of one number that is not finished. */
interface NumberBuilder {
  readonly kind: 'number';
  readonly labels: LabelSet;
  value: number;
  startUnixMs: number | undefined;
  unixMs: number | undefined;
  exemplar: Exemplar | undefined;
}

/** Puts a summary together out of its samples, in any order. */
class SummaryBuilder {
  sum: number | undefined;
  count: number | undefined;
  startUnixMs: number | undefined;
  unixMs: number | undefined;
  readonly #quantiles = new Map<number, number>();

  addBound(quantile: number, value: number): boolean {
    if (this.#quantiles.has(quantile)) return false;
    this.#quantiles.set(quantile, value);
    return true;
  }

  build(labels: LabelSet): SummaryPoint | undefined {
    if (this.count === undefined || !isCount(this.count)) return undefined;
    const quantiles = [...this.#quantiles].sort(([a], [b]) => a - b).map(([quantile, value]) => ({ quantile, value }));
    const { count, sum = 0, startUnixMs, unixMs } = this;
    return { kind: 'summary', labels, quantiles, count, sum, startUnixMs, unixMs };
  }
}

/** A family that is being put together. Its type says which of the maps are in use. */
interface OpenFamily {
  readonly metadata: FamilyMetadata;
  readonly numbers: Map<LabelSet, NumberBuilder>;
  readonly histograms: Map<LabelSet, HistogramBuilder>;
  readonly summaries: Map<LabelSet, SummaryBuilder>;
  readonly whole: Map<LabelSet, MetricPoint>;
}

/** Makes families out of samples as they were relabelled. */
export class FamilyAssembler {
  /** Samples that relabelling left. */
  kept = 0;
  /** Samples of series that were there already. */
  duplicates = 0;
  /** Samples and points that cannot be told, such as those of a histogram without its count. */
  incomplete = 0;
  readonly #families = new Map<string, OpenFamily>();
  readonly #created = new Map<string, Map<LabelSet, number | undefined>>();
  #last: OpenFamily | undefined;

  /** Adds a sample of the family `metadata`. Of one series the sample with the latest time counts, else the first. */
  add(metadata: FamilyMetadata, sample: Sample): void {
    const { shown, name, sampleLabel } = sample.series;
    if (shown === undefined) return;
    this.kept++;
    if (!this.#isTimely(sample.unixMs)) return;
    const { type } = metadata;
    if (type === 'histogram' || type === 'gauge_histogram' || type === 'summary') {
      const base = shown.name === name ? metadata.name : baseOf(shown.name, sample.suffix);
      if (base !== undefined && (shown.bound !== undefined) === (sampleLabel !== undefined)) {
        const family = this.#family(base, metadata);
        if (family !== undefined) this.#addPart(family, sample, shown);
      } else this.#addNumber(shown.name, { ...metadata, type: 'unknown', unit: '' }, sample, shown.labels);
    } else if (sample.suffix === '_created') {
      const total = `${baseOf(shown.name, '_created') ?? shown.name}_total`;
      if (!this.#created.has(total)) this.#created.set(total, new Map());
      this.#created.get(total)!.set(shown.labels, startOf(millisecondsOf(sample.value)));
    } else this.#addNumber(shown.name, metadata, sample, shown.labels);
  }

  /** Adds a point that is whole, of the family `metadata`. */
  addPoint(metadata: FamilyMetadata, point: MetricPoint): void {
    this.kept++;
    if (!this.#isTimely(point.unixMs)) return;
    const family = this.#family(metadata.name, metadata);
    if (family === undefined) return;
    if (family.whole.has(point.labels)) this.duplicates++;
    else family.whole.set(point.labels, point);
  }

  /** All families that have points. */
  families(): MetricFamily[] {
    for (const [name, times] of this.#created) this.#setCreated(name, times);
    for (const [name, family] of this.#families) if (this.#isCreated(name, family)) this.#families.delete(name);
    const families: MetricFamily[] = [];
    for (const { metadata, numbers, histograms, summaries, whole } of this.#families.values()) {
      const points: MetricPoint[] = [...numbers.values(), ...whole.values()];
      for (const [labels, builder] of [...histograms, ...summaries]) {
        const point = whole.has(labels) ? undefined : builder.build(labels);
        if (point === undefined) this.incomplete++;
        else points.push(point);
      }
      const { name, type, unit, help: description } = metadata;
      if (points.length > 0) families.push({ name, type, unit, description, points });
    }
    return families;
  }

  /** False, and counted: no format that it goes out by can say that time. */
  #isTimely(unixMs: number | undefined): boolean {
    if (unixMs === undefined || isUnixMs(unixMs)) return true;
    this.incomplete++;
    return false;
  }

  #addNumber(name: string, metadata: FamilyMetadata, sample: Sample, labels: LabelSet): void {
    const family = this.#family(name, metadata);
    if (family === undefined) return;
    const { value, unixMs, exemplar } = sample;
    const known = family.numbers.get(labels);
    if (known === undefined) {
      family.numbers.set(labels, { kind: 'number', labels, value, startUnixMs: undefined, unixMs, exemplar });
    } else if (unixMs !== undefined && known.unixMs !== undefined && unixMs >= known.unixMs) {
      Object.assign(known, { value, unixMs, exemplar });
    } else this.duplicates++;
  }

  #addPart({ metadata, histograms, summaries }: OpenFamily, sample: Sample, shown: Shown): void {
    const { suffix, value, unixMs, exemplar } = sample;
    const isSummary = metadata.type === 'summary';
    const builders: Map<LabelSet, HistogramBuilder | SummaryBuilder> = isSummary ? summaries : histograms;
    let builder = builders.get(shown.labels);
    const isLater = unixMs !== undefined && builder?.unixMs !== undefined && unixMs > builder.unixMs;
    if (builder === undefined || isLater) {
      builder = isSummary ? new SummaryBuilder() : new HistogramBuilder();
      builder.unixMs = unixMs;
      builders.set(shown.labels, builder);
    }
    let isNew = true;
    if (suffix === '_created') builder.startUnixMs = startOf(millisecondsOf(value));
    else if (suffix === '_count' || suffix === '_gcount') {
      isNew = builder.count === undefined;
      builder.count ??= value;
    } else if (suffix === '_sum' || suffix === '_gsum') {
      isNew = builder.sum === undefined;
      builder.sum ??= value;
    } else isNew = builder.addBound(shown.bound!, value, exemplar);
    if (!isNew) this.duplicates++;
  }

  /** The family of that name; undefined, and counted: the name is taken by another type. */
  #family(name: string, metadata: FamilyMetadata): OpenFamily | undefined {
    let family = this.#last;
    if (family?.metadata.name !== name) family = this.#families.get(name);
    if (family === undefined) {
      const maps = { numbers: new Map(), histograms: new Map(), summaries: new Map(), whole: new Map() };
      family = { metadata: { ...metadata, name }, ...maps };
      this.#families.set(name, family);
    }
    this.#last = family;
    if (family.metadata.type === metadata.type) return family;
    this.incomplete++;
    return undefined;
  }

  /**
   * Whether a gauge is what some libraries expose in the text format for want of `_created`: the time when another
   * metric began to count, which its points then know.
   */
  #isCreated(name: string, { metadata, numbers }: OpenFamily): boolean {
    const base = metadata.type === 'gauge' ? baseOf(name, '_created') : undefined;
    if (base === undefined) return false;
    const counter = this.#families.get(`${base}_total`);
    const family = counter?.metadata.type === 'counter' ? counter : this.#families.get(base);
    const builders = family && [family.numbers, family.histograms, family.summaries];
    if (family === undefined || ![...numbers.keys()].every((labels) => builders?.some((of) => of.has(labels))))
      return false;
    if (family === counter || family.metadata.type === 'histogram' || family.metadata.type === 'summary') {
      for (const [labels, { value }] of numbers)
        for (const of of builders ?? []) {
          const builder = of.get(labels);
          if (builder !== undefined) builder.startUnixMs = startOf(millisecondsOf(value));
        }
      return true;
    }
    return false;
  }

  #setCreated(name: string, times: ReadonlyMap<LabelSet, number | undefined>): void {
    const numbers = this.#families.get(name)?.numbers;
    for (const [labels, startUnixMs] of times) {
      const number = numbers?.get(labels);
      if (number === undefined) this.incomplete++;
      else number.startUnixMs = startUnixMs;
    }
  }
}

type Shown = NonNullable<ScrapedSeries['shown']>;

/** The name without its suffix; undefined: it has another one. */
function baseOf(name: string, suffix: SampleSuffix): string | undefined {
  return name.endsWith(suffix) && name.length > suffix.length ? name.slice(0, name.length - suffix.length) : undefined;
}
