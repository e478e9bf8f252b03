import type { ByteBuffer } from '../../bytes/byte-buffer.ts';
import { copyShortText, copyText, copyWords } from '../../bytes/copy-words.ts';
import { varintSize, writeVarint } from '../../bytes/varint.ts';
import { NO_SPAN, type RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import { AnyValueEncoder } from './any-value.ts';
import { encodeAttribute } from './attribute-field.ts';
import { KeyFields } from './key-fields.ts';
import { MARKS_KEY, marksOf } from './marks.ts';
import {
  ARRAY_VALUE,
  LIST_VALUES,
  RECORD_ATTRIBUTES,
  RECORD_BODY,
  RECORD_FLAGS,
  RECORD_OBSERVED_TIME_UNIX_NANO,
  RECORD_SEVERITY_NUMBER,
  RECORD_SEVERITY_TEXT,
  RECORD_SPAN_ID,
  RECORD_TIME_UNIX_NANO,
  RECORD_TRACE_ID,
  SCOPE_LOGS_LOG_RECORDS,
  STRING_VALUE,
} from './tags.ts';

/** Room for everything of a record but its attributes, severity text and body: tags, lengths and fixed fields. */
const FIXED_BYTES = 128;
/** Room for tags and lengths of one attribute, and for any value that has no text. */
const ATTRIBUTE_BYTES = 40;
/** Head and text of an attribute up to here leave every length in it below 128. */
const MAX_SHORT = 124;
/** Head and digits of a number up to here do the same: its AnyValue takes at most 11 bytes. */
const MAX_SHORT_NUMBER = MAX_SHORT - 11;
/** Tags and lengths of a list around the value in it. */
const LIST_BYTES = 4;

/** The longest head and text together that `#encodeAttributes()` writes itself, by `ValueType`; -1: none. */
const MAX_INLINE = new Int32Array(Object.keys(ValueType).length).fill(-1);
MAX_INLINE[ValueType.String] = 0x7fffffff;
MAX_INLINE[ValueType.Int] = MAX_SHORT_NUMBER;
MAX_INLINE[ValueType.Double] = MAX_SHORT_NUMBER;
MAX_INLINE[ValueType.TextList] = MAX_SHORT - LIST_BYTES;

/**
 * Encodes records as LogRecords, out of the columns of a batch. Every length is in its shortest form.
 *
 * It runs once a record, so what nearly every record has is written at once, with its lengths in words; the methods for
 * any length and type are for the rest.
 */
export class LogRecordEncoder {
  readonly #keys = new KeyFields();
  readonly #values = new AnyValueEncoder();
  /** The attribute that holds the marks, by flags; made when first seen. */
  readonly #marks: (Buffer | undefined)[] = [];
  /** The time that was written last: it is the same for a whole batch. */
  #observedUnixMs = 0;
  #observedLow = 0;
  #observedHigh = 0;

  /** Encodes one record as a field `log_records` of ScopeLogs behind what `out` holds. O(its bytes). */
  encode(out: ByteBuffer, batch: RecordBatch, record: number): void {
    const start = out.length;
    const severityLength = batch.severityEnd[record]! - batch.severityStart[record]!;
    out.reserve(start, FIXED_BYTES + severityLength);
    let { bytes, view } = out;
    const source = batch.view;

    // The length of the record is known at the end; nearly all take two bytes, the others are moved.
    bytes[start] = SCOPE_LOGS_LOG_RECORDS;
    let at = start + 3;
    const timeLow = batch.time[2 * record]!;
    const timeHigh = batch.time[2 * record + 1]!;
    if (timeLow !== 0 || timeHigh !== 0) {
      bytes[at] = RECORD_TIME_UNIX_NANO;
      view.setUint32(at + 1, timeLow, true);
      view.setUint32(at + 5, timeHigh, true);
      at += 9;
    }
    const severityNumber = batch.severityNumber[record]!;
    if (severityNumber !== 0) {
      bytes[at++] = RECORD_SEVERITY_NUMBER;
      bytes[at++] = severityNumber;
    }
    if (severityLength > 0) {
      bytes[at++] = RECORD_SEVERITY_TEXT;
      at = writeVarint(bytes, at, severityLength);
      at = copyText(view, at, source, batch.severityStart[record]!, batch.severityEnd[record]!);
    }
    out.length = at;
    this.#encodeBody(out, batch, record);
    this.#encodeAttributes(out, batch, record);
    if (batch.flags[record]! > 1) out.append(this.#marksOf(batch.flags[record]!));

    at = out.length;
    out.reserve(at, FIXED_BYTES);
    ({ bytes, view } = out);
    const traceId = batch.traceId[record]!;
    if (traceId !== NO_SPAN) {
      if (batch.traceFlags[record] !== 0) {
        bytes[at] = RECORD_FLAGS;
        view.setUint32(at + 1, batch.traceFlags[record]!, true);
        at += 5;
      }
      bytes[at] = RECORD_TRACE_ID;
      bytes[at + 1] = 16;
      at = copyWords(view, at + 2, source, traceId, traceId + 16);
      const spanId = batch.spanId[record]!;
      if (spanId !== NO_SPAN) {
        bytes[at] = RECORD_SPAN_ID;
        bytes[at + 1] = 8;
        at = copyWords(view, at + 2, source, spanId, spanId + 8);
      }
    }
    bytes[at] = RECORD_OBSERVED_TIME_UNIX_NANO;
    this.#writeObserved(view, at + 1, batch.observedUnixMs);
    at += 9;

    const length = at - start - 3;
    if (length < 0x80 || length > 0x3fff) {
      const lengthBytes = varintSize(length);
      bytes.copyWithin(start + 1 + lengthBytes, start + 3, at);
      at += lengthBytes - 2;
      writeVarint(bytes, start + 1, length);
    } else {
      bytes[start + 1] = (length & 0x7f) | 0x80;
      bytes[start + 2] = length >>> 7;
    }
    out.length = at;
  }

  #encodeBody(out: ByteBuffer, batch: RecordBatch, record: number): void {
    const type = batch.bodyType[record]! as ValueType;
    const start = batch.bodyStart[record]!;
    const end = batch.bodyEnd[record]!;
    const length = end - start;
    if (type === ValueType.String) {
      const at = out.length;
      out.reserve(at, length + ATTRIBUTE_BYTES);
      const { bytes, view } = out;
      bytes[at] = RECORD_BODY;
      const value = writeVarint(bytes, at + 1, 1 + varintSize(length) + length);
      bytes[value] = STRING_VALUE;
      out.length = copyText(view, writeVarint(bytes, value + 1, length), batch.view, start, end);
      return;
    }
    const size = this.#values.measure(batch, type, start, end);
    out.reserve(out.length, size + ATTRIBUTE_BYTES);
    const { bytes, view } = out;
    bytes[out.length] = RECORD_BODY;
    const at = writeVarint(bytes, out.length + 1, size);
    out.length = this.#values.write(bytes, view, at, batch, type, start, end);
  }

  #encodeAttributes(out: ByteBuffer, batch: RecordBatch, record: number): void {
    const keys = this.#keys;
    const source = batch.view;
    const { attributeNext, attributeKey, attributeType, attributeStart, attributeEnd } = batch;
    let { places } = keys;
    let heads = keys.heads.view;
    let { bytes, view } = out;
    let at = out.length;
    for (let row = batch.firstAttribute[record]!; row !== 0; row = attributeNext[row]!) {
      const key = attributeKey[row]!;
      const place = key < places.length ? places[key]! : 0;
      const type = attributeType[row]! as ValueType;
      const start = attributeStart[row]!;
      const end = attributeEnd[row]!;
      const length = (end - start) | 0;
      const headLength = place & 0x7f;
      const headStart = place >> 7;
      const total = (headLength + length) | 0;
      if (place === 0 || total > MAX_INLINE[type]!) {
        out.length = at;
        this.#encodeAttribute(out, batch, row);
        ({ bytes, view } = out);
        ({ places } = keys);
        heads = keys.heads.view;
        at = out.length;
        continue;
      }
      if (((at + total + ATTRIBUTE_BYTES) | 0) > bytes.length) {
        out.reserve(at, total + ATTRIBUTE_BYTES);
        ({ bytes, view } = out);
      }
      const isShort = total <= MAX_SHORT;
      const head = at;
      // The lengths are written as a word with what stands beside them, where each takes one byte.
      if (isShort) {
        const listBytes = type === ValueType.TextList ? LIST_BYTES : 0;
        view.setInt16(at, RECORD_ATTRIBUTES | ((total + 3 + listBytes) << 8), true);
        at = (at + 2) | 0;
      } else {
        const size = 1 + varintSize(length) + length;
        bytes[at] = RECORD_ATTRIBUTES;
        at = writeVarint(bytes, at + 1, headLength + varintSize(size) + size);
      }
      at = copyShortText(view, at, heads, headStart, (headStart + headLength) | 0);
      if (type === ValueType.TextList) {
        view.setInt32(at, (length + 6) | (ARRAY_VALUE << 8) | ((length + 4) << 16) | (LIST_VALUES << 24), true);
        at = (at + LIST_BYTES) | 0;
      } else if (type !== ValueType.String) {
        // Those of a number are known behind it.
        const value = at + 1;
        at = this.#values.writeNumber(bytes, view, value, batch, type, start, end);
        bytes[head + 1] = at - head - 2;
        bytes[value - 1] = at - value;
        continue;
      }
      if (isShort) {
        view.setInt32(at, (length + 2) | (STRING_VALUE << 8) | (length << 16), true);
        at = (at + 3) | 0;
      } else {
        at = writeVarint(bytes, at, 1 + varintSize(length) + length);
        bytes[at] = STRING_VALUE;
        at = writeVarint(bytes, at + 1, length);
      }
      at = copyText(view, at, source, start, end);
    }
    out.length = at;
  }

  /** Any attribute. */
  #encodeAttribute(out: ByteBuffer, batch: RecordBatch, row: number): void {
    const key = batch.attributeKey[row]!;
    const headEnd = this.#keys.endOf(batch, key);
    const headStart = this.#keys.startOf(key);
    const type = batch.attributeType[row]! as ValueType;
    const start = batch.attributeStart[row]!;
    const end = batch.attributeEnd[row]!;
    const headLength = headEnd - headStart;
    const size = this.#values.measure(batch, type, start, end);
    let at = out.length;
    out.reserve(at, headLength + size + ATTRIBUTE_BYTES);
    const { bytes, view } = out;
    bytes[at] = RECORD_ATTRIBUTES;
    at = writeVarint(bytes, at + 1, headLength + varintSize(size) + size);
    at = copyText(view, at, this.#keys.heads.view, headStart, headEnd);
    at = writeVarint(bytes, at, size);
    out.length = this.#values.write(bytes, view, at, batch, type, start, end);
  }

  /** Writes milliseconds as nanoseconds, fixed64, exactly: split at 2^16 so that each product stays below 2^53. */
  #writeObserved(view: DataView, at: number, unixMs: number): void {
    if (unixMs !== this.#observedUnixMs) {
      const upper = Math.floor(unixMs / 65536) * 1e6;
      const lower = (unixMs % 65536) * 1e6 + (upper % 65536) * 65536;
      this.#observedUnixMs = unixMs;
      // As signed numbers, which V8 keeps without a box.
      this.#observedLow = (lower % 4294967296) | 0;
      this.#observedHigh = (Math.floor(upper / 65536) + Math.floor(lower / 4294967296)) | 0;
    }
    view.setInt32(at, this.#observedLow, true);
    view.setInt32(at + 4, this.#observedHigh, true);
  }

  /** The attribute `pillion.marks`: an array of strings. */
  #marksOf(flags: number): Buffer {
    let field = this.#marks[flags];
    if (field === undefined) {
      field = encodeAttribute(RECORD_ATTRIBUTES, MARKS_KEY, marksOf(flags));
      this.#marks[flags] = field;
    }
    return field;
  }
}
