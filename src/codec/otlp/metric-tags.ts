/** Field numbers of opentelemetry-proto 1.11, collector/metrics/v1 and metrics/v1. */
export const REQUEST = { resourceMetrics: 1 } as const;
/** ResourceMetrics. */
export const RESOURCE_METRICS = { resource: 1, scopeMetrics: 2 } as const;
/** ScopeMetrics. */
export const SCOPE_METRICS = { scope: 1, metrics: 2 } as const;
/** Metric. */
export const METRIC = {
  name: 1,
  description: 2,
  unit: 3,
  gauge: 5,
  sum: 7,
  histogram: 9,
  exponentialHistogram: 10,
  summary: 11,
  metadata: 12,
} as const;
/** Gauge, Sum, Histogram, ExponentialHistogram and Summary have their points in field 1. */
export const DATA = { dataPoints: 1, temporality: 2, isMonotonic: 3 } as const;
/** NumberDataPoint. */
export const NUMBER_POINT = { start: 2, time: 3, double: 4, exemplars: 5, attributes: 7, flags: 8 } as const;
/** HistogramDataPoint. */
export const HISTOGRAM_POINT = {
  start: 2,
  time: 3,
  count: 4,
  sum: 5,
  bucketCounts: 6,
  bounds: 7,
  exemplars: 8,
  attributes: 9,
  flags: 10,
  min: 11,
  max: 12,
} as const;
/** ExponentialHistogramDataPoint. */
export const EXPONENTIAL_POINT = {
  attributes: 1,
  start: 2,
  time: 3,
  count: 4,
  sum: 5,
  scale: 6,
  zeroCount: 7,
  positive: 8,
  negative: 9,
  flags: 10,
  exemplars: 11,
  min: 12,
  max: 13,
  zeroThreshold: 14,
} as const;
/** ExponentialHistogramDataPoint.Buckets. */
export const BUCKETS = { offset: 1, counts: 2 } as const;
/** SummaryDataPoint. */
export const SUMMARY_POINT = { start: 2, time: 3, count: 4, sum: 5, quantiles: 6, attributes: 7, flags: 8 } as const;
/** SummaryDataPoint.ValueAtQuantile. */
export const QUANTILE = { quantile: 1, value: 2 } as const;
/** Exemplar. */
export const EXEMPLAR = { time: 2, double: 3, spanId: 4, traceId: 5, filteredAttributes: 7 } as const;
/** KeyValue. */
export const KEY_VALUE = { key: 1, value: 2 } as const;
/** A list (ArrayValue) has its values in field 1. */
export const ANY_VALUE = { text: 1, bool: 2, integer: 3, double: 4, list: 5 } as const;

/** AggregationTemporality. */
export const TEMPORALITY = { delta: 1, cumulative: 2 } as const;
/** DataPointFlags: there is no value any more. */
export const NO_RECORDED_VALUE = 1;
