import { ByteBuffer } from '../../bytes/byte-buffer.ts';
import { parseDouble } from '../../bytes/double.ts';
import { ValueType } from '../../core/value-type.ts';
import { appendBytes } from '../json/append-bytes.ts';
import { type JsonVisitor, walkJson } from '../json/json-walker.ts';
import { KeyWatch } from '../json/key-watch.ts';
import { MAX_JSON_DEPTH } from '../json/scan.ts';
import { withUniqueKeys } from '../json/unique-keys.ts';
import { appendJsonString, rewriteJsonString } from '../json/write-string.ts';

const NO_VALUE = Buffer.from('{}');
const STRING_VALUE = Buffer.from('{"stringValue":');
const STRING_END = Buffer.from('}');
const TEXT_LIST_VALUE = Buffer.from('{"arrayValue":{"values":[{"stringValue":');
const TEXT_LIST_END = Buffer.from('}]}}');
const INT_VALUE = Buffer.from('{"intValue":"');
const INT_END = Buffer.from('"}');
const DOUBLE_VALUE = Buffer.from('{"doubleValue":');
const DOUBLE_END = Buffer.from('}');
const INFINITY = Buffer.from('"Infinity"');
const MINUS_INFINITY = Buffer.from('"-Infinity"');
const TRUE_VALUE = Buffer.from('{"boolValue":true}');
const FALSE_VALUE = Buffer.from('{"boolValue":false}');
const ARRAY_VALUE = Buffer.from('{"arrayValue":{"values":[');
const KVLIST_VALUE = Buffer.from('{"kvlistValue":{"values":[');
const LIST_END = Buffer.from(']}}');
const KEY = Buffer.from('{"key":');
const VALUE = Buffer.from(',"value":');
const PAIR_END = Buffer.from('}');
const COMMA = Buffer.from(',');

const CLOSE_BRACE = 0x7d;

/** A decimal number without an exponent is finite as a double when it has no more characters. */
const FINITE_LENGTH = 308;

/** Appends values of a batch to `out` as AnyValue in OTLP/JSON. */
export class JsonAnyValueEncoder {
  readonly #out: ByteBuffer;
  readonly #nested: NestedValues;

  constructor(out: ByteBuffer) {
    this.#out = out;
    this.#nested = new NestedValues(out);
  }

  /** Appends the value that `source[start, end)` is as a `valueType`. O(length). */
  append(source: Buffer, valueType: ValueType, start: number, end: number): void {
    const out = this.#out;
    switch (valueType) {
      case ValueType.Empty:
        appendBytes(out, NO_VALUE);
        break;
      case ValueType.String:
        appendBytes(out, STRING_VALUE);
        appendJsonString(out, source, start, end);
        appendBytes(out, STRING_END);
        break;
      case ValueType.Int:
      case ValueType.Double:
        appendNumber(out, source, valueType, start, end);
        break;
      case ValueType.True:
        appendBytes(out, TRUE_VALUE);
        break;
      case ValueType.False:
        appendBytes(out, FALSE_VALUE);
        break;
      case ValueType.Json:
        this.#nested.append(source, start, end);
        break;
      case ValueType.TextList:
        appendBytes(out, TEXT_LIST_VALUE);
        appendJsonString(out, source, start, end);
        appendBytes(out, TEXT_LIST_END);
        break;
      default: {
        valueType satisfies never;
      }
    }
  }
}

function appendNumber(out: ByteBuffer, source: Buffer, type: ValueType, start: number, end: number): void {
  if (type === ValueType.Int) {
    appendBytes(out, INT_VALUE);
    appendBytes(out, source, start, end);
    appendBytes(out, INT_END);
    return;
  }
  appendBytes(out, DOUBLE_VALUE);
  if (isFinite64(source, start, end)) appendBytes(out, source, start, end);
  else appendBytes(out, source[start] === 0x2d ? MINUS_INFINITY : INFINITY);
  appendBytes(out, DOUBLE_END);
}

