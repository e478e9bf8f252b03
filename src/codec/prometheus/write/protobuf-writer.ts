import { ProtobufOutput } from '../../../bytes/protobuf-output.ts';
import { inSlices } from '../../../core/in-slices.ts';
import type { LabelSet } from '../../../core/label-set.ts';
import type {
  Exemplar,
  ExponentialHistogramPoint,
  HistogramPoint,
  MetricType,
  NumberColumns,
  NumberPoint,
  SummaryPoint,
} from '../../../core/metric.ts';
import { NameShapes } from '../../../core/name-shapes.ts';
import { exemplarLabels } from '../exemplar-labels.ts';
import { type EscapingScheme, escapeName, escapePairs } from '../names.ts';
import { nativeSchema, nativeSide } from '../native-buckets.ts';
import { type PrometheusColumns, type PrometheusFamily, seriesCount } from '../prometheus-family.ts';
import * as tags from '../protobuf-tags.ts';
import { guessedBytes } from './guessed-bytes.ts';
import { LabelBytes, spanOf, type TextSpan } from './label-bytes.ts';
import { ProtobufColumns } from './protobuf-columns.ts';

/** The numbers of io.prometheus.client.MetricType. */
const TYPES: Readonly<Record<MetricType, number>> = {
  counter: 0,
  gauge: 1,
  up_down_counter: 1,
  info: 1,
  state_set: 1,
  summary: 2,
  unknown: 3,
  histogram: 4,
  gauge_histogram: 5,
};

/** The field of a metric of one number. */
const VALUE_TAGS: Partial<Record<MetricType, number>> = {
  counter: tags.METRIC_COUNTER,
  unknown: tags.METRIC_UNTYPED,
};

/**
 * Writes families as messages of io.prometheus.client.MetricFamily with their lengths before them, with the names of one
 * escaping scheme. Keeps the encoded labels for as long as the label sets are in use.
 */
export class ProtobufWriter {
  readonly #escaping: EscapingScheme;
  readonly #labels: LabelBytes<ProtobufOutput>;
  /** Names of labels as fields; `escaped`: those of some become others. */
  readonly #names: NameShapes<readonly TextSpan[] | 'escaped'>;
  #lastSize = 4096;
  /** Of the exposition that is being written. */
  #out = new ProtobufOutput();

