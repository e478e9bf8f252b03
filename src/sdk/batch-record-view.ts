import { LOCAL_KEY_BASE } from '../core/key-table.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import type { ResourceValue } from '../core/resource.ts';
import { ValueType } from '../core/value-type.ts';
import type { RecordView, SettableValue } from './record-view.ts';

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** Of at most 19 digits: making a bigint takes time with the square of its length. */
const WHOLE_NUMBER = /^-?(?:0|[1-9]\d{0,18})$/;
const REASON = /^[a-z][a-z0-9_]{0,63}$/;
const MAX_SEVERITY_NUMBER = 24;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** The view that a stage puts over one record after another of its batch. */
export class BatchRecordView implements RecordView {
  #current: RecordBatch | undefined;
  #record = 0;
  #dropReason: string | undefined;
  readonly #defaultReason: string;
  /** Ids of the keys that were asked for; no more than the key table holds. */
  readonly #keyIds = new Map<string, number>();

  constructor(defaultReason: string) {
    this.#defaultReason = defaultReason;
  }

  /** Shows a record. */
  show(batch: RecordBatch, record: number): void {
    this.#current = batch;
    this.#record = record;
    this.#dropReason = undefined;
  }

  /** Shows nothing: whoever kept the view is told so, instead of changing a batch that belongs to others. */
  hide(): void {
    this.#current = undefined;
  }

  /** Why the record shall be dropped; undefined: it shall not. */
  get dropReason(): string | undefined {
    return this.#dropReason;
  }

  string(key: string): string | undefined {
    const row = this.#row(key);
    const batch = this.#batch;
    if (row === 0 || batch.attributeType[row] === ValueType.Empty) return undefined;
    return textOf(batch, batch.attributeType[row]!, batch.attributeStart[row]!, batch.attributeEnd[row]!);
  }

  number(key: string): number | undefined {
    const text = this.string(key);
    return text !== undefined && JSON_NUMBER.test(text) ? Number(text) : undefined;
  }

  bigint(key: string): bigint | undefined {
    const text = this.string(key);
    return text !== undefined && WHOLE_NUMBER.test(text) ? BigInt(text) : undefined;
  }

  boolean(key: string): boolean | undefined {
    const text = this.string(key);
    return text === 'true' ? true : text === 'false' ? false : undefined;
  }

  has(key: string): boolean {
    return this.#row(key) !== 0;
  }

  set(key: string, value: SettableValue): void {
    const type = typeOf(key, value);
    const row = this.#row(key);
    const batch = this.#batch;
    const start = batch.appendText(String(value));
    const end = batch.byteLength;
    if (row === 0) {
      batch.addSpan(this.#record, this.#keyId(key), type, start, end);
      return;
    }
    batch.attributeType[row] = type;
    batch.attributeStart[row] = start;
    batch.attributeEnd[row] = end;
  }

  remove(key: string): boolean {
    const row = this.#row(key);
    return row !== 0 && this.#batch.remove(this.#record, this.#batch.attributeKey[row]!) !== 0;
  }

  keys(): string[] {
    const batch = this.#batch;
    const keys: string[] = [];
    for (let row = batch.firstAttribute[this.#record]!; row !== 0; row = batch.attributeNext[row]!) {
      keys.push(batch.keyText(batch.attributeKey[row]!));
    }
    return keys;
  }

  get body(): string {
    const batch = this.#batch;
    const record = this.#record;
    return textOf(batch, batch.bodyType[record]!, batch.bodyStart[record]!, batch.bodyEnd[record]!);
  }

  set body(text: string) {
    const start = this.#batch.appendText(String(text));
    this.#batch.setBody(this.#record, ValueType.String, start, this.#batch.byteLength);
  }

  get severityNumber(): number {
    return this.#batch.severityNumber[this.#record]!;
  }

  set severityNumber(number: number) {
    if (!Number.isInteger(number) || number < 0 || number > MAX_SEVERITY_NUMBER) {
      throw new RangeError(`Cannot set severity number to ${number}: expected a whole number from 0 to 24`);
    }
    this.#batch.severityNumber[this.#record] = number;
  }

  get severityText(): string {
    return this.#batch.text(this.#batch.severityStart[this.#record]!, this.#batch.severityEnd[this.#record]!);
  }

  set severityText(text: string) {
    const batch = this.#batch;
    batch.severityStart[this.#record] = batch.appendText(String(text));
    batch.severityEnd[this.#record] = batch.byteLength;
  }

  get timeUnixNano(): bigint {
    const { time } = this.#batch;
    return (BigInt(time[2 * this.#record + 1]!) << 32n) | BigInt(time[2 * this.#record]!);
  }

  set timeUnixNano(nanos: bigint) {
    if (nanos !== BigInt.asUintN(64, nanos)) {
      throw new RangeError(`Cannot set time to ${nanos}: expected nanoseconds from 0 to 2^64 - 1`);
    }
    this.#batch.time[2 * this.#record] = Number(nanos & 0xffffffffn);
    this.#batch.time[2 * this.#record + 1] = Number(nanos >> 32n);
  }

  resource(key: string): ResourceValue | undefined {
    return this.#batch.stream.resource.attributes.get(key);
  }

  drop(reason = this.#defaultReason): void {
    if (!REASON.test(reason)) {
      throw new RangeError(`Cannot drop record for ${JSON.stringify(reason)}: expected a reason in snake_case`);
    }
    this.#dropReason = reason;
  }

  get #batch(): RecordBatch {
    if (this.#current === undefined) throw new Error('Cannot use record: it is only valid during the call');
    return this.#current;
  }

  /** The row of an attribute, or 0. */
  #row(key: string): number {
    const batch = this.#batch;
    const id = this.#keyId(key);
    if (id < LOCAL_KEY_BASE) return batch.find(this.#record, id);
    // The key table is full, and a batch may know one key by two ids then.
    let row = batch.firstAttribute[this.#record]!;
    while (row !== 0 && batch.keyText(batch.attributeKey[row]!) !== key) row = batch.attributeNext[row]!;
    return row;
  }

  #keyId(key: string): number {
    const known = this.#keyIds.get(key);
    if (known !== undefined) return known;
    const batch = this.#batch;
    const start = batch.appendText(key);
    const id = batch.internKey(start, batch.byteLength);
    // An id of this batch alone means these bytes; any other is in the table, and the bytes are free again.
    if (id < LOCAL_KEY_BASE) {
      batch.byteLength = start;
      this.#keyIds.set(key, id);
    }
    return id;
  }
}

function textOf(batch: RecordBatch, type: number, start: number, end: number): string {
  const text = batch.text(start, end);
  return type === ValueType.TextList ? JSON.stringify([text]) : text;
}

function typeOf(key: string, value: unknown): ValueType {
  switch (typeof value) {
    case 'string':
      return ValueType.String;
    case 'boolean':
      return value ? ValueType.True : ValueType.False;
    case 'number':
      if (!Number.isFinite(value)) throw new RangeError(`Cannot set attribute ${JSON.stringify(key)} to ${value}`);
      return Number.isSafeInteger(value) ? ValueType.Int : ValueType.Double;
    case 'bigint':
      if (value >= INT64_MIN && value <= INT64_MAX) return ValueType.Int;
      throw new RangeError(`Cannot set attribute ${JSON.stringify(key)} to ${value}: it does not fit into 64 bits`);
    default:
      throw new TypeError(
        `Cannot set attribute ${JSON.stringify(key)} to ${value === null ? 'null' : typeof value}: ` +
          'expected text, a number, true or false',
      );
  }
}