/** Whether the number is one that a double holds; JSON has larger ones, and peers refuse a request for them. */
function isFinite64(source: Buffer, start: number, end: number): boolean {
  let isPlain = end - start <= FINITE_LENGTH;
  for (let i = start; isPlain && i < end; i++) isPlain = (source[i]! | 0x20) !== 0x65;
  return isPlain || Number.isFinite(parseDouble(source, start, end));
}

/**
 * Appends a JSON object or array as kvlist or array, behind a colon. A list starts with `[`, a key leaves `:`, and every
 * value ends with `}`, so the last byte tells whether a comma or the end of a pair is due. Of a key that comes twice the
 * last value is appended.
 */
class NestedValues implements JsonVisitor {
  readonly #out: ByteBuffer;
  readonly #scratch = new ByteBuffer(256);
  #source: Buffer = this.#scratch.bytes;
  /** For each depth of objects the number of the object. */
  readonly #objects = new Int32Array(MAX_JSON_DEPTH + 1);
  #depth = 0;
  readonly #watch = new KeyWatch();

  constructor(out: ByteBuffer) {
    this.#out = out;
  }

  append(source: Buffer, start: number, end: number): void {
    const startedAt = this.#out.length;
    this.#watch.reset();
    this.#append(source, start, end);
    const unique = this.#watch.mayRepeat ? withUniqueKeys(source, start, end, 0) : undefined;
    if (unique === undefined) return;
    this.#out.length = startedAt;
    this.#append(unique, 0, end - start);
  }

  #append(source: Buffer, start: number, end: number): void {
    this.#source = source;
    this.#depth = 0;
    walkJson(source, start, end, this);
  }

  beginObject(): void {
    this.#objects[++this.#depth] = this.#watch.beginObject();
    this.#separate();
    appendBytes(this.#out, KVLIST_VALUE);
  }

  key(start: number, end: number, hasEscapes: boolean): void {
    const out = this.#out;
    this.#watch.see(this.#objects[this.#depth]!, this.#source, start, end, hasEscapes);
    if (this.#lastByte() === CLOSE_BRACE) {
      appendBytes(out, PAIR_END);
      appendBytes(out, COMMA);
    }
    appendBytes(out, KEY);
    this.#appendString(start, end, hasEscapes);
    appendBytes(out, VALUE);
  }

  endObject(): void {
    this.#depth--;
    if (this.#lastByte() === CLOSE_BRACE) appendBytes(this.#out, PAIR_END);
    appendBytes(this.#out, LIST_END);
  }

  beginArray(): void {
    this.#separate();
    appendBytes(this.#out, ARRAY_VALUE);
  }

  endArray(): void {
    appendBytes(this.#out, LIST_END);
  }

  string(start: number, end: number, hasEscapes: boolean): void {
    this.#separate();
    appendBytes(this.#out, STRING_VALUE);
    this.#appendString(start, end, hasEscapes);
    appendBytes(this.#out, STRING_END);
  }

  number(start: number, end: number, type: ValueType): void {
    if (type === ValueType.String) {
      this.string(start, end, false);
      return;
    }
    this.#separate();
    appendNumber(this.#out, this.#source, type, start, end);
  }

  true(): void {
    this.#separate();
    appendBytes(this.#out, TRUE_VALUE);
  }

  false(): void {
    this.#separate();
    appendBytes(this.#out, FALSE_VALUE);
  }

  null(): void {
    this.#separate();
    appendBytes(this.#out, NO_VALUE);
  }

  #lastByte(): number {
    return this.#out.bytes[this.#out.length - 1]!;
  }

  /** Puts a comma between two values of an array. */
  #separate(): void {
    if (this.#lastByte() === CLOSE_BRACE) appendBytes(this.#out, COMMA);
  }

  #appendString(start: number, end: number, hasEscapes: boolean): void {
    if (hasEscapes) rewriteJsonString(this.#out, this.#source, start, end, this.#scratch);
    else appendJsonString(this.#out, this.#source, start, end);
  }
}
