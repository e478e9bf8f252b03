import { LabelSet } from '../../../core/label-set.ts';
import type { Exemplar } from '../../../core/metric.ts';
import { ProtobufReader } from '../../otlp/protobuf-reader.ts';
import * as tags from '../protobuf-tags.ts';
import { ExpositionError } from './exposition-error.ts';
import { NativeBuckets } from './native-histogram.ts';
import { startOf } from './read-number.ts';

/** What a message of Summary says. */
interface SummaryMessage {
  count: number;
  sum: number;
  readonly quantiles: [quantile: number, value: number][];
  startUnixMs: number | undefined;
}

/** What a message of Histogram says, of both kinds of histogram. */
interface HistogramMessage {
  readonly isNative: boolean;
  readonly count: number;
  readonly sum: number | undefined;
  readonly buckets: readonly Bucket[];
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly positive: NativeBuckets;
  readonly negative: NativeBuckets;
  readonly exemplars: readonly Exemplar[];
  readonly startUnixMs: number | undefined;
}

interface Bucket {
  readonly bound: number;
  readonly upTo: number;
  readonly exemplar: Exemplar | undefined;
}

/** Reads a LabelPair. */
export function readLabelPair(bytes: Buffer): [name: string, value: string] {
  const reader = new ProtobufReader(bytes);
  let name = '';
  let value = '';
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === tags.LABEL_NAME) name = reader.string();
    else if (tag === tags.LABEL_VALUE) value = reader.string();
    else reader.skip(tag);
  }
  if (name === '') throw new ExpositionError('label has no name');
  return [name, value];
}

/** Reads a Timestamp, in milliseconds since 1970. */
export function readTimestamp(reader: ProtobufReader): number {
  let seconds = 0;
  let nanos = 0;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === tags.TIMESTAMP_SECONDS) seconds = Number(BigInt.asIntN(64, reader.int64()));
    else if (tag === tags.TIMESTAMP_NANOS) nanos = reader.int32();
    else reader.skip(tag);
  }
  return seconds * 1000 + nanos / 1e6;
}

/** Reads an Exemplar. */
export function readExemplar(reader: ProtobufReader): Exemplar {
  const pairs: [string, string][] = [];
  let value = 0;
  let unixMs: number | undefined;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === tags.EXEMPLAR_LABEL) pairs.push(readLabelPair(reader.bytes()));
    else if (tag === tags.EXEMPLAR_VALUE) value = reader.double();
    else if (tag === tags.EXEMPLAR_TIMESTAMP) unixMs = readTimestamp(reader.message());
    else reader.skip(tag);
  }
  return { labels: LabelSet.of(pairs), value, unixMs };
}

/** Reads a Summary. */
export function readSummary(reader: ProtobufReader): SummaryMessage {
  const summary: SummaryMessage = { count: 0, sum: 0, quantiles: [], startUnixMs: undefined };
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === tags.SUMMARY_COUNT) summary.count = uint64(reader);
    else if (tag === tags.SUMMARY_SUM) summary.sum = reader.double();
    else if (tag === tags.SUMMARY_QUANTILE) summary.quantiles.push(readQuantile(reader.message()));
    else if (tag === tags.SUMMARY_CREATED) summary.startUnixMs = startOf(readTimestamp(reader.message()));
    else reader.skip(tag);
  }
  return summary;
}

/** Reads a Histogram. */
export function readHistogram(reader: ProtobufReader): HistogramMessage {
  const fields = new HistogramFields();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (!fields.read(tag, reader)) reader.skip(tag);
  }
  return fields.message();
}

/** The fields of a Histogram as they come; of floats and integers of one thing the float counts where it is above 0. */
class HistogramFields {
  readonly #numbers = new Map<number, number>();
  readonly #buckets: Bucket[] = [];
  readonly #exemplars: Exemplar[] = [];
  readonly #positive = new NativeBuckets();
  readonly #negative = new NativeBuckets();
  #startUnixMs: number | undefined;

  read(tag: number, reader: ProtobufReader): boolean {
    if (INTEGERS.has(tag)) this.#numbers.set(tag, uint64(reader));
    else if (DOUBLES.has(tag)) this.#numbers.set(tag, reader.double());
    else if (tag === tags.HISTOGRAM_SCHEMA) this.#numbers.set(tag, sint32(reader));
    else if (tag === tags.HISTOGRAM_BUCKET) this.#buckets.push(readBucket(reader.message()));
    else if (tag === tags.HISTOGRAM_EXEMPLAR) this.#exemplars.push(readExemplar(reader.message()));
    else if (tag === tags.HISTOGRAM_CREATED) this.#startUnixMs = startOf(readTimestamp(reader.message()));
    else return this.#readNative(tag, reader);
    return true;
  }

