import { unixNanoOf } from '../../bytes/unix-nano.ts';
import type { LabelSet } from '../../core/label-set.ts';
import type {
  Exemplar,
  ExponentialBuckets,
  ExponentialHistogramPoint,
  HistogramPoint,
  MetricPoint,
} from '../../core/metric.ts';
import type { ResourceValue } from '../../core/resource.ts';
import { splitExemplar } from './exemplar-ids.ts';
import { dataKind, type MetricEntry, type MetricHead, nested } from './metric-entries.ts';
import { NO_RECORDED_VALUE, TEMPORALITY } from './metric-tags.ts';
import { wholeExponential, wholeHistogram } from './whole-counts.ts';

/** An ExportMetricsServiceRequest as OTLP/JSON: 64-bit integers are text, ids hexadecimal, enums numbers. */
export function metricsToJson(entries: readonly MetricEntry[]): string {
  return JSON.stringify({
    resourceMetrics: nested(entries).map(({ resource, scopes }) => ({
      resource: { attributes: Array.from(resource.attributes, attribute) },
      scopeMetrics: scopes.map(({ scope, metrics }) => ({ scope, metrics: metrics.flatMap(metricObject) })),
    })),
  });
}

function metricObject({ metric, entries }: { metric: MetricHead; entries: readonly MetricEntry[] }): object[] {
  const { name, description, unit, type, isFromPrometheus } = metric;
  const kind = dataKind(type, entries[0]!.point);
  if (kind === undefined) return [];
  const aggregationTemporality = TEMPORALITY[metric.temporality];
  const data = {
    dataPoints: entries.map(pointObject),
    ...(kind === 'gauge' || kind === 'summary' ? {} : { aggregationTemporality }),
    ...(kind === 'sum' ? { isMonotonic: type === 'counter' } : {}),
  };
  const metadata = isFromPrometheus ? { metadata: [attribute(['prometheus.type', type])] } : {};
  return [
    { name, description, unit, [kind === 'exponential_histogram' ? 'exponentialHistogram' : kind]: data, ...metadata },
  ];
}

function pointObject({ point, unixMs, isGone }: MetricEntry): object {
  return {
    attributes: attributesOf(point.labels),
    ...(point.startUnixMs === undefined ? {} : { startTimeUnixNano: nanoText(point.startUnixMs) }),
    timeUnixNano: nanoText(unixMs),
    ...(isGone ? { flags: NO_RECORDED_VALUE } : valueObject(point)),
  };
}

function valueObject(point: MetricPoint): object {
  switch (point.kind) {
    case 'number':
      return { asDouble: double(point.value), ...exemplarsOf(point.exemplar === undefined ? [] : [point.exemplar]) };
    case 'histogram':
      return histogramObject(wholeHistogram(point));
    case 'exponential_histogram':
      return exponentialObject(wholeExponential(point));
    case 'summary':
      return {
        count: String(Math.round(point.count)),
        sum: double(point.sum ?? 0),
        quantileValues: point.quantiles.map(({ quantile, value }) => ({ quantile, value: double(value) })),
      };
    default:
      return point satisfies never;
  }
}

function histogramObject(point: HistogramPoint): object {
  return {
    ...totals(point),
    bucketCounts: Array.from(point.counts, String),
    explicitBounds: Array.from(point.bounds, double),
    ...exemplarsOf((point.exemplars ?? []).filter((exemplar) => exemplar !== undefined)),
  };
}

function exponentialObject(point: ExponentialHistogramPoint): object {
  return {
    ...totals(point),
    scale: point.scale,
    zeroCount: String(point.zeroCount),
    zeroThreshold: point.zeroThreshold,
    positive: bucketsObject(point.positive),
    negative: bucketsObject(point.negative),
    ...exemplarsOf(point.exemplars ?? []),
  };
}

function totals(point: { count: number; sum: number | undefined; min?: number | undefined; max?: number | undefined }) {
  const { count, sum, min, max } = point;
  return {
    count: String(count),
    ...(sum === undefined ? {} : { sum: double(sum) }),
    ...(min === undefined ? {} : { min: double(min) }),
    ...(max === undefined ? {} : { max: double(max) }),
  };
}

function bucketsObject({ offset, counts }: ExponentialBuckets): object {
  return { offset, bucketCounts: Array.from(counts, String) };
}

function exemplarsOf(exemplars: readonly Exemplar[]): object {
  if (exemplars.length === 0) return {};
  return {
    exemplars: exemplars.map((exemplar) => {
      const { traceId, spanId, others } = splitExemplar(exemplar);
      return {
        ...(exemplar.unixMs === undefined ? {} : { timeUnixNano: nanoText(exemplar.unixMs) }),
        asDouble: double(exemplar.value),
        ...(spanId === undefined ? {} : { spanId }),
        ...(traceId === undefined ? {} : { traceId }),
        ...(others.size === 0 ? {} : { filteredAttributes: attributesOf(others) }),
      };
    }),
  };
}

function attributesOf(labels: LabelSet): object[] {
  return Array.from(labels, attribute);
}

function attribute([key, value]: readonly [string, ResourceValue]): object {
  return { key, value: anyValue(value) };
}

function anyValue(value: ResourceValue): object {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: double(value) };
    default:
      return { arrayValue: { values: value.map(anyValue) } };
  }
}

/** JSON of protobuf writes what is no number as text. */
function double(value: number): number | string {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

function nanoText(unixMs: number): string {
  return String(unixNanoOf(unixMs));
}
