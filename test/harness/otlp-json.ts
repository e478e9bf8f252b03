import type { AnyValue, Attributes, DecodedLogs } from '../../src/codec/otlp/decode-logs.ts';

/** An ExportLogsServiceRequest in OTLP/JSON; a field that has its default may be missing. */
interface JsonLogs {
  readonly resourceLogs?: readonly {
    readonly resource?: JsonAttributed;
    readonly schemaUrl?: string;
    readonly scopeLogs?: readonly {
      readonly scope?: JsonAttributed & { readonly name?: string; readonly version?: string };
      readonly logRecords?: readonly JsonRecord[];
      readonly schemaUrl?: string;
    }[];
  }[];
}

interface JsonAttributed {
  readonly attributes?: readonly JsonPair[];
  readonly droppedAttributesCount?: number;
}

interface JsonRecord extends JsonAttributed {
  readonly timeUnixNano?: string;
  readonly observedTimeUnixNano?: string;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly body?: JsonValue;
  readonly flags?: number;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly eventName?: string;
}

interface JsonPair {
  readonly key: string;
  readonly value?: JsonValue;
}

interface JsonValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string | number;
  readonly doubleValue?: number | string;
  readonly bytesValue?: string;
  readonly arrayValue?: { readonly values?: readonly JsonValue[] };
  readonly kvlistValue?: { readonly values?: readonly JsonPair[] };
}

/** Decodes an OTLP/JSON request into the form of `decodeLogs()`. Throws a SyntaxError for what is no JSON. */
export function decodeJsonLogs(text: string): DecodedLogs {
  const { resourceLogs = [] } = JSON.parse(text) as JsonLogs;
  return {
    resourceLogs: resourceLogs.map(({ resource, scopeLogs = [], schemaUrl = '' }) => ({
      resource: readAttributed(resource),
      scopeLogs: scopeLogs.map(({ scope, logRecords = [], schemaUrl = '' }) => ({
        scope: { name: scope?.name ?? '', version: scope?.version ?? '', ...readAttributed(scope) },
        logRecords: logRecords.map((record) => ({
          timeUnixNano: BigInt(record.timeUnixNano ?? 0),
          observedTimeUnixNano: BigInt(record.observedTimeUnixNano ?? 0),
          severityNumber: record.severityNumber ?? 0,
          severityText: record.severityText ?? '',
          body: readValue(record.body),
          ...readAttributed(record),
          flags: record.flags ?? 0,
          traceId: record.traceId ?? '',
          spanId: record.spanId ?? '',
          eventName: record.eventName ?? '',
        })),
        schemaUrl,
      })),
      schemaUrl,
    })),
  };
}

function readAttributed(holder: JsonAttributed | undefined): {
  attributes: Attributes;
  droppedAttributesCount: number;
} {
  return {
    attributes: readMap(holder?.attributes),
    droppedAttributesCount: holder?.droppedAttributesCount ?? 0,
  };
}

function readMap(pairs: readonly JsonPair[] = []): Attributes {
  return new Map(pairs.map(({ key, value }) => [key, readValue(value)]));
}

function readValue(value: JsonValue = {}): AnyValue {
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.intValue !== undefined) return BigInt(value.intValue);
  if (value.doubleValue !== undefined) return Number(value.doubleValue);
  if (value.bytesValue !== undefined) return Buffer.from(value.bytesValue, 'base64');
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(readValue);
  if (value.kvlistValue !== undefined) return readMap(value.kvlistValue.values);
  return null;
}
