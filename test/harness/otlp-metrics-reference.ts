import { createRequire } from 'node:module';

/**
 * The protobuf code that OpenTelemetry generated from its own .proto files: what our encoders of metrics are checked
 * against. It shares no line with them.
 */
interface ReferenceMessage {
  fromObject(plain: object): object;
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): unknown;
}

interface ReferenceRoot {
  opentelemetry: {
    proto: { collector: { metrics: { v1: { ExportMetricsServiceRequest: ReferenceMessage } } } };
  };
}

const root = createRequire(import.meta.url)('otlp-transformer-reference/build/src/generated/root.js') as ReferenceRoot;
const { ExportMetricsServiceRequest } = root.opentelemetry.proto.collector.metrics.v1;

/** What an ExportMetricsServiceRequest holds, as far as tests look. 64-bit integers are text, ids hexadecimal. */
export interface PlainMetrics {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly PlainAttribute[] };
    readonly scopeMetrics: readonly {
      readonly scope: { readonly name: string; readonly version: string };
      readonly metrics: readonly PlainMetric[];
    }[];
  }[];
}

export interface PlainAttribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string };
}

export interface PlainMetric {
  readonly name: string;
  readonly unit: string;
  readonly gauge?: PlainData;
  readonly sum?: PlainData;
  readonly histogram?: PlainData;
  readonly exponentialHistogram?: PlainData;
  readonly summary?: PlainData;
}

export interface PlainData {
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
  readonly dataPoints: readonly {
    readonly attributes: readonly PlainAttribute[];
    readonly startTimeUnixNano: string;
    readonly timeUnixNano: string;
    readonly flags: number;
    readonly asDouble?: number;
    readonly count?: string;
    readonly sum?: number;
    readonly bucketCounts?: readonly string[];
    readonly zeroCount?: string;
    readonly positive?: { readonly bucketCounts: readonly string[] };
  }[];
}

const FORM = { longs: String, bytes: String, defaults: true };

/** Decodes a request. Throws what protobufjs throws. */
export function decodeMetricsReference(bytes: Uint8Array): PlainMetrics {
  return ExportMetricsServiceRequest.toObject(ExportMetricsServiceRequest.decode(bytes), FORM) as PlainMetrics;
}

/** The same of OTLP/JSON, whose ids are hexadecimal where protobuf's JSON has base64. */
export function parseMetricsReference(json: string): PlainMetrics {
  const plain = JSON.parse(json, (key, value) =>
    (key === 'traceId' || key === 'spanId') && typeof value === 'string'
      ? Buffer.from(value, 'hex').toString('base64')
      : value,
  ) as object;
  return ExportMetricsServiceRequest.toObject(ExportMetricsServiceRequest.fromObject(plain), FORM) as PlainMetrics;
}
