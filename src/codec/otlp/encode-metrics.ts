import type { ProtobufWriter } from '../../bytes/protobuf-writer.ts';
import type { LabelSet } from '../../core/label-set.ts';
import type {
  Exemplar,
  ExponentialBuckets,
  ExponentialHistogramPoint,
  HistogramPoint,
  NumberPoint,
  SummaryPoint,
} from '../../core/metric.ts';
import type { ResourceValue } from '../../core/resource.ts';
import { splitExemplar } from './exemplar-ids.ts';
import { type DataKind, dataKind, type MetricEntry, type MetricHead, nested } from './metric-entries.ts';
import {
  ANY_VALUE,
  BUCKETS,
  DATA,
  EXEMPLAR,
  EXPONENTIAL_POINT,
  HISTOGRAM_POINT,
  KEY_VALUE,
  METRIC,
  NO_RECORDED_VALUE,
  NUMBER_POINT,
  QUANTILE,
  REQUEST,
  RESOURCE_METRICS,
  SCOPE_METRICS,
  SUMMARY_POINT,
  TEMPORALITY,
} from './metric-tags.ts';
import { wholeExponential, wholeHistogram } from './whole-counts.ts';

/** Writes an ExportMetricsServiceRequest. */
export function encodeMetrics(out: ProtobufWriter, entries: readonly MetricEntry[]): void {
  for (const { resource, scopes } of nested(entries)) {
    out.message(REQUEST.resourceMetrics, () => {
      out.message(RESOURCE_METRICS.resource, () => {
        for (const [key, value] of resource.attributes) writeAttribute(out, 1, key, value);
      });
      for (const { scope, metrics } of scopes) {
        out.message(RESOURCE_METRICS.scopeMetrics, () => {
          out.message(SCOPE_METRICS.scope, () => {
            out.text(1, scope.name);
            out.text(2, scope.version);
          });
          for (const { metric, entries } of metrics) writeMetric(out, metric, entries);
        });
      }
    });
  }
}

const DATA_FIELDS: Record<DataKind, number> = {
  gauge: METRIC.gauge,
  sum: METRIC.sum,
  histogram: METRIC.histogram,
  exponential_histogram: METRIC.exponentialHistogram,
  summary: METRIC.summary,
};

function writeMetric(out: ProtobufWriter, metric: MetricHead, entries: readonly MetricEntry[]): void {
  const kind = dataKind(metric.type, entries[0]!.point);
  if (kind === undefined) return;
  out.message(SCOPE_METRICS.metrics, () => {
    out.text(METRIC.name, metric.name);
    out.text(METRIC.description, metric.description);
    out.text(METRIC.unit, metric.unit);
    out.message(DATA_FIELDS[kind], () => {
      for (const entry of entries) out.message(DATA.dataPoints, () => writePoint(out, entry));
      if (kind === 'gauge' || kind === 'summary') return;
      out.integer(DATA.temporality, TEMPORALITY[metric.temporality]);
      if (kind === 'sum') out.integer(DATA.isMonotonic, metric.type === 'counter' ? 1 : 0);
    });
    if (metric.isFromPrometheus) writeAttribute(out, METRIC.metadata, 'prometheus.type', metric.type);
  });
}

function writePoint(out: ProtobufWriter, entry: MetricEntry): void {
  switch (entry.point.kind) {
    case 'number':
      writeNumber(out, entry, entry.point);
      break;
    case 'histogram':
      writeHistogram(out, entry, entry.point);
      break;
    case 'exponential_histogram':
      writeExponential(out, entry, entry.point);
      break;
    case 'summary':
      writeSummary(out, entry, entry.point);
      break;
    default:
      entry.point satisfies never;
  }
}

/** What the points of all kinds have, under fields of their own. */
function writeCommon(
  out: ProtobufWriter,
  { point, unixMs, isGone }: MetricEntry,
  field: { readonly attributes: number; readonly start: number; readonly time: number; readonly flags: number },
): void {
  writeLabels(out, field.attributes, point.labels);
  if (point.startUnixMs !== undefined) out.unixNano(field.start, point.startUnixMs);
  out.unixNano(field.time, unixMs);
  if (isGone) out.integer(field.flags, NO_RECORDED_VALUE);
}

function writeNumber(out: ProtobufWriter, entry: MetricEntry, { value, exemplar }: NumberPoint): void {
  writeCommon(out, entry, NUMBER_POINT);
  if (entry.isGone) return;
  out.double(NUMBER_POINT.double, value);
  if (exemplar !== undefined) writeExemplar(out, NUMBER_POINT.exemplars, exemplar);
}

