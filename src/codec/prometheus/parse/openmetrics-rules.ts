import type { MetricType } from '../../../core/metric.ts';
import { ExpositionError } from './exposition-error.ts';
import type { FamilyMetadata, Sample } from './family-assembler.ts';
import { numberOf, readRealNumber } from './read-number.ts';
import { OPENMETRICS_SUFFIXES } from './sample-suffix.ts';

/**
 * What OpenMetrics demands of the samples of one family beyond their grammar. Each sample is shown to it in order; what
 * breaks a rule throws an ExpositionError.
 */
export class OpenMetricsRules {
  readonly #family: FamilyMetadata;
  readonly #groups = new Set<unknown>();
  #group: unknown;
  #groupUnixMs: number | undefined;
  /** Samples of the group at this time, where it has none: each may be there once. */
  readonly #inGroup = new Set<string>();
  #histogram = new HistogramRules();

  constructor(family: FamilyMetadata) {
    this.#family = family;
  }

  add(sample: Sample): void {
    this.#checkValue(sample);
    if (sample.exemplar !== undefined && sample.suffix !== '_bucket' && sample.suffix !== '_total')
      throw new ExpositionError('exemplar on a sample that may have none');
    this.#checkGroup(sample);
    if (this.#isHistogram()) this.#histogram.add(sample);
  }

  /** Call after the last sample of the family. */
  end(): void {
    if (this.#isHistogram() && this.#group !== undefined) this.#histogram.end();
  }

  #isHistogram(): boolean {
    return this.#family.type === 'histogram' || this.#family.type === 'gauge_histogram';
  }

  #checkValue({ series, suffix, value }: Sample): void {
    const { type } = this.#family;
    if (type === 'state_set') {
      if (series.boundText === undefined) throw new ExpositionError('state without the label of its name');
      if (value !== 0 && value !== 1) throw new ExpositionError('state is neither 0 nor 1');
    }
    if (type === 'info' && value !== 1) throw new ExpositionError('info is not 1');
    if (type === 'summary' && suffix === '') {
      const quantile = numberOf(series.boundText ?? '');
      if (quantile === undefined || !(quantile >= 0 && quantile <= 1)) throw new ExpositionError('quantile is not one');
      if (value < 0) throw new ExpositionError('value of a quantile is negative');
    }
    if (COUNTS.has(suffix) || suffix === '_gsum') {
      if (Number.isNaN(value)) throw new ExpositionError('count or sum is not a number');
      if (value < 0 && suffix !== '_gsum') throw new ExpositionError('count or sum is negative');
    }
    const isWhole = suffix === '_bucket' || suffix === '_count' || suffix === '_gcount';
    if (isWhole && !Number.isInteger(value)) throw new ExpositionError('count is no whole number');
    if (suffix === '_bucket' && !isBound(series.boundText)) throw new ExpositionError('bucket without a bound');
  }

  #checkGroup({ series, suffix, unixMs }: Sample): void {
    // All samples of an info are one metric.
    const group = this.#family.type === 'info' ? this.#family : series.group;
    if (group !== this.#group) {
      if (this.#groups.has(group)) throw new ExpositionError('samples of one metric are not together');
      if (this.#group !== undefined) this.#startPoint();
      this.#groups.add(group);
      this.#group = group;
    } else if (unixMs === undefined || this.#groupUnixMs === undefined) {
      if (unixMs !== this.#groupUnixMs) throw new ExpositionError('samples of one metric with and without a time');
    } else if (unixMs < this.#groupUnixMs && this.#family.type !== 'info') {
      throw new ExpositionError('time goes backwards');
    } else if (unixMs !== this.#groupUnixMs) this.#startPoint();
    this.#groupUnixMs = unixMs;
    if (unixMs !== undefined || this.#family.type === 'info') return;
    const id = `${suffix} ${series.boundText}`;
    if (this.#inGroup.has(id)) throw new ExpositionError('sample is there twice');
    this.#inGroup.add(id);
  }

  #startPoint(): void {
    this.end();
    this.#histogram = new HistogramRules();
    this.#inGroup.clear();
  }
}

const COUNTS: ReadonlySet<string> = new Set(['_total', '_sum', '_count', '_bucket', '_gcount']);

/** The rules within one histogram. */
class HistogramRules {
  #bound = Number.NEGATIVE_INFINITY;
  #upTo = 0;
  #hasBuckets = false;
  #hasNegative = false;
  /** Whether there is `_sum`, which only grows, unlike `_gsum`. */
  #hasGrowingSum = false;
  #count: number | undefined;
  #sum: number | undefined;

  add({ series, suffix, value }: Sample): void {
    if (suffix === '_count' || suffix === '_gcount') this.#count = value;
    else if (suffix === '_sum' || suffix === '_gsum') this.#sum = value;
    else if (suffix === '_bucket') this.#addBucket(numberOf(series.boundText!)!, value);
    if (suffix === '_sum' && value < 0) throw new ExpositionError('sum is negative');
    if (suffix === '_sum') this.#hasGrowingSum = true;
  }

  end(): void {
    if (this.#bound !== Number.POSITIVE_INFINITY) throw new ExpositionError('histogram without a bucket up to +Inf');
    if (this.#count !== undefined && this.#count !== this.#upTo)
      throw new ExpositionError('count differs from the bucket up to +Inf');
    if ((this.#count === undefined) !== (this.#sum === undefined))
      throw new ExpositionError('histogram with only one of count and sum');
    if (this.#hasNegative && this.#hasGrowingSum) throw new ExpositionError('sum beside buckets below 0');
    if (!this.#hasNegative && this.#sum !== undefined && this.#sum < 0) throw new ExpositionError('sum is negative');
  }

  #addBucket(bound: number, upTo: number): void {
    if (this.#hasBuckets && bound <= this.#bound) throw new ExpositionError('buckets are not in order');
    if (upTo < this.#upTo) throw new ExpositionError('bucket counts less than the one before');
    this.#hasBuckets = true;
    this.#hasNegative ||= bound < 0;
    this.#bound = bound;
    this.#upTo = upTo;
  }
}

/** Whether a bound is written as OpenMetrics has it. */
function isBound(text: string | undefined): boolean {
  if (text === undefined) return false;
  if (text === '+Inf') return true;
  const bytes = Buffer.from(text);
  return readRealNumber(bytes, 0, bytes.length) !== undefined;
}

/** Names that families have taken with those of their samples, so that no two can be confused. */
export class TakenNames {
  readonly #names = new Set<string>();

  /** Throws an ExpositionError where a name is taken. */
  take(family: string, type: MetricType): void {
    for (const suffix of new Set(['', ...OPENMETRICS_SUFFIXES[type]])) {
      const name = family + suffix;
      if (this.#names.has(name)) throw new ExpositionError(`name "${name.slice(0, 100)}" is there twice`);
      this.#names.add(name);
    }
  }
}
