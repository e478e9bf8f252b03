import type { RecordBatch } from './record-batch.ts';
import { ValueType } from './value-type.ts';

/** Finds a value of a record where it lies in the batch. */
export interface ValueReader {
  /** A `ValueType`, with the span of the value; what is not there is `Empty`. Valid until the next `locate()`. */
  readonly type: number;
  readonly start: number;
  readonly end: number;
  /**
   * Finds the value in a live record. What has no span of its own is written behind the used part of the arena, and
   * becomes a part of it: whoever is done with the value may set `byteLength` back.
   */
  locate(batch: RecordBatch, record: number): void;
}

/** A value that a stage has found itself, and sets for each record: a registry takes it as it is, without a call. */
export class KnownSpan implements ValueReader {
  type: number = ValueType.Empty;
  start = 0;
  end = 0;

  /** The value is this span, a text. */
  set(start: number, end: number): void {
    this.type = ValueType.String;
    this.start = start;
    this.end = end;
  }

  /** There is none. */
  clear(): void {
    this.type = ValueType.Empty;
    this.start = 0;
    this.end = 0;
  }

  locate(): void {}
}

/** Where the buckets of a histogram end. */
export type Buckets =
  /** Upper bounds, inclusive and ascending, without infinity. */
  | { readonly kind: 'explicit'; readonly bounds: readonly number[] }
  /** Bounds grow by a factor that is as small as `maxBuckets` of them allow. */
  | { readonly kind: 'exponential'; readonly maxBuckets: number };

/** A metric that records are counted in. Two are the same when everything but the limits is. */
export interface InstrumentSpec {
  /** By OTLP's rules: `http.server.request.duration`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** UCUM; empty: none. */
  readonly unit: string;
  readonly description: string;
  /** Names of its labels; no two are equal. */
  readonly labels: readonly string[];
  /** Of a histogram. */
  readonly buckets?: Buckets | undefined;
  readonly limits: SeriesLimits;
}

/** What keeps the number of series bounded, whatever is written into a log. */
export interface SeriesLimits {
  /** How many a metric has, of one resource; what comes beyond is counted in one series, `otel.metric.overflow`. */
  readonly maxSeries: number;
  /** Longer values of labels are cut. */
  readonly maxLabelBytes: number;
  /** A series that was silent for so long is forgotten. */
  readonly expireAfterMs: number;
}

/** The label, `true`, of the series that counts what has no series of its own (OpenTelemetry's metrics SDK). */
export const OVERFLOW_LABEL = 'otel.metric.overflow';

/** Counts records in one metric. */
export interface Instrument {
  /**
   * Counts a measurement of a live record in the series that its labels name: adds it, of a counter; of a gauge, puts it
   * in the place of the last one. `value` is finite, and of a counter not negative.
   *
   * `key`, a small whole number above 0, is the same for two records only when their labels are: then `recordAgain()` can
   * do without looking for them.
   */
  record(batch: RecordBatch, record: number, value: number, key?: number): void;
  /**
   * The same without a look at the labels, where the series is known that others with that key and resource were counted
   * in; false: it is not, and nothing was counted.
   */
  recordAgain(batch: RecordBatch, record: number, value: number, key: number): boolean;
}

/** Where stages get what they count with. */
export interface Instruments {
  /** False: nobody sees what is counted, and a stage may leave out all that it does for it. */
  readonly isWatched: boolean;
  /**
   * Opens a metric; `readers` find the values of its labels, one each. The same metric may be opened more than once:
   * all count in it. One that is open as something else is another one, which takes its place when the stages that
   * open it take that of others.
   */
  open(spec: InstrumentSpec, readers: readonly ValueReader[]): Instrument;
}

/** Instruments that nobody watches. */
export const unwatchedInstruments: Instruments = {
  isWatched: false,
  open: () => ({ record: () => {}, recordAgain: () => true }),
};
