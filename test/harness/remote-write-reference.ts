import protobuf from 'protobufjs';

/**
 * Decoders of remote write, made by protobufjs out of the messages as their specifications have them: what our encoders
 * are checked against.
 */
const SCHEMA = `
syntax = "proto3";
message WriteRequest { repeated SeriesV1 timeseries = 1; repeated MetricMetadata metadata = 3; }
message SeriesV1 { repeated Label labels = 1; repeated Sample samples = 2; repeated ExemplarV1 exemplars = 3; repeated Histogram histograms = 4; }
message Label { string name = 1; string value = 2; }
message ExemplarV1 { repeated Label labels = 1; double value = 2; int64 timestamp = 3; }
message MetricMetadata { uint32 type = 1; string metric_family_name = 2; string help = 4; string unit = 5; }
message Request { repeated string symbols = 4; repeated SeriesV2 timeseries = 5; }
message SeriesV2 { repeated uint32 labels_refs = 1; repeated Sample samples = 2; repeated Histogram histograms = 3; repeated ExemplarV2 exemplars = 4; Metadata metadata = 5; }
message Metadata { uint32 type = 1; uint32 help_ref = 3; uint32 unit_ref = 4; }
message ExemplarV2 { repeated uint32 labels_refs = 1; double value = 2; int64 timestamp = 3; }
message Sample { fixed64 value = 1; int64 timestamp = 2; int64 start_timestamp = 3; }
message BucketSpan { sint32 offset = 1; uint32 length = 2; }
message Histogram {
  uint64 count_int = 1; fixed64 sum = 3; sint32 schema = 4; double zero_threshold = 5; uint64 zero_count_int = 6;
  repeated BucketSpan negative_spans = 8; repeated sint64 negative_deltas = 9;
  repeated BucketSpan positive_spans = 11; repeated sint64 positive_deltas = 12;
  int64 timestamp = 15; int64 start_timestamp = 17;
}`;

const { root } = protobuf.parse(SCHEMA, { keepCase: false });

/** The bits of the NaN that says that a series is no more. */
const STALE = 0x7ff0000000000002n;

/** A series as both versions have it. Doubles whose bits are the stale marker are the word. */
export interface ReceivedSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly labelNames: readonly string[];
  readonly value: number | 'stale' | undefined;
  readonly histogram: ReceivedHistogram | undefined;
  readonly unixMs: number;
  /** 0: not given. */
  readonly startUnixMs: number;
  readonly exemplars: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
    readonly unixMs: number;
  }[];
  /** Of version 2.0. */
  readonly metadata?: { readonly type: number; readonly help: string; readonly unit: string };
}

export interface ReceivedHistogram {
  readonly count: number;
  readonly sum: number | 'stale';
  readonly schema: number;
  readonly zeroCount: number;
  /** Counts by Prometheus' index of the bucket, those that are not empty. */
  readonly positive: ReadonlyMap<number, number>;
  readonly negative: ReadonlyMap<number, number>;
}

export interface ReceivedV1 {
  readonly series: readonly ReceivedSeries[];
  readonly metadata: readonly {
    readonly type: number;
    readonly metricFamilyName: string;
    readonly help: string;
    readonly unit: string;
  }[];
}

export interface ReceivedV2 {
  readonly series: readonly ReceivedSeries[];
  readonly symbols: readonly string[];
}

interface RawSeries {
  readonly samples: readonly { readonly value: string; readonly timestamp: string; readonly startTimestamp: string }[];
  readonly histograms: readonly RawHistogram[];
}

interface RawHistogram {
  readonly countInt: string;
  readonly sum: string;
  readonly schema: number;
  readonly zeroCountInt: string;
  readonly negativeSpans: readonly { readonly offset: number; readonly length: number }[];
  readonly negativeDeltas: readonly string[];
  readonly positiveSpans: readonly { readonly offset: number; readonly length: number }[];
  readonly positiveDeltas: readonly string[];
  readonly timestamp: string;
  readonly startTimestamp: string;
}

