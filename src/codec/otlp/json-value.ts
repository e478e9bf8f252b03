import { ByteBuffer } from '../../bytes/byte-buffer.ts';
import { parseDouble } from '../../bytes/double.ts';
import { type Int64, parseInt64 } from '../../bytes/int64.ts';
import { varintSize, writeVarint, writeVarint64 } from '../../bytes/varint.ts';
import { ValueType } from '../../core/value-type.ts';
import { literalType, numberType, scanLiteral, scanNumber, scanString, skipSpace } from '../json/scan.ts';
import { unescapeInto } from '../json/unescape.ts';
import {
  ARRAY_VALUE,
  BOOL_VALUE,
  DOUBLE_VALUE,
  INT_VALUE,
  KEY,
  KVLIST_VALUE,
  LIST_VALUES,
  STRING_VALUE,
  VALUE,
} from './tags.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The most that tags, lengths and a value without text take. */
const FIXED_BYTES = 32;

const int64: Int64 = new Int32Array(2);

/**
 * Encodes JSON objects and arrays as AnyValue: kvlist and array, values inside each other. The text must be valid JSON,
 * as `scanValue()` accepts it; the depth is bounded by that too.
 *
 * The length of a message stands before it and is known behind it: one byte is kept for it, and the message is moved in
 * the rare case that it takes more.
 */
export class JsonValueEncoder {
  /** The AnyValue of the last `encode()`. */
  readonly out = new ByteBuffer(4096);
  #bytes: Buffer = Buffer.alloc(0);
  #view = new DataView(new ArrayBuffer(0));
  #end = 0;

  /** Encodes `bytes[start, end)`, which `view` has too, into `out` and returns its length. O(bytes). */
  encode(bytes: Buffer, view: DataView<ArrayBuffer>, start: number, end: number): number {
    this.#bytes = bytes;
    this.#view = view;
    this.#end = end;
    this.out.length = 0;
    this.#value(skipSpace(bytes, start, end));
    return this.out.length;
  }

  /** Appends the AnyValue of the value at `at`; returns where the value ends. */
  #value(at: number): number {
    const bytes = this.#bytes;
    const first = bytes[at]!;
    if (first === OPEN_BRACE) return this.#object(at + 1);
    if (first === OPEN_BRACKET) return this.#array(at + 1);
    if (first === QUOTE) {
      const close = scanString(bytes, at + 1, this.#end);
      this.#string(STRING_VALUE, at + 1, close);
      return close + 1;
    }
    const isNumber = first === MINUS || (first >= 0x30 && first <= 0x39);
    const stop = isNumber ? scanNumber(bytes, at, this.#end) : scanLiteral(bytes, at, this.#end);
    const type = isNumber ? numberType(bytes, at, stop) : literalType(first);
    if (type === ValueType.String) this.#string(STRING_VALUE, at, stop);
    else this.#scalar(type, at, stop);
    return stop;
  }

  #object(at: number): number {
    const bytes = this.#bytes;
    const list = this.#open(KVLIST_VALUE);
    at = skipSpace(bytes, at, this.#end);
    while (bytes[at] !== CLOSE_BRACE) {
      const pair = this.#open(LIST_VALUES);
      const close = scanString(bytes, at + 1, this.#end);
      this.#string(KEY, at + 1, close);
      const colon = skipSpace(bytes, close + 1, this.#end);
      const value = this.#open(VALUE);
      at = this.#value(skipSpace(bytes, colon + 1, this.#end));
      this.#close(value);
      this.#close(pair);
      at = skipSpace(bytes, at, this.#end);
      if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1, this.#end);
    }
    this.#close(list);
    return at + 1;
  }

  #array(at: number): number {
    const bytes = this.#bytes;
    const list = this.#open(ARRAY_VALUE);
    at = skipSpace(bytes, at, this.#end);
    while (bytes[at] !== CLOSE_BRACKET) {
      const value = this.#open(LIST_VALUES);
      at = this.#value(at);
      this.#close(value);
      at = skipSpace(bytes, at, this.#end);
      if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1, this.#end);
    }
    this.#close(list);
    return at + 1;
  }

  #scalar(type: ValueType, start: number, end: number): void {
    const { out } = this;
    out.reserve(out.length, FIXED_BYTES);
    const { bytes, view } = out;
    let at = out.length;
    if (type === ValueType.Int) {
      parseInt64(this.#view, start, end, int64);
      bytes[at] = INT_VALUE;
      at = writeVarint64(bytes, at + 1, int64[0]!, int64[1]!);
    } else if (type === ValueType.Double) {
      bytes[at] = DOUBLE_VALUE;
      view.setFloat64(at + 1, parseDouble(this.#bytes, start, end), true);
      at += 9;
    } else if (type !== ValueType.Empty) {
      bytes[at] = BOOL_VALUE;
      bytes[at + 1] = type === ValueType.True ? 1 : 0;
      at += 2;
    }
    out.length = at;
  }

  /** Appends a string field: the decoded inside of a JSON string, or digits. */
  #string(tag: number, start: number, end: number): void {
    const { out } = this;
    out.reserve(out.length, end - start + FIXED_BYTES);
    const lengthAt = this.#open(tag);
    out.length = unescapeInto(this.#bytes, start, end, out.bytes, out.length);
    this.#close(lengthAt);
  }

  /** Starts a field whose length is not known yet, and returns where its content starts. */
  #open(tag: number): number {
    const { out } = this;
    out.reserve(out.length, FIXED_BYTES);
    out.bytes[out.length] = tag;
    out.length += 2;
    return out.length;
  }

  /** Ends the field whose content starts at `contentAt`. */
  #close(contentAt: number): void {
    const { out } = this;
    const length = out.length - contentAt;
    const more = varintSize(length) - 1;
    if (more > 0) {
      out.reserve(out.length, more);
      out.bytes.copyWithin(contentAt + more, contentAt, out.length);
      out.length += more;
    }
    writeVarint(out.bytes, contentAt - 1, length);
  }
}
