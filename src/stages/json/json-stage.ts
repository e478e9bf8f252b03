import { copyText } from '../../bytes/copy-words.ts';
import { digitsEndByWords } from '../../bytes/digits.ts';
import {
  findStringEnd,
  integerType,
  literalType,
  scanFraction,
  scanLiteral,
  scanString,
  scanValue,
  skipSpace,
} from '../../codec/json/scan.ts';
import { unescapeInto } from '../../codec/json/unescape.ts';
import type { Stage } from '../../core/contracts.ts';
import { LOCAL_KEY_BASE } from '../../core/key-table.ts';
import { MAX_LOCAL_KEYS_SEARCHED, type RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import { ExpectedHeads, RECORD_START } from './expected-heads.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const MINUS = 0x2d;
const ZERO = 0x30;

/** No offset: the text is no JSON object. */
const BROKEN = -1;
/** No offset: the object ended, and nothing but white space follows. */
const OBJECT_END = -2;
/** A place of which nothing is remembered: behind a key that the key table has no room for. */
const NOWHERE = 0x7fffffff;

/** Integers with fewer digits fit into 64 bits. */
const MIN_LONG_DIGITS = 19;

export interface JsonStageOptions {
  /** The key of the attribute that is read; -1, or none given: the body is. */
  readonly field?: number;
  /** What stands before the name of each attribute. */
  readonly prefix?: string;
}

/**
 * Reads bodies, or an attribute, that are JSON objects into attributes: one pass over the bytes, no string and no object
 * is made.
 *
 * - A record that has no JSON object there keeps what it has, gets no attribute, and is marked.
 * - Values without escapes are spans of the input; the others are decoded once, behind it.
 * - An object or array inside stays text (checked), and becomes a kvlist or an array when it is encoded.
 * - A key that comes twice has its last value, as with JSON.parse.
 */
export class JsonStage implements Stage {
  readonly #expected = new ExpectedHeads();
  readonly #field: number;
  readonly #prefix: Buffer;
  /** The key of the value that is being read. */
  #key = 0;
  /**
   * For each key id: the row that it was given last, by any record of any batch. It is one of the record that is being
   * read when it is not before `#firstRow` and still has the key.
   */
  #rowOf = new Uint32Array(1024);
  /** The same for the keys of a batch that may come again. */
  readonly #localRowOf = new Uint32Array(MAX_LOCAL_KEYS_SEARCHED);
  /** The first row that the record that is being read could get. */
  #firstRow = 0;

  constructor({ field = -1, prefix = '' }: JsonStageOptions = {}) {
    this.#field = field;
    this.#prefix = Buffer.from(prefix);
  }

  process(batch: RecordBatch): void {
    if (this.#field < 0) this.#readBodies(batch);
    else this.#readFields(batch);
  }

  #readBodies(batch: RecordBatch): void {
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record) || batch.bodyType[record] !== ValueType.String) continue;
      const last = batch.lastAttribute[record]!;
      if (this.#readInto(batch, record, batch.bodyStart[record]!, batch.bodyEnd[record]!)) {
        if (last !== 0) this.#removeReplaced(batch, record, last);
        continue;
      }
      batch.fail(record, 'no JSON object');
    }
  }

  #readFields(batch: RecordBatch): void {
    const field = this.#field;
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      const row = batch.find(record, field);
      if (row === 0 || !isText(batch.attributeType[row]!)) continue;
      const last = batch.lastAttribute[record]!;
      if (this.#readInto(batch, record, batch.attributeStart[row]!, batch.attributeEnd[row]!)) {
        this.#removeReplaced(batch, record, last);
        if (batch.find(record, field) === row) batch.remove(record, field);
        continue;
      }
      batch.fail(record, 'no JSON object');
    }
  }

  /** Adds what [start, end) holds to the record; false: it is no JSON object, and nothing was added. */
  #readInto(batch: RecordBatch, record: number, start: number, end: number): boolean {
    const first = batch.attributeCount;
    this.#firstRow = first;
    const isObject = this.#read(batch, start, end);
    if (isObject) batch.linkRows(record, first);
    else batch.attributeCount = first;
    return isObject;
  }

  /**
   * Reads what [at, end) holds into rows; false: it is no JSON object.
   *
   * One function for what nearly every value is, with the memory in locals: reading them from the batch at each use
   * takes a quarter longer. What replaces the memory is followed by reading them again.
   */
  #read(batch: RecordBatch, at: number, end: number): boolean {
    const expected = this.#expected;
    let { bytes, view } = batch;
    let place = RECORD_START;
    for (;;) {
      let start = expected.match(place, view, at, end);
      let key: number;
      if (start >= 0) {
        key = expected.keyAt(place);
        if (bytes[start]! <= 0x20) start = skipSpace(bytes, start, end);
      } else {
        start = this.#readHead(batch, at, end, place);
        if (start < 0) return start === OBJECT_END;
        key = this.#key;
        ({ bytes, view } = batch);
      }
      if (start >= end) return false;
      if (bytes[start] === QUOTE) {
        const stop = findStringEnd(view, start + 1, end);
        if (stop < end && bytes[stop] === QUOTE) {
          this.#add(batch, key, ValueType.String, start + 1, stop);
          at = stop + 1;
        } else {
          at = this.#readEscaped(batch, key, start + 1, stop, end);
          ({ bytes, view } = batch);
        }
      } else {
        const stop = digitsEndByWords(view, start, end);
        const isShort = bytes[start] !== ZERO && stop > start && stop - start < MIN_LONG_DIGITS;
        if (isShort && stop < end && (bytes[stop] === COMMA || bytes[stop] === CLOSE_BRACE)) {
          this.#add(batch, key, ValueType.Int, start, stop);
          at = stop;
        } else {
          at = this.#readOther(batch, key, start, stop, end);
        }
      }
      if (at < 0) return false;
      place = key < LOCAL_KEY_BASE ? key + 1 : NOWHERE;
    }
  }

  /**
   * Reads what stands between two values, from `at` on, and expects it from now on at `place`. Sets `#key` and returns
   * where the value starts; OBJECT_END or BROKEN when there is none.
   */
  #readHead(batch: RecordBatch, at: number, end: number, place: number): number {
    const { bytes } = batch;
    const start = at;
    at = skipSpace(bytes, at, end);
    if (place === RECORD_START) {
      if (at >= end || bytes[at] !== OPEN_BRACE) return BROKEN;
      at = skipSpace(bytes, at + 1, end);
      if (at < end && bytes[at] === CLOSE_BRACE) return skipSpace(bytes, at + 1, end) === end ? OBJECT_END : BROKEN;
    } else {
      if (at < end && bytes[at] === CLOSE_BRACE) return skipSpace(bytes, at + 1, end) === end ? OBJECT_END : BROKEN;
      if (at >= end || bytes[at] !== COMMA) return BROKEN;
      at = skipSpace(bytes, at + 1, end);
    }
    if (at >= end || bytes[at] !== QUOTE) return BROKEN;
    const keyStart = at + 1;
    const keyEnd = scanString(bytes, keyStart, end);
    if (keyEnd < 0) return BROKEN;
    at = skipSpace(bytes, keyEnd + 1, end);
    if (at >= end || bytes[at] !== COLON) return BROKEN;
    at = skipSpace(bytes, at + 1, end);
    this.#key = this.#internKey(batch, keyStart, keyEnd);
    if (place !== NOWHERE && this.#key < LOCAL_KEY_BASE) this.#expected.expect(place, this.#key, bytes, start, at);
    return at;
  }

  /** A string in which `findStringEnd()` stopped at `at` for something else than its end; returns where it ends, or -1. */
  #readEscaped(batch: RecordBatch, key: number, start: number, at: number, end: number): number {
    const close = scanString(batch.bytes, at, end);
    if (close < 0) return BROKEN;
    const decoded = this.#decode(batch, start, at, close);
    this.#add(batch, key, ValueType.String, decoded, batch.byteLength);
    return close + 1;
  }

  /** A value that is no string and starts with the digits [start, digitsStop); returns where it ends, or -1. */
  #readOther(batch: RecordBatch, key: number, start: number, digitsStop: number, end: number): number {
    const { bytes } = batch;
    const first = bytes[start]!;
    let stop: number;
    let type: ValueType;
    if (first === MINUS || (first >= ZERO && first <= 0x39)) {
      const digits = first === MINUS ? start + 1 : start;
      const whole = first === MINUS ? digitsEndByWords(batch.view, digits, end) : digitsStop;
      if (whole === digits || (bytes[digits] === ZERO && whole > digits + 1)) return BROKEN;
      stop = scanFraction(bytes, whole, end);
      type = stop === whole ? integerType(bytes, start, stop) : ValueType.Double;
    } else if (first === OPEN_BRACE || first === OPEN_BRACKET) {
      stop = scanValue(bytes, start, end, 1);
      type = ValueType.Json;
    } else {
      stop = scanLiteral(bytes, start, end);
      type = literalType(first);
    }
    if (stop >= 0) this.#add(batch, key, type, start, stop);
    return stop;
  }

  #add(batch: RecordBatch, key: number, type: ValueType, start: number, end: number): void {
    if (key >= this.#rowOf.length) {
      this.#addRare(batch, key, type, start, end);
      return;
    }
    const row = this.#rowOf[key]!;
    if (row >= this.#firstRow && row < batch.attributeCount && batch.attributeKey[row] === key) {
      setValue(batch, row, type, start, end);
    } else {
      this.#rowOf[key] = batch.addRow(key, type, start, end);
    }
  }

  /** A key that is new to the stage, or that the key table has no room for. */
  #addRare(batch: RecordBatch, key: number, type: ValueType, start: number, end: number): void {
    if (key < LOCAL_KEY_BASE) {
      const grown = new Uint32Array(2 * key);
      grown.set(this.#rowOf);
      this.#rowOf = grown;
      this.#add(batch, key, type, start, end);
      return;
    }
    const at = key - LOCAL_KEY_BASE;
    const row = at < MAX_LOCAL_KEYS_SEARCHED ? this.#localRowOf[at]! : 0;
    if (row >= this.#firstRow && row < batch.attributeCount && batch.attributeKey[row] === key) {
      setValue(batch, row, type, start, end);
    } else {
      const added = batch.addRow(key, type, start, end);
      if (at < MAX_LOCAL_KEYS_SEARCHED) this.#localRowOf[at] = added;
    }
  }

  /** Takes out the attributes that were there before, up to row `last`, and came again in what was read. */
  #removeReplaced(batch: RecordBatch, record: number, last: number): void {
    let row = batch.firstAttribute[record]!;
    for (;;) {
      const next = batch.attributeNext[row]!;
      const key = batch.attributeKey[row]!;
      if (this.#isRead(batch, key)) batch.remove(record, key);
      if (row === last) return;
      row = next;
    }
  }

  /** Whether the record that is being read got an attribute with the key from what was read. */
  #isRead(batch: RecordBatch, key: number): boolean {
    const row = key < LOCAL_KEY_BASE ? this.#rowOf[key] : this.#localRowOf[key - LOCAL_KEY_BASE];
    return row !== undefined && row >= this.#firstRow && row < batch.attributeCount && batch.attributeKey[row] === key;
  }

  #internKey(batch: RecordBatch, start: number, end: number): number {
    const prefix = this.#prefix;
    const hasEscapes = batch.bytes.subarray(start, end).includes(BACKSLASH);
    if (!hasEscapes && prefix.length === 0) return batch.internKey(start, end);
    const name = batch.appendBytes(prefix, 0, prefix.length);
    if (hasEscapes) this.#decode(batch, start, start, end);
    else batch.appendBytes(batch.bytes, start, end);
    const key = batch.internKey(name, batch.byteLength);
    // The table has a copy.
    if (key < LOCAL_KEY_BASE) batch.byteLength = name;
    return key;
  }

  /**
   * Decodes the inside of a string, [start, end), behind what the arena holds; returns where the text starts. Before
   * `firstEscape` there is no backslash.
   */
  #decode(batch: RecordBatch, start: number, firstEscape: number, end: number): number {
    batch.reserve(end - start);
    const decoded = batch.byteLength;
    const at = copyText(batch.view, decoded, batch.view, start, firstEscape);
    batch.byteLength = unescapeInto(batch.bytes, firstEscape, end, batch.bytes, at);
    return decoded;
  }
}

/** A nested object is its text as well. */
function isText(type: number): boolean {
  return type === ValueType.String || type === ValueType.Json;
}

function setValue(batch: RecordBatch, row: number, type: ValueType, start: number, end: number): void {
  batch.attributeType[row] = type;
  batch.attributeStart[row] = start;
  batch.attributeEnd[row] = end;
}
