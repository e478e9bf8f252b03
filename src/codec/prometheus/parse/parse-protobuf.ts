import type { Exemplar, MetricType } from '../../../core/metric.ts';
import { ProtobufReader } from '../../otlp/protobuf-reader.ts';
import { openMetricsFloat } from '../go-float.ts';
import * as tags from '../protobuf-tags.ts';
import { unitOfWord } from '../units.ts';
import { ExpositionError } from './exposition-error.ts';
import { FamilyAssembler, type FamilyMetadata } from './family-assembler.ts';
import { exponentialHistogram } from './native-histogram.ts';
import type { ParsedExposition, ParseOptions } from './parse-exposition.ts';
import { readExemplar, readHistogram, readLabelPair, readSummary, readTimestamp } from './protobuf-messages.ts';
import { startOf } from './read-number.ts';
import type { SampleSuffix } from './sample-suffix.ts';
import type { SampleLabel, ScrapedSeries } from './series-cache.ts';

/** By the numbers of io.prometheus.client.MetricType. */
const TYPES: readonly MetricType[] = ['counter', 'gauge', 'summary', 'unknown', 'histogram', 'gauge_histogram'];

/**
 * Reads messages of io.prometheus.client.MetricFamily with their lengths before them. Native histograms win over the
 * buckets with bounds that they may have beside. Throws an ExpositionError where a message is none.
 */
export function parseProtobuf(bytes: Buffer, options: ParseOptions): ParsedExposition {
  const parser = new ProtobufParser(options);
  try {
    const input = new ProtobufReader(bytes);
    while (!input.isAtEnd) parser.readFamily(input.message());
  } catch (error) {
    if (error instanceof RangeError) throw new ExpositionError(error.message);
    throw error;
  }
  return parser.parsed();
}

class ProtobufParser {
  readonly #options: ParseOptions;
  readonly #assembler = new FamilyAssembler();
  #samples = 0;

  constructor(options: ParseOptions) {
    this.#options = options;
  }