  message(): HistogramMessage {
    const number = (tag: number): number => this.#numbers.get(tag) ?? 0;
    const zeroThreshold = number(tags.HISTOGRAM_ZERO_THRESHOLD);
    const zeroCount = number(tags.HISTOGRAM_ZERO_COUNT_FLOAT) || number(tags.HISTOGRAM_ZERO_COUNT);
    const hasSpans = !this.#positive.isEmpty || !this.#negative.isEmpty;
    return {
      isNative: hasSpans || zeroThreshold > 0 || zeroCount > 0,
      count: number(tags.HISTOGRAM_COUNT_FLOAT) || number(tags.HISTOGRAM_COUNT),
      sum: this.#numbers.get(tags.HISTOGRAM_SUM),
      buckets: this.#buckets,
      schema: number(tags.HISTOGRAM_SCHEMA),
      zeroThreshold,
      zeroCount,
      positive: this.#positive,
      negative: this.#negative,
      exemplars: this.#exemplars,
      startUnixMs: this.#startUnixMs,
    };
  }

  #readNative(tag: number, reader: ProtobufReader): boolean {
    const field = tag >>> 3;
    const isPositive = field >= tags.HISTOGRAM_POSITIVE_SPAN >>> 3;
    const side = isPositive ? this.#positive : this.#negative;
    const kind = isPositive ? tag - POSITIVE_SHIFT : tag;
    if (kind === tags.HISTOGRAM_NEGATIVE_SPAN) readSpan(reader.message(), side);
    else if (kind === tags.HISTOGRAM_NEGATIVE_DELTA) side.addDelta(sint64(reader));
    else if (kind === tags.HISTOGRAM_NEGATIVE_COUNT) side.addCount(reader.double());
    else if (kind === tags.HISTOGRAM_NEGATIVE_DELTA_PACKED) forEach(reader, (list) => side.addDelta(sint64(list)));
    else if (kind === tags.HISTOGRAM_NEGATIVE_COUNT_PACKED) forEach(reader, (list) => side.addCount(list.double()));
    else return false;
    return true;
  }
}

const INTEGERS: ReadonlySet<number> = new Set([tags.HISTOGRAM_COUNT, tags.HISTOGRAM_ZERO_COUNT]);
const DOUBLES: ReadonlySet<number> = new Set([
  tags.HISTOGRAM_SUM,
  tags.HISTOGRAM_COUNT_FLOAT,
  tags.HISTOGRAM_ZERO_THRESHOLD,
  tags.HISTOGRAM_ZERO_COUNT_FLOAT,
]);

/** The fields of the positive side are those of the negative one, three numbers on. */
const POSITIVE_SHIFT = 3 << 3;

function readBucket(reader: ProtobufReader): Bucket {
  let bound = 0;
  let upTo = 0;
  let exemplar: Exemplar | undefined;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === tags.BUCKET_UPPER_BOUND) bound = reader.double();
    else if (tag === tags.BUCKET_COUNT) upTo ||= uint64(reader);
    else if (tag === tags.BUCKET_COUNT_FLOAT) upTo = reader.double() || upTo;
    else if (tag === tags.BUCKET_EXEMPLAR) exemplar = readExemplar(reader.message());
    else reader.skip(tag);
  }
  return { bound, upTo, exemplar };
}

function readSpan(reader: ProtobufReader, side: NativeBuckets): void {
  let offset = 0;
  let length = 0;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === tags.SPAN_OFFSET) offset = sint32(reader);
    else if (tag === tags.SPAN_LENGTH) length = reader.uint32();
    else reader.skip(tag);
  }
  side.addSpan(offset, length);
}

function readQuantile(reader: ProtobufReader): [number, number] {
  let quantile = 0;
  let value = 0;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === tags.QUANTILE) quantile = reader.double();
    else if (tag === tags.QUANTILE_VALUE) value = reader.double();
    else reader.skip(tag);
  }
  return [quantile, value];
}

/** Calls `read` for each value of a packed field. */
function forEach(reader: ProtobufReader, read: (list: ProtobufReader) => void): void {
  for (const list = reader.message(); !list.isAtEnd; ) read(list);
}

function uint64(reader: ProtobufReader): number {
  return Number(BigInt.asUintN(64, reader.int64()));
}

function sint32(reader: ProtobufReader): number {
  const value = reader.uint32();
  return (value >>> 1) ^ -(value & 1);
}

function sint64(reader: ProtobufReader): number {
  const value = BigInt.asUintN(64, reader.int64());
  return Number((value >> 1n) ^ -(value & 1n));
}
