import { createRequire } from 'node:module';
import type { AnyValue, Attributes, DecodedLogs } from '../../src/codec/otlp/decode-logs.ts';

/**
 * The protobuf code that OpenTelemetry generated from its own .proto files, behind the types of this project: what our
 * encoder and decoder are checked against. It shares no line with them.
 */
interface ReferenceMessage {
  fromObject(plain: object): object;
  encode(message: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): unknown;
}

interface ReferenceRoot {
  opentelemetry: {
    proto: { collector: { logs: { v1: { ExportLogsServiceRequest: ReferenceMessage } } } };
  };
}

const root = createRequire(import.meta.url)('otlp-transformer-reference/build/src/generated/root.js') as ReferenceRoot;
const { ExportLogsServiceRequest } = root.opentelemetry.proto.collector.logs.v1;

/** Decodes an ExportLogsServiceRequest into the form of `decodeLogs()`. Throws what protobufjs throws. */
export function decodeLogsReference(bytes: Uint8Array): DecodedLogs {
  const message = ExportLogsServiceRequest.decode(bytes);
  const plain = ExportLogsServiceRequest.toObject(message, { longs: String, defaults: true }) as PlainLogs;
  return {
    resourceLogs: plain.resourceLogs.map(({ resource, scopeLogs, schemaUrl }) => ({
      resource: toResource(resource),
      scopeLogs: scopeLogs.map(({ scope, logRecords, schemaUrl }) => ({
        scope: { name: scope?.name ?? '', version: scope?.version ?? '', ...toResource(scope) },
        logRecords: logRecords.map((record) => ({
          timeUnixNano: BigInt(record.timeUnixNano),
          observedTimeUnixNano: BigInt(record.observedTimeUnixNano),
          severityNumber: record.severityNumber,
          severityText: record.severityText,
          body: toValue(record.body),
          attributes: toAttributes(record.attributes),
          droppedAttributesCount: record.droppedAttributesCount,
          flags: record.flags,
          traceId: toHex(record.traceId),
          spanId: toHex(record.spanId),
          eventName: record.eventName,
        })),
        schemaUrl,
      })),
      schemaUrl,
    })),
  };
}

/** Encodes what `decodeLogs()` gives back into an ExportLogsServiceRequest. */
export function encodeLogsReference(logs: DecodedLogs): Uint8Array {
  const plain = {
    resourceLogs: logs.resourceLogs.map(({ resource, scopeLogs, schemaUrl }) => ({
      resource: { ...resource, attributes: fromAttributes(resource.attributes) },
      scopeLogs: scopeLogs.map(({ scope, logRecords, schemaUrl }) => ({
        scope: { ...scope, attributes: fromAttributes(scope.attributes) },
        logRecords: logRecords.map((record) => ({
          ...record,
          timeUnixNano: String(record.timeUnixNano),
          observedTimeUnixNano: String(record.observedTimeUnixNano),
          body: fromValue(record.body),
          attributes: fromAttributes(record.attributes),
          traceId: Buffer.from(record.traceId, 'hex'),
          spanId: Buffer.from(record.spanId, 'hex'),
        })),
        schemaUrl,
      })),
      schemaUrl,
    })),
  };
  return ExportLogsServiceRequest.encode(ExportLogsServiceRequest.fromObject(plain)).finish();
}

interface PlainLogs {
  readonly resourceLogs: readonly {
    readonly resource: PlainResource | null;
    readonly scopeLogs: readonly {
      readonly scope: (PlainResource & { readonly name: string; readonly version: string }) | null;
      readonly logRecords: readonly PlainLogRecord[];
      readonly schemaUrl: string;
    }[];
    readonly schemaUrl: string;
  }[];
}

interface PlainResource {
  readonly attributes: readonly PlainKeyValue[];
  readonly droppedAttributesCount: number;
}

interface PlainLogRecord extends PlainResource {
  readonly timeUnixNano: string;
  readonly observedTimeUnixNano: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: PlainValue | null;
  readonly flags: number;
  readonly traceId: Uint8Array | [];
  readonly spanId: Uint8Array | [];
  readonly eventName: string;
}

interface PlainKeyValue {
  readonly key: string;
  readonly value: PlainValue | null;
}

interface PlainValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values: readonly PlainValue[] };
  readonly kvlistValue?: { readonly values: readonly PlainKeyValue[] };
  readonly bytesValue?: Uint8Array;
}

function toResource(resource: PlainResource | null) {
  return {
    attributes: toAttributes(resource?.attributes ?? []),
    droppedAttributesCount: resource?.droppedAttributesCount ?? 0,
  };
}

function toAttributes(attributes: readonly PlainKeyValue[]): Attributes {
  return new Map(attributes.map(({ key, value }) => [key, toValue(value)]));
}

function toValue(value: PlainValue | null): AnyValue {
  if (value?.stringValue !== undefined) return value.stringValue;
  if (value?.boolValue !== undefined) return value.boolValue;
  if (value?.intValue !== undefined) return BigInt(value.intValue);
  if (value?.doubleValue !== undefined) return value.doubleValue;
  if (value?.arrayValue !== undefined) return value.arrayValue.values.map(toValue);
  if (value?.kvlistValue !== undefined) return toAttributes(value.kvlistValue.values);
  if (value?.bytesValue !== undefined) return Buffer.from(value.bytesValue);
  return null;
}

function fromAttributes(attributes: Attributes): PlainKeyValue[] {
  return [...attributes].map(([key, value]) => ({ key, value: fromValue(value) }));
}

function fromValue(value: AnyValue): PlainValue {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') return { doubleValue: value };
  if (Buffer.isBuffer(value)) return { bytesValue: value };
  if (value instanceof Map) return { kvlistValue: { values: fromAttributes(value) } };
  return { arrayValue: { values: (value as readonly AnyValue[]).map(fromValue) } };
}

function toHex(bytes: Uint8Array | []): string {
  return Buffer.from(bytes).toString('hex');
}