function writeHistogram(out: ProtobufWriter, entry: MetricEntry, point: HistogramPoint): void {
  writeCommon(out, entry, HISTOGRAM_POINT);
  if (entry.isGone) return;
  const { bounds, counts, count, exemplars = [] } = wholeHistogram(point);
  out.fixed64(HISTOGRAM_POINT.count, count);
  writeDoubles(out, point, HISTOGRAM_POINT);
  out.packedFixed64(HISTOGRAM_POINT.bucketCounts, counts);
  out.packedDoubles(HISTOGRAM_POINT.bounds, bounds);
  for (const exemplar of exemplars) {
    if (exemplar !== undefined) writeExemplar(out, HISTOGRAM_POINT.exemplars, exemplar);
  }
}

function writeExponential(out: ProtobufWriter, entry: MetricEntry, point: ExponentialHistogramPoint): void {
  writeCommon(out, entry, EXPONENTIAL_POINT);
  if (entry.isGone) return;
  const { scale, zeroCount, zeroThreshold, positive, negative, count, exemplars = [] } = wholeExponential(point);
  out.fixed64(EXPONENTIAL_POINT.count, count);
  writeDoubles(out, point, EXPONENTIAL_POINT);
  out.signed(EXPONENTIAL_POINT.scale, scale);
  out.fixed64(EXPONENTIAL_POINT.zeroCount, zeroCount);
  writeBuckets(out, EXPONENTIAL_POINT.positive, positive);
  writeBuckets(out, EXPONENTIAL_POINT.negative, negative);
  out.double(EXPONENTIAL_POINT.zeroThreshold, zeroThreshold);
  for (const exemplar of exemplars) writeExemplar(out, EXPONENTIAL_POINT.exemplars, exemplar);
}

/** Sum, least and greatest value, as far as they are known. */
function writeDoubles(
  out: ProtobufWriter,
  { sum, min, max }: HistogramPoint | ExponentialHistogramPoint,
  field: { readonly sum: number; readonly min: number; readonly max: number },
): void {
  if (sum !== undefined) out.double(field.sum, sum);
  if (min !== undefined) out.double(field.min, min);
  if (max !== undefined) out.double(field.max, max);
}

function writeBuckets(out: ProtobufWriter, field: number, { offset, counts }: ExponentialBuckets): void {
  out.message(field, () => {
    out.signed(BUCKETS.offset, offset);
    out.packedIntegers(BUCKETS.counts, counts);
  });
}

function writeSummary(out: ProtobufWriter, entry: MetricEntry, { quantiles, count, sum = 0 }: SummaryPoint): void {
  writeCommon(out, entry, SUMMARY_POINT);
  if (entry.isGone) return;
  out.fixed64(SUMMARY_POINT.count, Math.round(count));
  out.double(SUMMARY_POINT.sum, sum);
  for (const { quantile, value } of quantiles) {
    out.message(SUMMARY_POINT.quantiles, () => {
      out.double(QUANTILE.quantile, quantile);
      out.double(QUANTILE.value, value);
    });
  }
}

function writeExemplar(out: ProtobufWriter, field: number, exemplar: Exemplar): void {
  const { traceId, spanId, others } = splitExemplar(exemplar);
  out.message(field, () => {
    if (exemplar.unixMs !== undefined) out.unixNano(EXEMPLAR.time, exemplar.unixMs);
    out.double(EXEMPLAR.double, exemplar.value);
    if (spanId !== undefined) out.bytes(EXEMPLAR.spanId, Buffer.from(spanId, 'hex'));
    if (traceId !== undefined) out.bytes(EXEMPLAR.traceId, Buffer.from(traceId, 'hex'));
    writeLabels(out, EXEMPLAR.filteredAttributes, others);
  });
}

function writeLabels(out: ProtobufWriter, field: number, labels: LabelSet): void {
  for (let i = 0; i < labels.size; i++) writeAttribute(out, field, labels.names[i]!, labels.values[i]!);
}

function writeAttribute(out: ProtobufWriter, field: number, key: string, value: ResourceValue): void {
  out.message(field, () => {
    out.text(KEY_VALUE.key, key);
    out.message(KEY_VALUE.value, () => writeAnyValue(out, value));
  });
}

function writeAnyValue(out: ProtobufWriter, value: ResourceValue): void {
  switch (typeof value) {
    case 'string':
      out.text(ANY_VALUE.text, value);
      break;
    case 'boolean':
      out.integer(ANY_VALUE.bool, value ? 1 : 0);
      break;
    case 'number':
      if (Number.isSafeInteger(value)) out.integer(ANY_VALUE.integer, value);
      else out.double(ANY_VALUE.double, value);
      break;
    default:
      out.message(ANY_VALUE.list, () => {
        for (const text of value) out.message(1, () => writeAnyValue(out, text));
      });
  }
}
