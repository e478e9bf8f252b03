import { ByteBuffer } from '../../bytes/byte-buffer.ts';
import { COPY_SLACK, copyText } from '../../bytes/copy-words.ts';
import { parseDouble } from '../../bytes/double.ts';
import { type Int64, parseInt64 } from '../../bytes/int64.ts';
import { varintSize, writeVarint, writeVarint64 } from '../../bytes/varint.ts';
import { ValueType } from '../../core/value-type.ts';
import { type JsonVisitor, walkJson } from '../json/json-walker.ts';
import { KeyWatch } from '../json/key-watch.ts';
import { MAX_JSON_DEPTH } from '../json/scan.ts';
import { unescapeInto } from '../json/unescape.ts';
import { withUniqueKeys } from '../json/unique-keys.ts';
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

/** The most that tags, lengths and a value without text take. */
const FIXED_BYTES = 32;

/** A container opens itself, and an entry of it, which in an object has a value. */
const OPEN_PER_DEPTH = 3;

const int64: Int64 = new Int32Array(2);

/**
 * Encodes JSON objects and arrays as AnyValue: kvlist and array, values inside each other. The text must be valid JSON,
 * as `scanValue()` accepts it; the depth is bounded by that too. Of a key that comes twice the last value is encoded.
 *
 * The length of a message stands before it and is known behind it: one byte is kept for it, and the message is moved in
 * the rare case that it takes more.
 *
 * ```
 *  {"a":[1]}     kvlist ─ entry ─ key "a"
 *                               └ value ─ array ─ entry ─ int 1
 *  #opened       [ kvlist | entry | value | array | entry ]       where the content of each starts, while 1 is written
 * ```
 */
export class JsonValueEncoder implements JsonVisitor {
  /** The AnyValue of the last `encode()`. */
  readonly out = new ByteBuffer(4096);
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  readonly #opened = new Int32Array(OPEN_PER_DEPTH * MAX_JSON_DEPTH);
  #openCount = 0;
  /** For each depth the number of the object; 0: the container is an array. */
  readonly #objects = new Int32Array(MAX_JSON_DEPTH + 1);
  #depth = 0;
  readonly #watch = new KeyWatch();

  /** Encodes `bytes[start, end)`, which `view` has too, into `out` and returns its length. O(bytes). */
  encode(bytes: Buffer, view: DataView, start: number, end: number): number {
    this.#watch.reset();
    this.#encode(bytes, view, start, end);
    const unique = this.#watch.mayRepeat ? withUniqueKeys(bytes, start, end, COPY_SLACK) : undefined;
    if (unique !== undefined) this.#encode(unique, new DataView(unique.buffer), 0, end - start);
    return this.out.length;
  }

  #encode(bytes: Buffer, view: DataView, start: number, end: number): void {
    this.#bytes = bytes;
    this.#view = view;
    this.out.length = 0;
    this.#openCount = 0;
    this.#depth = 0;
    walkJson(bytes, start, end, this);
  }

  beginObject(): void {
    this.#begin(KVLIST_VALUE, this.#watch.beginObject());
  }

  endObject(): void {
    this.#end();
  }

  beginArray(): void {
    this.#begin(ARRAY_VALUE, 0);
  }

  endArray(): void {
    this.#end();
  }

  key(start: number, end: number, hasEscapes: boolean): void {
    this.#watch.see(this.#objects[this.#depth]!, this.#bytes, start, end, hasEscapes);
    this.#open(LIST_VALUES);
    this.#appendString(KEY, start, end, hasEscapes);
    this.#open(VALUE);
  }

  string(start: number, end: number, hasEscapes: boolean): void {
    this.#beginValue();
    this.#appendString(STRING_VALUE, start, end, hasEscapes);
    this.#endValue();
  }

  number(start: number, end: number, type: ValueType): void {
    if (type === ValueType.String) {
      this.string(start, end, false);
      return;
    }
    this.#beginValue();
    const { out } = this;
    out.reserve(out.length, FIXED_BYTES);
    const at = out.length;
    if (type === ValueType.Int) {
      parseInt64(this.#view, start, end, int64);
      out.bytes[at] = INT_VALUE;
      out.length = writeVarint64(out.bytes, at + 1, int64[0]!, int64[1]!);
    } else {
      out.bytes[at] = DOUBLE_VALUE;
      out.view.setFloat64(at + 1, parseDouble(this.#bytes, start, end), true);
      out.length = at + 9;
    }
    this.#endValue();
  }

  true(): void {
    this.#appendBool(1);
  }

  false(): void {
    this.#appendBool(0);
  }

  null(): void {
    this.#beginValue();
    this.#endValue();
  }

  #begin(tag: number, object: number): void {
    this.#beginValue();
    this.#open(tag);
    this.#objects[++this.#depth] = object;
  }

  #end(): void {
    this.#depth--;
    this.#close();
    this.#endValue();
  }

  /** The value of a key is open already; that of an array begins here. */
  #beginValue(): void {
    if (this.#depth > 0 && this.#objects[this.#depth] === 0) this.#open(LIST_VALUES);
  }

  #endValue(): void {
    if (this.#depth === 0) return;
    this.#close();
    if (this.#objects[this.#depth] !== 0) this.#close();
  }

  #appendBool(value: number): void {
    this.#beginValue();
    const { out } = this;
    out.reserve(out.length, FIXED_BYTES);
    out.bytes[out.length] = BOOL_VALUE;
    out.bytes[out.length + 1] = value;
    out.length += 2;
    this.#endValue();
  }

  #appendString(tag: number, start: number, end: number, hasEscapes: boolean): void {
    const { out } = this;
    out.reserve(out.length, end - start + FIXED_BYTES);
    if (hasEscapes) {
      this.#open(tag);
      out.length = unescapeInto(this.#bytes, start, end, out.bytes, out.length);
      this.#close();
    } else {
      out.bytes[out.length] = tag;
      const at = writeVarint(out.bytes, out.length + 1, end - start);
      out.length = copyText(out.view, at, this.#view, start, end);
    }
  }

  /** Starts a field whose length is not known yet. */
  #open(tag: number): void {
    const { out } = this;
    out.reserve(out.length, FIXED_BYTES);
    out.bytes[out.length] = tag;
    out.length += 2;
    this.#opened[this.#openCount++] = out.length;
  }

  /** Ends the field that was opened last. */
  #close(): void {
    const { out } = this;
    const contentAt = this.#opened[--this.#openCount]!;
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