/** Decodes a `prometheus.WriteRequest`. Throws for bytes that are none. */
export function decodeV1(bytes: Uint8Array): ReceivedV1 {
  type Raw = {
    timeseries: (RawSeries & {
      labels: { name: string; value: string }[];
      exemplars: { labels: { name: string; value: string }[]; value: number; timestamp: string }[];
    })[];
    metadata: ReceivedV1['metadata'];
  };
  const { timeseries, metadata } = decode<Raw>('WriteRequest', bytes);
  const pairsOf = (labels: { name: string; value: string }[]) =>
    labels.map(({ name, value }) => [name, value] as const);
  return {
    metadata,
    series: timeseries.map((series) => ({
      ...common(series, pairsOf(series.labels)),
      exemplars: series.exemplars.map(({ labels, value, timestamp }) => ({
        labels: Object.fromEntries(pairsOf(labels)),
        value,
        unixMs: Number(timestamp),
      })),
    })),
  };
}

/** Decodes an `io.prometheus.write.v2.Request`. Throws for bytes that are none, and for references to nothing. */
export function decodeV2(bytes: Uint8Array): ReceivedV2 {
  type Raw = {
    symbols: string[];
    timeseries: (RawSeries & {
      labelsRefs: number[];
      exemplars: { labelsRefs: number[]; value: number; timestamp: string }[];
      metadata: { type: number; helpRef: number; unitRef: number };
    })[];
  };
  const { symbols, timeseries } = decode<Raw>('Request', bytes);
  const symbol = (ref: number): string => {
    const text = symbols[ref];
    if (text === undefined) throw new RangeError(`Cannot find symbol ${ref} of ${symbols.length}`);
    return text;
  };
  const pairsOf = (refs: number[]): (readonly [string, string])[] => {
    if (refs.length % 2 > 0) throw new RangeError('Cannot read labels: an odd number of references');
    return Array.from({ length: refs.length / 2 }, (_, i) => [symbol(refs[2 * i]!), symbol(refs[2 * i + 1]!)] as const);
  };
  return {
    symbols,
    series: timeseries.map((series) => ({
      ...common(series, pairsOf(series.labelsRefs)),
      metadata: {
        type: series.metadata.type,
        help: symbol(series.metadata.helpRef),
        unit: symbol(series.metadata.unitRef),
      },
      exemplars: series.exemplars.map(({ labelsRefs, value, timestamp }) => ({
        labels: Object.fromEntries(pairsOf(labelsRefs)),
        value,
        unixMs: Number(timestamp),
      })),
    })),
  };
}

function decode<Raw>(type: string, bytes: Uint8Array): Raw {
  const message = root.lookupType(type);
  return message.toObject(message.decode(bytes), { longs: String, defaults: true }) as Raw;
}

function common({ samples, histograms }: RawSeries, pairs: readonly (readonly [string, string])[]) {
  const [sample] = samples;
  const [histogram] = histograms;
  if (samples.length + histograms.length !== 1) throw new RangeError('Cannot read series: not exactly one value');
  const { timestamp = '0', startTimestamp = '0' } = sample ?? histogram ?? {};
  return {
    labels: Object.fromEntries(pairs),
    labelNames: pairs.map(([name]) => name),
    value: sample && doubleOf(sample.value),
    histogram: histogram && histogramOf(histogram),
    unixMs: Number(timestamp),
    startUnixMs: Number(startTimestamp),
  };
}

function histogramOf(raw: RawHistogram): ReceivedHistogram {
  return {
    count: Number(raw.countInt),
    sum: doubleOf(raw.sum),
    schema: raw.schema,
    zeroCount: Number(raw.zeroCountInt),
    positive: bucketsOf(raw.positiveSpans, raw.positiveDeltas),
    negative: bucketsOf(raw.negativeSpans, raw.negativeDeltas),
  };
}

function bucketsOf(spans: RawHistogram['positiveSpans'], deltas: readonly string[]): Map<number, number> {
  const buckets = new Map<number, number>();
  let index = 0;
  let count = 0;
  let next = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++, index++) {
      count += Number(deltas[next++]);
      if (count !== 0) buckets.set(index, count);
    }
  }
  if (next !== deltas.length) throw new RangeError('Cannot read buckets: spans and counts differ');
  return buckets;
}

/** The double with these bits, which protobufjs gives as text. */
function doubleOf(text: string): number | 'stale' {
  const bits = BigInt(text);
  if (bits === STALE) return 'stale';
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(bits);
  return bytes.readDoubleLE();
}
