import type { LabelSet } from './label-set.ts';
import type { Resource } from './resource.ts';

/**
 * How the values of a metric behave: OTLP's kinds, and those of OpenMetrics that OTLP has no word for. A `counter` is a
 * monotonic sum, an `up_down_counter` one that is not. All sums are cumulative.
 */
export type MetricType =
  | 'counter'
  | 'up_down_counter'
  | 'gauge'
  | 'histogram'
  | 'gauge_histogram'
  | 'summary'
  | 'info'
  | 'state_set'
  | 'unknown';

/** A measurement that stands for others, mostly with `trace_id` and `span_id` among its labels. */
export interface Exemplar {
  readonly labels: LabelSet;
  readonly value: number;
  /** When it was measured, in milliseconds since 1970; undefined: unknown. */
  readonly unixMs: number | undefined;
}

interface Point {
  readonly labels: LabelSet;
  /** When counting began, in milliseconds since 1970 (`_created` of OpenMetrics); undefined: unknown. */
  readonly startUnixMs?: number | undefined;
  /** Whose value it is, in milliseconds since 1970; undefined: that of the set. */
  readonly unixMs?: number | undefined;
}

/** One number; of every type that has no buckets and no quantiles. */
export interface NumberPoint extends Point {
  readonly kind: 'number';
  readonly value: number;
  readonly exemplar?: Exemplar | undefined;
}

/** Counts in buckets whose bounds are given. */
export interface HistogramPoint extends Point {
  readonly kind: 'histogram';
  /** Upper bounds, inclusive and ascending, without infinity. */
  readonly bounds: ArrayLike<number>;
  /** How many measurements fell into each bucket alone; one more than bounds, the last up to infinity. */
  readonly counts: ArrayLike<number>;
  readonly count: number;
  /** Undefined: unknown, or not a sum that only grows. */
  readonly sum: number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** One for each bucket, where there is one. */
  readonly exemplars?: readonly (Exemplar | undefined)[] | undefined;
}

/** Counts in buckets that grow by the factor 2^(2^-scale) (OTLP's exponential, Prometheus' native histogram). */
export interface ExponentialHistogramPoint extends Point {
  readonly kind: 'exponential_histogram';
  readonly scale: number;
  /** Measurements whose amount is at most `zeroThreshold`. */
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  readonly positive: ExponentialBuckets;
  readonly negative: ExponentialBuckets;
  readonly count: number;
  readonly sum: number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly exemplars?: readonly Exemplar[] | undefined;
}

/** `counts[i]` is of the bucket (base^(offset+i), base^(offset+i+1)], as OTLP counts; Prometheus' index is one more. */
export interface ExponentialBuckets {
  readonly offset: number;
  readonly counts: ArrayLike<number>;
}

/** Quantiles that were computed by whoever measured. */
export interface SummaryPoint extends Point {
  readonly kind: 'summary';
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
  readonly count: number;
  readonly sum: number | undefined;
}

/** The value of one series at one moment. */
export type MetricPoint = NumberPoint | HistogramPoint | ExponentialHistogramPoint | SummaryPoint;

/**
 * The series of a metric that have one number each, as columns: for whoever can do without an object a series.
 *
 * Belongs to the producer: read it at once.
 */
export interface NumberColumns {
  /** The places of the series that there are. */
  readonly places: Uint32Array;
  /** By place. Those of a counter are not negative. */
  readonly values: Float64Array;
  /** By place: see `startUnixMs` of a point; undefined: nobody knows. */
  readonly startUnixMs: Float64Array | undefined;
  readonly labels: LabelColumns;
  /** Gives that of the series at a place, where it has one; undefined: none has. */
  readonly exemplar?: ((place: number) => Exemplar | undefined) | undefined;
}

/** With more labels, which of them a series has does not fit into a number. */
export const MAX_COLUMN_LABELS = 30;

/** What keeps the values of a series from being copied as they are. */
export const LabelTrait = {
  /** A quote, a backslash or a line end is in them, which text formats escape. */
  Escaped: 1,
  /** Something in them is no valid UTF-8, and stands for U+FFFD. */
  Broken: 2,
} as const;

/**
 * The labels of series by their places, as bytes.
 *
 * ```
 *  names  [ method, code ]
 *  bounds [ 0  3  6 | 6  10  10 | … ]    the series at place 0 has bytes[0, 3) and bytes[3, 6), that at place 1 no code
 * ```
 */
export interface LabelColumns {
  /** The names of all labels that a series may have, each once; `MAX_COLUMN_LABELS` at most. */
  readonly names: readonly string[];
  /** Of each place where its values begin and the last one ends. An empty value is a label that is not there. */
  readonly bounds: Uint32Array;
  /** Where values lie, in UTF-8. */
  readonly bytes: Buffer;
  /** The same memory; it can be read 32 bytes beyond a value. */
  readonly view: DataView;
  /** How much all values take. */
  readonly byteLength: number;
  /** By place: the sum of what in `LabelTrait` is true of the values; 0: they can be copied as they are. */
  readonly traits: Uint8Array;
}

/** A metric and the values of its series. */
export interface MetricFamily {
  /**
   * As `naming` of its set says. By OTLP: `http.server.request.duration`. By Prometheus: of metrics of one number the name
   * of the samples (`http_requests_total`, `build_info`), of histograms and summaries that of the family, without the
   * suffixes of its samples (`http_request_duration_seconds`).
   */
  readonly name: string;
  readonly type: MetricType;
  /** UCUM (`s`, `By`, `{request}`), also where the naming is Prometheus'; empty: none. */
  readonly unit: string;
  readonly description: string;
  /** Each series once. All but their labels belongs to the producer: read it at once, keep none. */
  readonly points: readonly MetricPoint[];
  /** The series of the first points once more, as columns, in the same order; undefined: they cannot be had so. */
  readonly columns?: NumberColumns | undefined;
  /** The points behind those of `columns`. */
  readonly others?: readonly MetricPoint[] | undefined;
}

/** All metrics of one resource at one moment. */
export interface MetricSet {
  readonly resource: Resource;
  /** OTLP's instrumentation scope: who made them. */
  readonly scope: { readonly name: string; readonly version: string };
  /**
   * `otlp`: names are translated for Prometheus (dots, unit and type suffixes). `prometheus`: they came from there and
   * stay as they are.
   */
  readonly naming: 'otlp' | 'prometheus';
  /** When the values were true, in milliseconds since 1970. */
  readonly unixMs: number;
  /** No two with one name. */
  readonly families: readonly MetricFamily[];
}

/** Something that has metrics to show: counters out of records, the last scrape of an application. */
export interface MetricProducer {
  /** What there is now. A series that is no more is in no set: who pushes says so with a stale marker. */
  collect(): readonly MetricSet[];
  /**
   * Calls `listener` after each change that has a moment of its own, such as a scrape: who pushes then pushes that, and
   * nothing in between. Returns what ends it. A producer without it is asked at intervals.
   */
  onUpdate?(listener: () => void): () => void;
}
