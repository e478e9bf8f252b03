import { findByte } from '../../bytes/find-byte.ts';
import { unquotedType } from '../../codec/unquoted-type.ts';
import type { KeyTable } from '../../core/key-table.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import { removeReplaced } from '../attribute-writer.ts';
import type { TextReader } from '../parser.ts';

const QUOTE = 0x22;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

/** The column that becomes no attribute. */
export const SKIPPED_COLUMN = '_';

/** How lines are written, and what their fields are called. */
export interface CsvFormat {
  readonly columns: readonly string[];
  readonly delimiter: string;
  readonly strict: boolean;
  readonly types: boolean;
}

/** Reads lines of CSV into attributes. */
export class CsvReader implements TextReader {
  readonly #delimiter: number;
  readonly #isStrict: boolean;
  readonly #hasTypes: boolean;
  readonly #isSkipped: readonly boolean[];
  readonly #keys: Int32Array;
  readonly #types: Uint8Array;
  /** Start and end of each column; empty: it has no value. */
  readonly #spans: Int32Array;
  #start = 0;
  #end = 0;

  constructor({ columns, delimiter, strict, types }: CsvFormat, keys: KeyTable) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#isStrict = strict;
    this.#hasTypes = types;
    this.#isSkipped = columns.map((name) => name === SKIPPED_COLUMN);
    this.#keys = Int32Array.from(columns, (name) => (name === SKIPPED_COLUMN ? 0 : keys.internText(name)));
    this.#types = new Uint8Array(columns.length).fill(ValueType.String);
    this.#spans = new Int32Array(2 * columns.length);
  }

  read(batch: RecordBatch, record: number, start: number, end: number): string | undefined {
    const columnCount = this.#keys.length;
    const spans = this.#spans;
    if (end > start && batch.bytes[end - 1] === LINE_FEED) end--;
    if (end > start && batch.bytes[end - 1] === CARRIAGE_RETURN) end--;
    let column = 0;
    for (let at = start; ; column++) {
      if (column >= columnCount) {
        if (this.#isStrict) return 'more fields than columns';
        break;
      }
      const isQuoted = at < end && batch.bytes[at] === QUOTE;
      const stop = isQuoted ? this.#readQuoted(batch, at + 1, end) : this.#readPlain(batch, at, end);
      if (stop < 0) return 'no closing quote before a delimiter';
      const isSkipped = this.#isSkipped[column]!;
      spans[2 * column] = this.#start;
      spans[2 * column + 1] = isSkipped ? this.#start : this.#end;
      if (this.#hasTypes) {
        this.#types[column] = isQuoted ? ValueType.String : unquotedType(batch.bytes, this.#start, this.#end);
      }
      if (stop === end) break;
      at = stop + 1;
    }
    if (column + 1 < columnCount && this.#isStrict) return 'fewer fields than columns';
    for (column++; column < columnCount; column++) spans[2 * column] = spans[2 * column + 1] = 0;
    const last = batch.lastAttribute[record]!;
    batch.addSpans(record, this.#keys, this.#types, spans, 1);
    if (last !== 0) removeReplaced(batch, record, last);
    return undefined;
  }

  /** Reads the field at `start`; returns where its delimiter is, or `end`. */
  #readPlain(batch: RecordBatch, start: number, end: number): number {
    this.#start = start;
    this.#end = findByte(batch.view, this.#delimiter, start, end);
    return this.#end;
  }

  /** Reads the field whose inside starts at `start`; returns where its delimiter is, or `end`; -1: it does not end. */
  #readQuoted(batch: RecordBatch, start: number, end: number): number {
    let quotes = 0;
    let close = findByte(batch.view, QUOTE, start, end);
    while (close + 1 < end && batch.bytes[close + 1] === QUOTE) {
      quotes++;
      close = findByte(batch.view, QUOTE, close + 2, end);
    }
    if (close >= end || (close + 1 < end && batch.bytes[close + 1] !== this.#delimiter)) return -1;
    this.#start = start;
    this.#end = close;
    if (quotes > 0) this.#undouble(batch, start, close);
    return close + 1;
  }

  /** Makes the field one in which each pair of quotes is one quote. */
  #undouble(batch: RecordBatch, start: number, end: number): void {
    batch.reserve(end - start);
    const { bytes } = batch;
    this.#start = batch.byteLength;
    let at = batch.byteLength;
    for (let i = start; i < end; i++) {
      bytes[at++] = bytes[i]!;
      if (bytes[i] === QUOTE) i++;
    }
    this.#end = batch.byteLength = at;
  }
}
