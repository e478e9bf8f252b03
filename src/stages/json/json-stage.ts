import {
  findStringEnd,
  integerType,
  literalType,
  scanFraction,
  scanInteger,
  scanLiteral,
  scanString,
  scanValue,
  skipSpace,
} from '../../codec/json/scan.ts';
import { unescapeInto } from '../../codec/json/unescape.ts';
import type { Stage } from '../../core/contracts.ts';
import { LOCAL_KEY_BASE } from '../../core/key-table.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import type { Counter } from '../../telemetry/metrics.ts';
import { ExpectedKeys, RECORD_START } from './expected-keys.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const MAX_RECORD_NUMBER = 2 ** 30;

/**
 * Reads bodies that are JSON objects into attributes: one pass over the bytes, no string and no object is made.
 *
 * - A record that is no JSON object keeps its body, gets no attribute, and is marked and counted.
 * - Values without escapes are spans of the input; the others are decoded once, behind it.
 * - An object or array inside stays text (checked), and becomes a kvlist or an array when it is encoded.
 * - A key that comes twice has its last value, as with JSON.parse.
 */
export class JsonStage implements Stage {
  readonly #failedRecords: Counter;
  readonly #expected = new ExpectedKeys();
  /** For each key id: the last record, by its number, that had the key. */
  #seenBy = new Int32Array(1024);
  /** The number of the record that is being read; it starts again before it leaves 31 bits. */
  #recordNumber = 0;

  constructor(failedRecords: Counter) {
    this.#failedRecords = failedRecords;
  }

  process(batch: RecordBatch): void {
    const failed = this.#processAll(batch);
    if (failed > 0) this.#failedRecords.add(failed);
  }

  /**
   * The loop, in a function of its own: V8 replaces a running loop by optimized code that knows nothing of what follows
   * it, and would leave that code again at the end of every batch.
   */
  #processAll(batch: RecordBatch): number {
    let failed = 0;
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record) || batch.bodyType[record] !== ValueType.String) continue;
      this.#countRecord();
      const last = batch.lastAttribute[record]!;
      if (this.#read(batch, record)) {
        if (last !== 0) this.#removeReplaced(batch, record, last);
        continue;
      }
      batch.truncateAttributes(record, last);
      batch.fail(record);
      failed++;
    }
    return failed;
  }

  /** Reads one body; false: it is no JSON object. */
  #read(batch: RecordBatch, record: number): boolean {
    let { bytes, view } = batch;
    const end = batch.bodyEnd[record]!;
    let at = skipSpace(bytes, batch.bodyStart[record]!, end);
    if (at >= end || bytes[at] !== OPEN_BRACE) return false;
    at = skipSpace(bytes, at + 1, end);
    if (at < end && bytes[at] === CLOSE_BRACE) return skipSpace(bytes, at + 1, end) === end;

    let place = RECORD_START;
    for (;;) {
      let key = this.#expected.keyAt(place);
      const value = key < 0 ? -1 : this.#expected.match(key, view, at, end);
      if (value >= 0) {
        at = value;
      } else {
        if (at >= end || bytes[at] !== QUOTE) return false;
        const close = scanString(bytes, at + 1, end);
        if (close < 0) return false;
        key = this.#internKey(batch, at + 1, close, place);
        ({ bytes, view } = batch);
        at = skipSpace(bytes, close + 1, end);
        if (at >= end || bytes[at] !== COLON) return false;
        at++;
      }
      place = key < LOCAL_KEY_BASE ? key + 1 : RECORD_START;
      if (bytes[at]! <= 0x20) at = skipSpace(bytes, at, end);
      if (at >= end) return false;

      const first = bytes[at]!;
      let start = at;
      let stop: number;
      let type: ValueType;
      if (first === QUOTE) {
        start++;
        at = findStringEnd(view, start, end);
        const isPlain = at < end && bytes[at] === QUOTE;
        if (!isPlain) at = scanString(bytes, at, end);
        if (at < 0) return false;
        stop = at++;
        type = ValueType.String;
        if (!isPlain) {
          start = this.#decode(batch, start, stop);
          stop = batch.byteLength;
          ({ bytes, view } = batch);
        }
      } else if (first === 0x2d || (first >= 0x30 && first <= 0x39)) {
        const whole = scanInteger(bytes, at, end);
        if (whole < 0) return false;
        stop = at = scanFraction(bytes, whole, end);
        if (at < 0) return false;
        type = stop === whole ? integerType(bytes, start, stop) : ValueType.Double;
      } else if (first === OPEN_BRACE || first === 0x5b) {
        at = scanValue(bytes, at, end, 1);
        if (at < 0) return false;
        stop = at;
        type = ValueType.Json;
      } else {
        at = scanLiteral(bytes, at, end);
        if (at < 0) return false;
        stop = at;
        type = literalType(first);
      }
      if (this.#see(key)) batch.addSpan(record, key, type, start, stop);
      else batch.setSpan(record, key, type, start, stop);

      if (bytes[at]! <= 0x20) at = skipSpace(bytes, at, end);
      if (at >= end) return false;
      if (bytes[at] === CLOSE_BRACE) return skipSpace(bytes, at + 1, end) === end;
      if (bytes[at] !== COMMA) return false;
      at++;
      if (bytes[at]! <= 0x20) at = skipSpace(bytes, at, end);
    }
  }

  /** Takes out the attributes that were there before, up to row `last`, and came again in the body. */
  #removeReplaced(batch: RecordBatch, record: number, last: number): void {
    let row = batch.firstAttribute[record]!;
    for (;;) {
      const next = batch.attributeNext[row]!;
      const key = batch.attributeKey[row]!;
      if (key < this.#seenBy.length && this.#seenBy[key] === this.#recordNumber) batch.remove(record, key);
      if (row === last) return;
      row = next;
    }
  }

  #countRecord(): void {
    if (++this.#recordNumber < MAX_RECORD_NUMBER) return;
    this.#recordNumber = 1;
    this.#seenBy.fill(0);
  }

  /** Whether the record that is being read has the key for the first time. */
  #see(key: number): boolean {
    if (key >= LOCAL_KEY_BASE) return false;
    if (key >= this.#seenBy.length) {
      const grown = new Int32Array(2 * Math.max(key, this.#seenBy.length));
      grown.set(this.#seenBy);
      this.#seenBy = grown;
    }
    if (this.#seenBy[key] === this.#recordNumber) return false;
    this.#seenBy[key] = this.#recordNumber;
    return true;
  }

  /** The id of the key `bytes[start, end)`, which from now on is expected at `place`. */
  #internKey(batch: RecordBatch, start: number, end: number, place: number): number {
    if (batch.bytes.subarray(start, end).includes(BACKSLASH)) {
      const decoded = this.#decode(batch, start, end);
      return batch.internKey(decoded, batch.byteLength);
    }
    const key = batch.internKey(start, end);
    this.#expected.expect(place, key, batch.bytes, start, end);
    return key;
  }

  /** Decodes the escapes of `bytes[start, end)` behind what the arena holds; returns where the text starts. */
  #decode(batch: RecordBatch, start: number, end: number): number {
    batch.reserve(end - start);
    const decoded = batch.byteLength;
    batch.byteLength = unescapeInto(batch.bytes, start, end, batch.bytes, decoded);
    return decoded;
  }
}
