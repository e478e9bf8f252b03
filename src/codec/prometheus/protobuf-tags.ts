/**
 * Tags of the messages of io.prometheus.client (metrics.proto of client_model 0.6): field number * 8 + wire type
 * (0 varint, 1 fixed64, 2 length-delimited, 5 fixed32).
 */
export const FAMILY_NAME = 0x0a; // MetricFamily 1
export const FAMILY_HELP = 0x12; // MetricFamily 2
export const FAMILY_TYPE = 0x18; // MetricFamily 3
export const FAMILY_METRIC = 0x22; // MetricFamily 4
export const FAMILY_UNIT = 0x2a; // MetricFamily 5

export const METRIC_LABEL = 0x0a; // Metric 1
export const METRIC_GAUGE = 0x12; // Metric 2
export const METRIC_COUNTER = 0x1a; // Metric 3
export const METRIC_SUMMARY = 0x22; // Metric 4
export const METRIC_UNTYPED = 0x2a; // Metric 5
export const METRIC_TIMESTAMP_MS = 0x30; // Metric 6
export const METRIC_HISTOGRAM = 0x3a; // Metric 7

export const LABEL_NAME = 0x0a; // LabelPair 1
export const LABEL_VALUE = 0x12; // LabelPair 2

export const NUMBER_VALUE = 0x09; // Gauge 1, Counter 1, Untyped 1
export const COUNTER_EXEMPLAR = 0x12; // Counter 2
export const COUNTER_CREATED = 0x1a; // Counter 3

export const EXEMPLAR_LABEL = 0x0a; // Exemplar 1
export const EXEMPLAR_VALUE = 0x11; // Exemplar 2
export const EXEMPLAR_TIMESTAMP = 0x1a; // Exemplar 3

export const TIMESTAMP_SECONDS = 0x08; // Timestamp 1
export const TIMESTAMP_NANOS = 0x10; // Timestamp 2

export const SUMMARY_COUNT = 0x08; // Summary 1
export const SUMMARY_SUM = 0x11; // Summary 2
export const SUMMARY_QUANTILE = 0x1a; // Summary 3
export const SUMMARY_CREATED = 0x22; // Summary 4
export const QUANTILE = 0x09; // Quantile 1
export const QUANTILE_VALUE = 0x11; // Quantile 2

export const HISTOGRAM_COUNT = 0x08; // Histogram 1
export const HISTOGRAM_SUM = 0x11; // Histogram 2
export const HISTOGRAM_BUCKET = 0x1a; // Histogram 3
export const HISTOGRAM_COUNT_FLOAT = 0x21; // Histogram 4
export const HISTOGRAM_SCHEMA = 0x28; // Histogram 5, sint32
export const HISTOGRAM_ZERO_THRESHOLD = 0x31; // Histogram 6
export const HISTOGRAM_ZERO_COUNT = 0x38; // Histogram 7
export const HISTOGRAM_ZERO_COUNT_FLOAT = 0x41; // Histogram 8
export const HISTOGRAM_NEGATIVE_SPAN = 0x4a; // Histogram 9
export const HISTOGRAM_NEGATIVE_DELTA = 0x50; // Histogram 10, sint64
export const HISTOGRAM_NEGATIVE_DELTA_PACKED = 0x52;
export const HISTOGRAM_NEGATIVE_COUNT = 0x59; // Histogram 11
export const HISTOGRAM_NEGATIVE_COUNT_PACKED = 0x5a;
export const HISTOGRAM_POSITIVE_SPAN = 0x62; // Histogram 12
export const HISTOGRAM_POSITIVE_DELTA = 0x68; // Histogram 13, sint64
export const HISTOGRAM_POSITIVE_DELTA_PACKED = 0x6a;
export const HISTOGRAM_POSITIVE_COUNT = 0x71; // Histogram 14
export const HISTOGRAM_CREATED = 0x7a; // Histogram 15
export const HISTOGRAM_EXEMPLAR = 0x82; // Histogram 16, a varint of two bytes: 82 01

export const BUCKET_COUNT = 0x08; // Bucket 1
export const BUCKET_UPPER_BOUND = 0x11; // Bucket 2
export const BUCKET_EXEMPLAR = 0x1a; // Bucket 3
export const BUCKET_COUNT_FLOAT = 0x21; // Bucket 4

export const SPAN_OFFSET = 0x08; // BucketSpan 1, sint32
export const SPAN_LENGTH = 0x10; // BucketSpan 2
