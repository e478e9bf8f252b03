import type { ByteBuffer } from '../../bytes/byte-buffer.ts';
import type { KeyTable } from '../../core/key-table.ts';
import { NO_SPAN, type RecordBatch } from '../../core/record-batch.ts';
import type { ValueType } from '../../core/value-type.ts';
import { appendBytes } from '../json/append-bytes.ts';
import { UNIX_NANO_DIGITS, writeUnixNano } from '../json/unix-nano-text.ts';
import { appendJsonString } from '../json/write-string.ts';
import { JsonAnyValueEncoder } from './json-any-value.ts';
import { appendAttribute } from './json-attribute.ts';
import { MARKS_KEY, marksOf } from './marks.ts';

const OBSERVED_TIME = Buffer.from('{"observedTimeUnixNano":"');
const TIME = Buffer.from(',"timeUnixNano":"');
const SEVERITY_TEXT = Buffer.from(',"severityText":');
const BODY = Buffer.from(',"body":');
const ATTRIBUTES = Buffer.from(',"attributes":[');
const KEY = Buffer.from('{"key":');
const VALUE = Buffer.from(',"value":');
const TRACE_ID = Buffer.from(',"traceId":"');
const SPAN_ID = Buffer.from(',"spanId":"');
const QUOTE = Buffer.from('"');
const COMMA = Buffer.from(',');
const LIST_END = Buffer.from(']');
const OBJECT_END = Buffer.from('}');

const SEVERITY_NUMBER = fieldOfByte('severityNumber');
const FLAGS = fieldOfByte('flags');

const HEX_DIGITS = Buffer.from('0123456789abcdef');
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

/** The flags without Dropped, which is no mark. */
const MARK_FLAGS = 0xfe;

/** Appends records of a batch to `out` as LogRecord in OTLP/JSON. */
export class JsonLogRecordEncoder {
  readonly #out: ByteBuffer;
  readonly #values: JsonAnyValueEncoder;
  readonly #keys: KeyHeads;
  #observedUnixMs = -1;
  #observedTime = OBSERVED_TIME;

  constructor(out: ByteBuffer) {
    this.#out = out;
    this.#values = new JsonAnyValueEncoder(out);
    this.#keys = new KeyHeads(out);
  }

  append(batch: RecordBatch, record: number): void {
    const out = this.#out;
    appendBytes(out, this.#observedTimeOf(batch));
    this.#appendTime(batch, record);
    const severityNumber = batch.severityNumber[record]!;
    if (severityNumber !== 0) appendBytes(out, SEVERITY_NUMBER[severityNumber]!);
    const severityStart = batch.severityStart[record]!;
    const severityEnd = batch.severityEnd[record]!;
    if (severityEnd > severityStart) {
      appendBytes(out, SEVERITY_TEXT);
      appendJsonString(out, batch.bytes, severityStart, severityEnd);
    }
    appendBytes(out, BODY);
    const bodyType = batch.bodyType[record]! as ValueType;
    this.#values.append(batch.bytes, bodyType, batch.bodyStart[record]!, batch.bodyEnd[record]!);
    this.#appendAttributes(batch, record);
    this.#appendTrace(batch, record);
    appendBytes(out, OBJECT_END);
  }

  /** The start of a record, up to the observed time: the same for a whole batch. */
  #observedTimeOf(batch: RecordBatch): Buffer {
    if (batch.observedUnixMs !== this.#observedUnixMs) {
      this.#observedUnixMs = batch.observedUnixMs;
      const nanos = `${BigInt(batch.observedUnixMs) * 1_000_000n}"`;
      this.#observedTime = Buffer.concat([OBSERVED_TIME, Buffer.from(nanos)]);
    }
    return this.#observedTime;
  }

  #appendTime(batch: RecordBatch, record: number): void {
    const low = batch.time[2 * record]!;
    const high = batch.time[2 * record + 1]!;
    if (low === 0 && high === 0) return;
    const out = this.#out;
    appendBytes(out, TIME);
    out.reserve(out.length, UNIX_NANO_DIGITS);
    out.length = writeUnixNano(out.bytes, out.length, low, high);
    appendBytes(out, QUOTE);
  }

  #appendAttributes(batch: RecordBatch, record: number): void {
    const out = this.#out;
    const marks = batch.flags[record]! & MARK_FLAGS;
    let row = batch.firstAttribute[record]!;
    if (row === 0 && marks === 0) return;
    appendBytes(out, ATTRIBUTES);
    for (let isFirst = true; row !== 0; row = batch.attributeNext[row]!, isFirst = false) {
      if (!isFirst) appendBytes(out, COMMA);
      this.#keys.append(batch, batch.attributeKey[row]!);
      const type = batch.attributeType[row]! as ValueType;
      this.#values.append(batch.bytes, type, batch.attributeStart[row]!, batch.attributeEnd[row]!);
      appendBytes(out, OBJECT_END);
    }
    if (marks !== 0) {
      if (batch.firstAttribute[record] !== 0) appendBytes(out, COMMA);
      appendAttribute(out, MARKS_KEY, marksOf(marks));
    }
    appendBytes(out, LIST_END);
  }

  #appendTrace(batch: RecordBatch, record: number): void {
    const traceId = batch.traceId[record]!;
    if (traceId === NO_SPAN) return;
    const out = this.#out;
    const traceFlags = batch.traceFlags[record]!;
    if (traceFlags !== 0) appendBytes(out, FLAGS[traceFlags]!);
    appendHex(out, TRACE_ID, batch.bytes, traceId, TRACE_ID_BYTES);
    const spanId = batch.spanId[record]!;
    if (spanId !== NO_SPAN) appendHex(out, SPAN_ID, batch.bytes, spanId, SPAN_ID_BYTES);
  }
}

/** Keys as the start of a KeyValue, `{"key":"http.route","value":`, made once a key. */
class KeyHeads {
  readonly #out: ByteBuffer;
  #table: KeyTable | undefined;
  #heads: (Buffer | undefined)[] = [];

  constructor(out: ByteBuffer) {
    this.#out = out;
  }

  append(batch: RecordBatch, key: number): void {
    if (batch.keys !== this.#table) {
      this.#table = batch.keys;
      this.#heads = [];
    }
    const head = this.#heads[key];
    if (head !== undefined) {
      appendBytes(this.#out, head);
      return;
    }
    const start = this.#out.length;
    appendBytes(this.#out, KEY);
    const bytes = batch.keyBytes(key);
    appendJsonString(this.#out, bytes, 0, bytes.length);
    appendBytes(this.#out, VALUE);
    const isOfTable = key < batch.keys.count;
    if (isOfTable) this.#heads[key] = Buffer.from(this.#out.bytes.subarray(start, this.#out.length));
  }
}

/** A field with each number that fits into a byte. */
function fieldOfByte(name: string): readonly Buffer[] {
  return Array.from({ length: 256 }, (_, value) => Buffer.from(`,"${name}":${value}`));
}

function appendHex(out: ByteBuffer, field: Buffer, source: Uint8Array, start: number, length: number): void {
  appendBytes(out, field);
  out.reserve(out.length, 2 * length);
  const { bytes } = out;
  let at = out.length;
  for (let i = start; i < start + length; i++) {
    bytes[at++] = HEX_DIGITS[source[i]! >> 4]!;
    bytes[at++] = HEX_DIGITS[source[i]! & 0xf]!;
  }
  out.length = at;
  appendBytes(out, QUOTE);
}