  parsed(): ParsedExposition {
    const families = this.#assembler.families();
    const { kept, duplicates, incomplete } = this.#assembler;
    return { families, samples: this.#samples, kept, duplicates, incomplete };
  }

  readFamily(reader: ProtobufReader): void {
    let name = '';
    let help = '';
    let unit = '';
    let type: MetricType = 'counter';
    const metrics: Buffer[] = [];
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === tags.FAMILY_NAME) name = reader.string();
      else if (tag === tags.FAMILY_HELP) help = reader.string();
      else if (tag === tags.FAMILY_TYPE) type = TYPES[reader.uint32()] ?? 'unknown';
      else if (tag === tags.FAMILY_UNIT) unit = reader.string();
      else if (tag === tags.FAMILY_METRIC) metrics.push(reader.bytes());
      else reader.skip(tag);
    }
    if (name === '') throw new ExpositionError('metric has no name');
    const metadata = { name, type, unit: unitOfWord(unit), help };
    for (const metric of metrics) this.#readMetric(metadata, metric);
  }

  #readMetric(metadata: FamilyMetadata, bytes: Buffer): void {
    const labels: Buffer[] = [];
    let unixMs: number | undefined;
    let value: { readonly tag: number; readonly bytes: Buffer } | undefined;
    const reader = new ProtobufReader(bytes);
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === tags.METRIC_LABEL) labels.push(reader.bytes());
      else if (tag === tags.METRIC_TIMESTAMP_MS) unixMs = Number(BigInt.asIntN(64, reader.int64()));
      else if (VALUES.has(tag)) value = { tag, bytes: reader.bytes() };
      else reader.skip(tag);
    }
    if (value === undefined) throw new ExpositionError('metric has no value');
    const metric = { metadata, labels, unixMs: this.#options.honorTimestamps ? unixMs : undefined };
    const found = new ProtobufReader(value.bytes);
    if (value.tag === tags.METRIC_HISTOGRAM) this.#addHistogram(metric, found);
    else if (value.tag === tags.METRIC_SUMMARY) this.#addSummary(metric, found);
    else this.#addNumber(metric, found, value.tag === tags.METRIC_COUNTER);
  }

  #addNumber(metric: RawMetric, reader: ProtobufReader, isCounter: boolean): void {
    let value = 0;
    let exemplar: Exemplar | undefined;
    let startUnixMs: number | undefined;
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === tags.NUMBER_VALUE) value = reader.double();
      else if (isCounter && tag === tags.COUNTER_EXEMPLAR) exemplar = readExemplar(reader.message());
      else if (isCounter && tag === tags.COUNTER_CREATED) startUnixMs = startOf(readTimestamp(reader.message()));
      else reader.skip(tag);
    }
    const { metadata, unixMs } = metric;
    const series = this.#series(metric, '');
    this.#samples++;
    if (series.shown === undefined) return;
    const point = { kind: 'number' as const, labels: series.shown.labels, value, exemplar, startUnixMs, unixMs };
    this.#assembler.addPoint({ ...metadata, name: series.shown.name }, point);
  }

  #addSummary(metric: RawMetric, reader: ProtobufReader): void {
    const { count, sum, quantiles, startUnixMs } = readSummary(reader);
    for (const [quantile, value] of quantiles) this.#add(metric, '', value, ['quantile', quantile]);
    this.#add(metric, '_sum', sum);
    this.#add(metric, '_count', count);
    if (startUnixMs !== undefined) this.#addStart(metric, startUnixMs);
  }

  #addHistogram(metric: RawMetric, reader: ProtobufReader): void {
    const histogram = readHistogram(reader);
    if (histogram.isNative) {
      const series = this.#series(metric, '');
      this.#samples++;
      if (series.shown === undefined) return;
      const point = exponentialHistogram({ ...histogram, labels: series.shown.labels, unixMs: metric.unixMs });
      this.#assembler.addPoint({ ...metric.metadata, name: series.shown.name }, point);
      return;
    }
    const prefix = metric.metadata.type === 'gauge_histogram' ? '_g' : '_';
    for (const { bound, upTo, exemplar } of histogram.buckets)
      this.#add(metric, '_bucket', upTo, ['le', bound], exemplar);
    if (histogram.sum !== undefined) this.#add(metric, `${prefix}sum`, histogram.sum);
    this.#add(metric, `${prefix}count`, histogram.count);
    if (histogram.startUnixMs !== undefined) this.#addStart(metric, histogram.startUnixMs);
  }

  /** Adds one of the samples that the metric is in the text formats. */
  #add(
    metric: RawMetric,
    suffix: SampleSuffix,
    value: number,
    bound?: readonly [name: string, value: number],
    exemplar?: Exemplar,
  ): void {
    const series = this.#series(metric, suffix, bound);
    this.#samples++;
    this.#assembler.add(metric.metadata, { series, suffix, value, unixMs: metric.unixMs, exemplar });
  }

  /** When counting began is no sample here, but goes the same way. */
  #addStart(metric: RawMetric, startUnixMs: number): void {
    const series = this.#series(metric, '_created');
    const { unixMs } = metric;
    this.#assembler.add(metric.metadata, {
      series,
      suffix: '_created',
      value: startUnixMs / 1000,
      unixMs,
      exemplar: undefined,
    });
  }

  #series(metric: RawMetric, suffix: SampleSuffix, bound?: readonly [string, number]): ScrapedSeries {
    const { cache } = this.#options;
    const name = metric.metadata.name + suffix;
    const sampleLabel: SampleLabel = bound?.[0];
    let text = bound === undefined ? name : `${name}\0${bound[0]}\0${bound[1]}`;
    for (const label of metric.labels) text += `\0${label.toString('latin1')}`;
    const known = cache.find(text);
    if (known !== undefined && known.sampleLabel === sampleLabel) return known;
    const pairs = metric.labels.map(readLabelPair);
    if (new Set(pairs.map(([label]) => label)).size < pairs.length) throw new ExpositionError('a label is there twice');
    if (bound !== undefined) pairs.push([bound[0], openMetricsFloat(bound[1])]);
    return cache.add(text, { name, pairs }, sampleLabel);
  }
}

interface RawMetric {
  readonly metadata: FamilyMetadata;
  /** Messages of LabelPair. */
  readonly labels: readonly Buffer[];
  readonly unixMs: number | undefined;
}

const VALUES: ReadonlySet<number> = new Set([
  tags.METRIC_GAUGE,
  tags.METRIC_COUNTER,
  tags.METRIC_SUMMARY,
  tags.METRIC_UNTYPED,
  tags.METRIC_HISTOGRAM,
]);
