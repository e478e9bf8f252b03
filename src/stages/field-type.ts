import { digitsEnd } from '../bytes/digits.ts';
import { integerType, literalType, scanNumber, scanString, scanValue } from '../codec/json/scan.ts';
import { unescapeInto } from '../codec/json/unescape.ts';
import { closest } from '../component/closest.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { ValueType } from '../core/value-type.ts';

/** The types that a value can be given where a line is taken apart. */
export const FIELD_TYPES = ['string', 'int', 'double', 'bool', 'json', 'list'] as const;

/** One of the types. */
export type FieldType = (typeof FIELD_TYPES)[number];

/** The same under the names of other tools. */
const OTHER_NAMES: Readonly<Record<string, FieldType>> = {
  str: 'string',
  text: 'string',
  integer: 'int',
  long: 'int',
  int64: 'int',
  float: 'double',
  number: 'double',
  float64: 'double',
  boolean: 'bool',
  object: 'json',
};

/** The type of that name; undefined: there is none. No name is `string`. */
export function fieldType(name: string): FieldType | undefined {
  return name === '' ? 'string' : FIELD_TYPES.find((type) => type === name);
}

/** The type of that name, also as other tools call it. */
export function lenientFieldType(name: string): FieldType | undefined {
  return fieldType(name) ?? (Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined);
}

/** What to write instead of a name of a type that is none. */
export function fieldTypeHint(name: string): string {
  const near = lenientFieldType(name.toLowerCase()) ?? closest(name, FIELD_TYPES);
  return near === undefined ? `Types are ${FIELD_TYPES.join(', ')}` : `Did you mean ${JSON.stringify(near)}?`;
}

const SPACE = 0x20;
const TAB = 0x09;
const PLUS = 0x2b;
const MINUS = 0x2d;
const ZERO = 0x30;
const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;

/**
 * Reads spans as values of a type: the result is a ValueType and the span of the value, which is a part of what was
 * read or stands behind it in the arena. Blanks around the value are passed over.
 */
export class TypedValue {
  type: ValueType = ValueType.Empty;
  start = 0;
  end = 0;

  /**
   * Reads `batch.bytes[start, end)`; false: it is no value of that type. Nothing, and the `-` that many logs have for
   * nothing, is `Empty`. May append to the batch.
   */
  read(type: Exclude<FieldType, 'string'>, batch: RecordBatch, start: number, end: number): boolean {
    const { bytes } = batch;
    while (start < end && isBlank(bytes[start]!)) start++;
    while (end > start && isBlank(bytes[end - 1]!)) end--;
    if (start === end || (end - start === 1 && bytes[start] === MINUS)) return this.#set(ValueType.Empty, start, start);
    switch (type) {
      case 'int':
        return this.#readInt(batch, start, end);
      case 'double':
        return this.#readDouble(batch, start, end);
      case 'bool':
        return this.#readBool(batch, start, end);
      case 'json':
        return this.#readJson(batch, start, end);
      case 'list':
        return this.#set(ValueType.TextList, start, end);
      default:
        return type satisfies never;
    }
  }

  /** What has more than 64 bits stays text, so that its digits are exact. */
  #readInt(batch: RecordBatch, start: number, end: number): boolean {
    const { bytes } = batch;
    const isNegative = bytes[start] === MINUS;
    let digits = isNegative || bytes[start] === PLUS ? start + 1 : start;
    if (digits === end || digitsEnd(bytes, digits, end) < end) return false;
    const first = digits;
    while (digits < end - 1 && bytes[digits] === ZERO) digits++;
    if (!isNegative) return this.#set(integerType(bytes, digits, end), digits, end);
    if (digits === first) return this.#set(integerType(bytes, start, end), start, end);
    const at = batch.appendText('-');
    batch.appendBytes(batch.bytes, digits, end);
    return this.#set(integerType(batch.bytes, at, batch.byteLength), at, batch.byteLength);
  }

  #readDouble(batch: RecordBatch, start: number, end: number): boolean {
    if (scanNumber(batch.bytes, start, end) === end) return this.#set(ValueType.Double, start, end);
    // What JSON does not allow: `.5`, `5.`, `+5`, `05`.
    const text = batch.bytes.toString('latin1', start, end);
    const value = OTHER_DOUBLE.test(text) ? Number(text) : Number.NaN;
    if (!Number.isFinite(value)) return false;
    const at = batch.appendText(String(value));
    return this.#set(ValueType.Double, at, batch.byteLength);
  }

  #readBool(batch: RecordBatch, start: number, end: number): boolean {
    if (end - start > LONGEST_BOOL) return false;
    const text = batch.bytes.toString('latin1', start, end);
    const value = BOOLS.get(text.toLowerCase());
    if (value === undefined) return false;
    const type = value ? ValueType.True : ValueType.False;
    if (text === String(value)) return this.#set(type, start, end);
    const at = batch.appendText(String(value));
    return this.#set(type, at, batch.byteLength);
  }

  #readJson(batch: RecordBatch, start: number, end: number): boolean {
    const { bytes } = batch;
    const first = bytes[start]!;
    if (first === QUOTE) return this.#readJsonString(batch, start + 1, end);
    if (scanValue(bytes, start, end, 0) !== end) return false;
    if (first === OPEN_BRACE || first === OPEN_BRACKET) return this.#set(ValueType.Json, start, end);
    if (first !== MINUS && digitsEnd(bytes, start, start + 1) === start) {
      return this.#set(literalType(first), start, end);
    }
    const digits = first === MINUS ? start + 1 : start;
    const isInt = digitsEnd(bytes, digits, end) === end;
    return this.#set(isInt ? integerType(bytes, start, end) : ValueType.Double, start, end);
  }

  #readJsonString(batch: RecordBatch, start: number, end: number): boolean {
    if (scanString(batch.bytes, start, end) !== end - 1) return false;
    batch.reserve(end - start);
    const at = batch.byteLength;
    batch.byteLength = unescapeInto(batch.bytes, start, end - 1, batch.bytes, at);
    return this.#set(ValueType.String, at, batch.byteLength);
  }

  #set(type: ValueType, start: number, end: number): true {
    this.type = type;
    this.start = start;
    this.end = end;
    return true;
  }
}

const OTHER_DOUBLE = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const LONGEST_BOOL = 5;
const BOOLS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['yes', true],
  ['no', false],
  ['on', true],
  ['off', false],
  ['1', true],
  ['0', false],
]);

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}