  constructor(escaping: EscapingScheme) {
    this.#escaping = escaping;
    this.#labels = new LabelBytes(new ProtobufOutput(), (labels, out) =>
      this.#writeLabels(tags.METRIC_LABEL, labels, out),
    );
    this.#names = new NameShapes((names) =>
      names.every((name) => escapeName(name, 'label', escaping) === name) ? names.map(nameField) : 'escaped',
    );
  }

  /** The exposition; the caller's. */
  write(families: readonly PrometheusFamily[], { timestamps }: { readonly timestamps: boolean }): Buffer {
    this.#out = new ProtobufOutput(Math.max(this.#lastSize, guessedBytes(families)));
    const names = new Set<string>();
    for (const family of families) {
      const name = escapeName(family.name, 'metric', this.#escaping);
      if (names.has(name) || seriesCount(family) === 0) continue;
      names.add(name);
      this.#writeFamily(name, family, timestamps);
    }
    const written = this.#out.written();
    this.#lastSize = Math.ceil(written.length * 1.1) + 4096;
    this.#out = new ProtobufOutput(0);
    return written;
  }

  #writeFamily(name: string, { help, type, unit, series, columns }: PrometheusFamily, timestamps: boolean): void {
    const out = this.#out;
    const family = out.begin();
    out.string(tags.FAMILY_NAME, name);
    if (help !== '') out.string(tags.FAMILY_HELP, help);
    out.integer(tags.FAMILY_TYPE, TYPES[type]);
    if (columns !== undefined) this.#writeColumns(columns, type);
    for (const { labels, point } of series) {
      const metric = out.begin(tags.FAMILY_METRIC);
      out.span(this.#labels.of(labels));
      if (point.kind === 'number') this.#writeNumber(point, type);
      else if (point.kind === 'summary') this.#writeSummary(point);
      else if (point.kind === 'histogram') this.#writeHistogram(point);
      else this.#writeNativeHistogram(point);
      if (timestamps && point.unixMs !== undefined) out.integer(tags.METRIC_TIMESTAMP_MS, Math.round(point.unixMs));
      out.end(metric);
    }
    if (unit !== '') out.string(tags.FAMILY_UNIT, unit);
    out.end(family);
  }

  #writeColumns(family: PrometheusColumns, type: MetricType): void {
    const number = {
      tag: VALUE_TAGS[type] ?? tags.METRIC_GAUGE,
      createdTag: type === 'counter' ? tags.COUNTER_CREATED : undefined,
    };
    const metrics = new ProtobufColumns(this.#out, family, { escaping: this.#escaping, number });
    inSlices(family.columns.places.length, (from, to) => this.#writeSlice(family.columns, metrics, type, from, to));
  }

  #writeSlice(
    { places, values, exemplar, startUnixMs }: NumberColumns,
    metrics: ProtobufColumns,
    type: MetricType,
    from: number,
    to: number,
  ): void {
    for (let i = from; i < to; i++) {
      const place = places[i]!;
      const one = exemplar?.(place);
      if (one === undefined && metrics.write(place)) continue;
      const metric = this.#out.begin(tags.FAMILY_METRIC);
      metrics.writeLabels(place);
      this.#writeValue(values[place]!, one, startUnixMs?.[place], type);
      this.#out.end(metric);
    }
  }

  #writeNumber({ value, exemplar, startUnixMs }: NumberPoint, type: MetricType): void {
    this.#writeValue(value, exemplar, startUnixMs, type);
  }

  #writeValue(value: number, exemplar: Exemplar | undefined, startUnixMs: number | undefined, type: MetricType): void {
    const out = this.#out;
    const message = out.begin(VALUE_TAGS[type] ?? tags.METRIC_GAUGE);
    out.double(tags.NUMBER_VALUE, value);
    if (type === 'counter') {
      if (exemplar !== undefined) this.#writeExemplar(tags.COUNTER_EXEMPLAR, exemplar);
      this.#writeTime(tags.COUNTER_CREATED, startUnixMs);
    }
    out.end(message);
  }

  #writeSummary({ count, sum, quantiles, startUnixMs }: SummaryPoint): void {
    const out = this.#out;
    const message = out.begin(tags.METRIC_SUMMARY);
    out.integer(tags.SUMMARY_COUNT, Math.round(count));
    out.double(tags.SUMMARY_SUM, sum ?? 0);
    for (const { quantile, value } of quantiles) {
      const pair = out.begin(tags.SUMMARY_QUANTILE);
      out.double(tags.QUANTILE, quantile);
      out.double(tags.QUANTILE_VALUE, value);
      out.end(pair);
    }
    this.#writeTime(tags.SUMMARY_CREATED, startUnixMs);
    out.end(message);
  }

  #writeHistogram({ bounds, counts, sum, exemplars, startUnixMs }: HistogramPoint): void {
    const out = this.#out;
    const message = out.begin(tags.METRIC_HISTOGRAM);
    let upTo = 0;
    for (let i = 0; i <= bounds.length; i++) {
      upTo += counts[i] ?? 0;
      const bucket = out.begin(tags.HISTOGRAM_BUCKET);
      this.#writeCount(tags.BUCKET_COUNT, tags.BUCKET_COUNT_FLOAT, upTo);
      out.double(tags.BUCKET_UPPER_BOUND, i < bounds.length ? bounds[i]! : Number.POSITIVE_INFINITY);
      const exemplar = exemplars?.[i];
      if (exemplar !== undefined) this.#writeExemplar(tags.BUCKET_EXEMPLAR, exemplar);
      out.end(bucket);
    }
    this.#writeCount(tags.HISTOGRAM_COUNT, tags.HISTOGRAM_COUNT_FLOAT, upTo);
    if (sum !== undefined) out.double(tags.HISTOGRAM_SUM, sum);
    this.#writeTime(tags.HISTOGRAM_CREATED, startUnixMs);
    out.end(message);
  }

  #writeNativeHistogram(point: ExponentialHistogramPoint): void {
    const out = this.#out;
    const message = out.begin(tags.METRIC_HISTOGRAM);
    this.#writeCount(tags.HISTOGRAM_COUNT, tags.HISTOGRAM_COUNT_FLOAT, point.count);
    if (point.sum !== undefined) out.double(tags.HISTOGRAM_SUM, point.sum);
    const schema = nativeSchema(point);
    if (schema !== undefined) this.#writeNative(point, schema);
    this.#writeTime(tags.HISTOGRAM_CREATED, point.startUnixMs);
    // Without a time an exemplar is refused.
    for (const exemplar of point.exemplars ?? [])
      if (exemplar.unixMs !== undefined) this.#writeExemplar(tags.HISTOGRAM_EXEMPLAR, exemplar);
    out.end(message);
  }

  #writeNative(
    { scale, zeroThreshold, zeroCount, positive, negative }: ExponentialHistogramPoint,
    schema: number,
  ): void {
    const out = this.#out;
    const sides = [
      { tags: NEGATIVE, ...nativeSide(negative, scale, schema) },
      { tags: POSITIVE, ...nativeSide(positive, scale, schema) },
    ];
    const isWhole = Number.isInteger(zeroCount) && sides.every(({ counts }) => counts.every(Number.isInteger));
    out.signed(tags.HISTOGRAM_SCHEMA, schema);
    out.double(tags.HISTOGRAM_ZERO_THRESHOLD, zeroThreshold);
    if (isWhole) out.integer(tags.HISTOGRAM_ZERO_COUNT, zeroCount);
    else out.double(tags.HISTOGRAM_ZERO_COUNT_FLOAT, zeroCount);
    for (const { tags: side, spans, counts } of sides) {
      // A span of nothing says that this is a native histogram, where nothing else does.
      const isUnsaid = side === POSITIVE && sides.every(({ spans }) => spans.length === 0) && zeroThreshold === 0;
      for (const { offset, length } of isUnsaid ? NO_SPAN : spans) {
        const span = out.begin(side.span);
        out.signed(tags.SPAN_OFFSET, offset);
        out.integer(tags.SPAN_LENGTH, length);
        out.end(span);
      }
      let before = 0;
      for (const count of counts) {
        if (isWhole) out.signed(side.delta, count - before);
        else out.double(side.count, count);
        before = count;
      }
    }
  }

  /** A count, which is a fraction in a few histograms. */
  #writeCount(integerTag: number, floatTag: number, count: number): void {
    if (Number.isInteger(count)) this.#out.integer(integerTag, count);
    else this.#out.double(floatTag, count);
  }

  #writeExemplar(tag: number, exemplar: Exemplar): void {
    const message = this.#out.begin(tag);
    this.#writeLabels(tags.EXEMPLAR_LABEL, exemplarLabels(exemplar), this.#out);
    this.#out.double(tags.EXEMPLAR_VALUE, exemplar.value);
    this.#writeTime(tags.EXEMPLAR_TIMESTAMP, exemplar.unixMs);
    this.#out.end(message);
  }

  #writeTime(tag: number, unixMs: number | undefined): void {
    if (unixMs !== undefined) this.#out.time(tag, unixMs);
  }

  #writeLabels(tag: number, labels: LabelSet, out: ProtobufOutput): void {
    const names = this.#names.of(labels.names);
    if (names === 'escaped') {
      for (const [name, value] of escapePairs(labels, this.#escaping)) writePair(tag, nameField(name), value, out);
      return;
    }
    for (let i = 0; i < names.length; i++) writePair(tag, names[i]!, labels.values[i]!, out);
  }
}

/** The name of a label as the field of its message. */
function nameField(name: string): TextSpan {
  const out = new ProtobufOutput(64);
  out.string(tags.LABEL_NAME, name);
  return spanOf(out.written());
}

function writePair(tag: number, name: TextSpan, value: string, out: ProtobufOutput): void {
  const pair = out.begin(tag);
  out.span(name);
  out.string(tags.LABEL_VALUE, value);
  out.end(pair);
}

const POSITIVE = {
  span: tags.HISTOGRAM_POSITIVE_SPAN,
  delta: tags.HISTOGRAM_POSITIVE_DELTA,
  count: tags.HISTOGRAM_POSITIVE_COUNT,
};
const NEGATIVE = {
  span: tags.HISTOGRAM_NEGATIVE_SPAN,
  delta: tags.HISTOGRAM_NEGATIVE_DELTA,
  count: tags.HISTOGRAM_NEGATIVE_COUNT,
};
const NO_SPAN = [{ offset: 0, length: 0 }];
