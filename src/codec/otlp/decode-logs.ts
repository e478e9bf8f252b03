import { ProtobufReader, tagOf, WireType } from './protobuf-reader.ts';

/** An OTLP AnyValue. `null`: no value; a `bigint` is an int64, a `number` a double, a map a kvlist. */
export type AnyValue = null | string | boolean | bigint | number | Buffer | readonly AnyValue[] | Attributes;

/** Attributes in the order of the message. Where a key stands twice, the last value counts, as most backends have it. */
export type Attributes = ReadonlyMap<string, AnyValue>;

/** A decoded LogRecord. What the message leaves out has protobuf's default: 0, '' or `null`. */
export interface DecodedLogRecord {
  readonly timeUnixNano: bigint;
  readonly observedTimeUnixNano: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: AnyValue;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
  readonly flags: number;
  /** Lower-case hexadecimal; as long as the message had it, which need not be a valid length. */
  readonly traceId: string;
  readonly spanId: string;
  readonly eventName: string;
}

/** The records of one instrumentation scope. */
export interface DecodedScopeLogs {
  readonly scope: {
    readonly name: string;
    readonly version: string;
    readonly attributes: Attributes;
    readonly droppedAttributesCount: number;
  };
  readonly logRecords: readonly DecodedLogRecord[];
  readonly schemaUrl: string;
}

/** What came from one resource. */
export interface DecodedResourceLogs {
  readonly resource: { readonly attributes: Attributes; readonly droppedAttributesCount: number };
  readonly scopeLogs: readonly DecodedScopeLogs[];
  readonly schemaUrl: string;
}

/** A decoded ExportLogsServiceRequest (LogsData has the same form). */
export interface DecodedLogs {
  readonly resourceLogs: readonly DecodedResourceLogs[];
}

/** How deep values may lie inside each other: the recursion limit that protobuf parsers have by default. */
const MAX_VALUE_DEPTH = 100;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Decodes an ExportLogsServiceRequest as `opentelemetry/proto/collector/logs/v1` has it. For peers, the demo and tests:
 * it makes an object a record, so nothing of it is on the way from a file to a sink.
 *
 * Values of type bytes are views of `bytes`. Unknown fields are passed over. Throws a RangeError when `bytes` is
 * malformed or values are nested too deep. O(bytes).
 */
export function decodeLogs(bytes: Uint8Array): DecodedLogs {
  const reader = new ProtobufReader(bytes);
  const resourceLogs: DecodedResourceLogs[] = [];
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === tagOf(1, WireType.Bytes)) resourceLogs.push(readResourceLogs(reader.message()));
    else reader.skip(tag);
  }
  return { resourceLogs };
}

function readResourceLogs(reader: ProtobufReader): DecodedResourceLogs {
  let resource: DecodedResourceLogs['resource'] = { attributes: new Map(), droppedAttributesCount: 0 };
  const scopeLogs: DecodedScopeLogs[] = [];
  let schemaUrl = '';
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    switch (tag) {
      case tagOf(1, WireType.Bytes):
        resource = readResource(reader.message());
        break;
      case tagOf(2, WireType.Bytes):
        scopeLogs.push(readScopeLogs(reader.message()));
        break;
      case tagOf(3, WireType.Bytes):
        schemaUrl = reader.string();
        break;
      default:
        reader.skip(tag);
    }
  }
  return { resource, scopeLogs, schemaUrl };
}

function readResource(reader: ProtobufReader): DecodedResourceLogs['resource'] {
  const attributes = new Map<string, AnyValue>();
  let droppedAttributesCount = 0;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === tagOf(1, WireType.Bytes)) readKeyValue(reader.message(), attributes, 0);
    else if (tag === tagOf(2, WireType.Varint)) droppedAttributesCount = reader.uint32();
    else reader.skip(tag);
  }
  return { attributes, droppedAttributesCount };
}

function readScopeLogs(reader: ProtobufReader): DecodedScopeLogs {
  let scope = readScope(new ProtobufReader(Buffer.alloc(0)));
  const logRecords: DecodedLogRecord[] = [];
  let schemaUrl = '';
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    switch (tag) {
      case tagOf(1, WireType.Bytes):
        scope = readScope(reader.message());
        break;
      case tagOf(2, WireType.Bytes):
        logRecords.push(readLogRecord(reader.message()));
        break;
      case tagOf(3, WireType.Bytes):
        schemaUrl = reader.string();
        break;
      default:
        reader.skip(tag);
    }
  }
  return { scope, logRecords, schemaUrl };
}

