import { ProtobufReader, tagOf, WireType } from '../../codec/otlp/protobuf-reader.ts';

/** How a body is written. */
export type BodyEncoding = 'protobuf' | 'json';

/** The `partial_success` of an ExportLogsServiceResponse or ExportMetricsServiceResponse; none at all reads as no records and no message. */
export interface PartialSuccess {
  /** As the peer says: may be negative, or more than were sent. */
  readonly rejectedRecords: number;
  readonly message: string;
}

/** Bodies of answers are a few bytes; a larger one is no answer of OTLP, and is not worth the memory of a parser. */
const MAX_BODY_BYTES = 64 * 1024;

const FULL_SUCCESS: PartialSuccess = { rejectedRecords: 0, message: '' };

/** Reads such a response. Undefined: the body is none. */
export function readPartialSuccess(body: Uint8Array, encoding: BodyEncoding): PartialSuccess | undefined {
  if (body.length === 0) return FULL_SUCCESS;
  return readBounded(body, () => (encoding === 'json' ? successFromJson(body) : successFromProtobuf(body)));
}

/** Reads the message of a google.rpc.Status, the body of an error. Undefined: the body is none. */
export function readStatusMessage(body: Uint8Array, encoding: BodyEncoding): string | undefined {
  return readBounded(body, () => {
    if (encoding === 'json') return textOf(mapOf(parseJson(body))['message']);
    let message = '';
    const reader = new ProtobufReader(body);
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === tagOf(2, WireType.Bytes)) message = reader.string();
      else reader.skip(tag);
    }
    return message;
  });
}

function readBounded<Value>(body: Uint8Array, read: () => Value): Value | undefined {
  if (body.length > MAX_BODY_BYTES) return undefined;
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function successFromProtobuf(body: Uint8Array): PartialSuccess {
  let success = FULL_SUCCESS;
  const reader = new ProtobufReader(body);
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === tagOf(1, WireType.Bytes)) success = partialFromProtobuf(reader.message());
    else reader.skip(tag);
  }
  return success;
}

function partialFromProtobuf(reader: ProtobufReader): PartialSuccess {
  let rejectedRecords = 0;
  let message = '';
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === tagOf(1, WireType.Varint)) rejectedRecords = Number(reader.int64());
    else if (tag === tagOf(2, WireType.Bytes)) message = reader.string();
    else reader.skip(tag);
  }
  return { rejectedRecords, message };
}

function successFromJson(body: Uint8Array): PartialSuccess {
  const partial = mapOf(mapOf(parseJson(body))['partialSuccess']);
  const rejected = partial['rejectedLogRecords'] ?? partial['rejectedDataPoints'];
  return { rejectedRecords: integerOf(rejected), message: textOf(partial['errorMessage']) };
}

function parseJson(body: Uint8Array): unknown {
  return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString());
}

/** In protobuf's JSON a field that is left out and one that is `null` are the same. */
function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new TypeError('Cannot read answer: map expected');
  return { ...value };
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new TypeError('Cannot read answer: text expected');
  return value;
}

/** 64-bit integers are written as text; numbers are taken too. */
function integerOf(value: unknown): number {
  if (value === undefined || value === null) return 0;
  const isInteger = Number.isInteger(value) || (typeof value === 'string' && /^-?\d{1,19}$/.test(value));
  if (!isInteger) throw new TypeError('Cannot read answer: integer expected');
  return Number(value);
}
