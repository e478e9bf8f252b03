import type { ProtobufWriter } from '../../bytes/protobuf-writer.ts';
import type { ExponentialBuckets, MetricType } from '../../core/metric.ts';
import { nativeSide } from '../prometheus/native-buckets.ts';
import type { WriteSeries, WriteValue } from './write-series.ts';

/** The NaN that says that a series is no more; used for nothing else (remote write 1.0, "Stale Markers"). */
export const STALE_BITS = 0x7ff0000000000002n;

/** A NaN that is a value. */
const NAN_BITS = 0x7ff8000000000001n;

/** MetricType, the same numbers in both versions. */
const TYPES: Readonly<Record<MetricType, number>> = {
  unknown: 0,
  counter: 1,
  gauge: 2,
  up_down_counter: 2,
  histogram: 3,
  gauge_histogram: 4,
  summary: 5,
  info: 6,
  state_set: 7,
};

/** The number of a type. */
export function typeNumber(type: MetricType): number {
  return TYPES[type];
}

/** Writes a double whose NaN is never taken for a stale marker. */
export function writeValue(out: ProtobufWriter, field: number, value: number): void {
  if (Number.isNaN(value)) out.doubleBits(field, NAN_BITS);
  else out.double(field, value);
}

/**
 * Writes a Sample as field `field`, or a Histogram as field `histogramField`. `hasStart`: the version has a place for the
 * time at which counting began.
 */
export function writePoint(
  out: ProtobufWriter,
  { value, unixMs, startUnixMs }: WriteSeries,
  fields: { readonly sample: number; readonly histogram: number; readonly hasStart: boolean },
): void {
  const startMs = fields.hasStart ? Math.trunc(startUnixMs) : 0;
  const timeMs = Math.trunc(unixMs);
  if (value.kind === 'number' || (value.kind === 'stale' && !value.isHistogram)) {
    out.message(fields.sample, () => {
      if (value.kind === 'number') writeValue(out, 1, value.value);
      else out.doubleBits(1, STALE_BITS);
      out.integer(2, timeMs);
      if (startMs !== 0) out.integer(3, startMs);
    });
    return;
  }
  out.message(fields.histogram, () => {
    writeHistogram(out, value);
    out.integer(15, timeMs);
    if (startMs !== 0) out.integer(17, startMs);
  });
}

/** The fields of a Histogram, which both versions share. A stale one has nothing but the marker for its sum. */
function writeHistogram(out: ProtobufWriter, value: Exclude<WriteValue, { kind: 'number' }>): void {
  if (value.kind === 'stale') {
    out.integer(1, 0);
    out.doubleBits(3, STALE_BITS);
    return;
  }
  const { point, schema } = value;
  const { scale, count, sum = Number.NaN, zeroThreshold, zeroCount, negative, positive } = point;
  out.integer(1, count);
  writeValue(out, 3, sum);
  out.signed(4, schema);
  out.double(5, zeroThreshold);
  out.integer(6, zeroCount);
  writeBuckets(out, { spans: 8, deltas: 9 }, negative, [scale, schema]);
  writeBuckets(out, { spans: 11, deltas: 12 }, positive, [scale, schema]);
}

/** Each count is written as the difference from the one before. */
function writeBuckets(
  out: ProtobufWriter,
  fields: { readonly spans: number; readonly deltas: number },
  buckets: ExponentialBuckets,
  [scale, schema]: readonly [number, number],
): void {
  const { spans, counts } = nativeSide(buckets, scale, schema);
  for (const { offset, length } of spans) {
    out.message(fields.spans, () => {
      out.signed(1, offset);
      out.integer(2, length);
    });
  }
  const deltas = counts.map((count, i) => count - (counts[i - 1] ?? 0));
  if (deltas.length > 0) out.packedSigned(fields.deltas, deltas);
}