function readScope(reader: ProtobufReader): DecodedScopeLogs['scope'] {
  const attributes = new Map<string, AnyValue>();
  const scope = { name: '', version: '', attributes, droppedAttributesCount: 0 };
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    switch (tag) {
      case tagOf(1, WireType.Bytes):
        scope.name = reader.string();
        break;
      case tagOf(2, WireType.Bytes):
        scope.version = reader.string();
        break;
      case tagOf(3, WireType.Bytes):
        readKeyValue(reader.message(), attributes, 0);
        break;
      case tagOf(4, WireType.Varint):
        scope.droppedAttributesCount = reader.uint32();
        break;
      default:
        reader.skip(tag);
    }
  }
  return scope;
}

function readLogRecord(reader: ProtobufReader): DecodedLogRecord {
  const attributes = new Map<string, AnyValue>();
  const record: Mutable<DecodedLogRecord> = {
    timeUnixNano: 0n,
    observedTimeUnixNano: 0n,
    severityNumber: 0,
    severityText: '',
    body: null,
    attributes,
    droppedAttributesCount: 0,
    flags: 0,
    traceId: '',
    spanId: '',
    eventName: '',
  };
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    switch (tag) {
      case tagOf(1, WireType.Fixed64):
        record.timeUnixNano = reader.fixed64();
        break;
      case tagOf(2, WireType.Varint):
        record.severityNumber = reader.int32();
        break;
      case tagOf(3, WireType.Bytes):
        record.severityText = reader.string();
        break;
      case tagOf(5, WireType.Bytes):
        record.body = readValue(reader.message(), 0);
        break;
      case tagOf(6, WireType.Bytes):
        readKeyValue(reader.message(), attributes, 0);
        break;
      case tagOf(7, WireType.Varint):
        record.droppedAttributesCount = reader.uint32();
        break;
      case tagOf(8, WireType.Fixed32):
        record.flags = reader.fixed32();
        break;
      case tagOf(9, WireType.Bytes):
        record.traceId = reader.bytes().toString('hex');
        break;
      case tagOf(10, WireType.Bytes):
        record.spanId = reader.bytes().toString('hex');
        break;
      case tagOf(11, WireType.Fixed64):
        record.observedTimeUnixNano = reader.fixed64();
        break;
      case tagOf(12, WireType.Bytes):
        record.eventName = reader.string();
        break;
      default:
        reader.skip(tag);
    }
  }
  return record;
}

/** Reads one KeyValue into `attributes`. `depth` is how many values lie around it. */
function readKeyValue(reader: ProtobufReader, attributes: Map<string, AnyValue>, depth: number): void {
  let key = '';
  let value: AnyValue = null;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === tagOf(1, WireType.Bytes)) key = reader.string();
    else if (tag === tagOf(2, WireType.Bytes)) value = readValue(reader.message(), depth);
    else reader.skip(tag);
  }
  attributes.set(key, value);
}

function readValue(reader: ProtobufReader, depth: number): AnyValue {
  if (depth === MAX_VALUE_DEPTH) throw new RangeError(`Cannot decode value: nested deeper than ${MAX_VALUE_DEPTH}`);
  let value: AnyValue = null;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    switch (tag) {
      case tagOf(1, WireType.Bytes):
        value = reader.string();
        break;
      case tagOf(2, WireType.Varint):
        value = reader.bool();
        break;
      case tagOf(3, WireType.Varint):
        value = reader.int64();
        break;
      case tagOf(4, WireType.Fixed64):
        value = reader.double();
        break;
      case tagOf(5, WireType.Bytes):
        value = readArray(reader.message(), depth + 1);
        break;
      case tagOf(6, WireType.Bytes):
        value = readKeyValueList(reader.message(), depth + 1);
        break;
      case tagOf(7, WireType.Bytes):
        value = reader.bytes();
        break;
      default:
        reader.skip(tag);
    }
  }
  return value;
}

function readArray(reader: ProtobufReader, depth: number): AnyValue[] {
  const values: AnyValue[] = [];
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === tagOf(1, WireType.Bytes)) values.push(readValue(reader.message(), depth));
    else reader.skip(tag);
  }
  return values;
}

function readKeyValueList(reader: ProtobufReader, depth: number): Attributes {
  const attributes = new Map<string, AnyValue>();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === tagOf(1, WireType.Bytes)) readKeyValue(reader.message(), attributes, depth);
    else reader.skip(tag);
  }
  return attributes;
}
