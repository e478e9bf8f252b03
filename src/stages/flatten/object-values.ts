import { type JsonVisitor, walkJson } from '../../codec/json/json-walker.ts';
import { MAX_JSON_DEPTH } from '../../codec/json/scan.ts';
import { unescapeInto } from '../../codec/json/unescape.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';

export interface ObjectValuesOptions {
  readonly separator: string;
  /** Objects that are opened inside each other; the ones below are values. */
  readonly maxDepth: number;
  /** More values than that are not kept; their number is. */
  readonly maxValues: number;
}

/**
 * An object whose names would begin with more bytes is a value: each value inside would cost the memory of them, which is
 * a hundred times that of the input.
 */
const MAX_PREFIX_BYTES = 256;

const INITIAL_NAME_BYTES = 1024;
/** A longer buffer for names is given back. */
const MAX_KEPT_BYTES = 64 * 1024;

/** A value: key, type, start, end. */
const FIELDS = 4;

/**
 * The values inside an object, by names that are joined from the keys on the way to them.
 *
 * ```
 *  http: {"method":"GET","url":{"path":"/"}}
 *
 *  #name         http.url.path          while "/" is read
 *  #prefixes     [ - | 5 | 9 ]          how much of it all names of an open object begin with
 * ```
 */
export class ObjectValues implements JsonVisitor {
  /** How many values the last object had, also beyond `maxValues`. */
  count = 0;
  readonly #options: ObjectValuesOptions;
  readonly #separator: Buffer;
  readonly #values: Uint32Array;
  #batch: RecordBatch | undefined;
  #name = Buffer.allocUnsafe(INITIAL_NAME_BYTES);
  #nameLength = 0;
  readonly #prefixes = new Uint32Array(MAX_JSON_DEPTH + 1);
  #depth = 0;
  /** Whether the object that is open has no key yet. */
  #isEmpty = false;
  /** How many containers are open of a value that stays as it is, and where it starts. */
  #nested = 0;
  #nestedAt = 0;

  constructor(options: ObjectValuesOptions) {
    this.#options = options;
    this.#separator = Buffer.from(options.separator);
    this.#values = new Uint32Array(FIELDS * options.maxValues);
  }

  /** Reads the object at [start, end), which is the attribute `key`. May append to the arena. O(length). */
  read(batch: RecordBatch, key: number, start: number, end: number): void {
    this.#batch = batch;
    this.count = 0;
    this.#depth = 0;
    this.#nested = 0;
    this.#nameLength = 0;
    if (this.#name.length > MAX_KEPT_BYTES) this.#name = Buffer.allocUnsafe(INITIAL_NAME_BYTES);
    const name = batch.keyBytes(key);
    this.#append(name, 0, name.length);
    walkJson(batch.bytes, start, end, this);
    this.#batch = undefined;
  }

  /** Gives the record the values that were read last, as attributes. */
  addTo(batch: RecordBatch, record: number): void {
    const values = this.#values;
    const end = FIELDS * Math.min(this.count, this.#options.maxValues);
    for (let at = 0; at < end; at += FIELDS) {
      batch.setSpan(record, values[at]!, values[at + 1] as ValueType, values[at + 2]!, values[at + 3]!);
    }
  }

  beginObject(at: number): void {
    if (this.#nested > 0) {
      this.#nested++;
    } else if (this.#depth < this.#options.maxDepth && this.#nameLength <= MAX_PREFIX_BYTES) {
      this.#append(this.#separator, 0, this.#separator.length);
      this.#prefixes[++this.#depth] = this.#nameLength;
      this.#isEmpty = true;
      this.#nestedAt = at;
    } else {
      this.#beginNested(at);
    }
  }

  endObject(at: number): void {
    if (this.#nested > 0) {
      this.#endNested(at);
      return;
    }
    this.#nameLength = this.#prefixes[this.#depth]! - this.#separator.length;
    this.#depth--;
    if (this.#isEmpty && this.#depth > 0) this.#add(ValueType.Json, this.#nestedAt, at + 1);
    this.#isEmpty = false;
  }

  beginArray(at: number): void {
    if (this.#nested > 0) this.#nested++;
    else this.#beginNested(at);
  }

  endArray(at: number): void {
    this.#endNested(at);
  }

  key(start: number, end: number, hasEscapes: boolean): void {
    if (this.#nested > 0 || this.#batch === undefined) return;
    this.#isEmpty = false;
    this.#nameLength = this.#prefixes[this.#depth]!;
    if (hasEscapes) {
      this.#reserve(end - start);
      this.#nameLength = unescapeInto(this.#batch.bytes, start, end, this.#name, this.#nameLength);
    } else {
      this.#append(this.#batch.bytes, start, end);
    }
  }

  string(start: number, end: number, hasEscapes: boolean): void {
    const batch = this.#batch;
    if (this.#nested > 0 || batch === undefined) return;
    if (!hasEscapes || this.count >= this.#options.maxValues) {
      this.#add(ValueType.String, start, end);
      return;
    }
    batch.reserve(end - start);
    const decoded = batch.byteLength;
    batch.byteLength = unescapeInto(batch.bytes, start, end, batch.bytes, decoded);
    this.#add(ValueType.String, decoded, batch.byteLength);
  }

  number(start: number, end: number, type: ValueType): void {
    if (this.#nested === 0) this.#add(type, start, end);
  }

  true(at: number): void {
    if (this.#nested === 0) this.#add(ValueType.True, at, at + 4);
  }

  false(at: number): void {
    if (this.#nested === 0) this.#add(ValueType.False, at, at + 5);
  }

  null(at: number): void {
    if (this.#nested === 0) this.#add(ValueType.Empty, at, at);
  }

  #beginNested(at: number): void {
    this.#nested = 1;
    this.#nestedAt = at;
  }

  #endNested(at: number): void {
    if (--this.#nested === 0) this.#add(ValueType.Json, this.#nestedAt, at + 1);
  }

  #add(type: ValueType, start: number, end: number): void {
    const batch = this.#batch;
    if (batch === undefined || this.count++ >= this.#options.maxValues) return;
    const at = FIELDS * (this.count - 1);
    this.#values[at] = this.#internName(batch);
    this.#values[at + 1] = type;
    this.#values[at + 2] = start;
    this.#values[at + 3] = end;
  }

  #internName(batch: RecordBatch): number {
    const key = batch.keys.intern(this.#name, 0, this.#nameLength);
    if (key >= 0) return key;
    const start = batch.appendBytes(this.#name, 0, this.#nameLength);
    return batch.internKey(start, batch.byteLength);
  }

  #append(source: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    let at = this.#nameLength;
    for (let i = start; i < end; i++) this.#name[at++] = source[i]!;
    this.#nameLength = at;
  }

  #reserve(length: number): void {
    const needed = this.#nameLength + length;
    if (needed <= this.#name.length) return;
    const grown = Buffer.allocUnsafe(2 * needed);
    this.#name.copy(grown, 0, 0, this.#nameLength);
    this.#name = grown;
  }
}
