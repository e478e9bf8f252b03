import { Separators } from '../../codec/key-value/separators.ts';
import { unquotedType } from '../../codec/unquoted-type.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import { AttributeWriter } from '../attribute-writer.ts';
import type { TextReader } from '../parser.ts';
import { QuotedText } from '../quoted-text.ts';

const BLANK = 0x20;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;

/** How pairs are written. */
export interface PairFormat {
  readonly pair_separator: readonly string[];
  readonly key_separator: readonly string[];
  readonly types: boolean;
}

/** Reads keys with values into attributes. */
export class KeyValueReader implements TextReader {
  readonly #pairs: Separators;
  readonly #keys: Separators;
  /** Whether blanks separate pairs, so that those around a key's separator need a second look. */
  readonly #isBlankSeparated: boolean;
  readonly #hasTypes: boolean;
  readonly #writer = new AttributeWriter();
  readonly #quoted = new QuotedText();
  /** Quotes of this line for which no end was found: then none is there for a later one of the kind. */
  #openQuote = false;
  #openApostrophe = false;
  /** The key that was read last; -1: none. */
  #key = -1;
  #hasPair = false;

  constructor({ pair_separator, key_separator, types }: PairFormat) {
    this.#pairs = new Separators(pair_separator);
    this.#keys = new Separators(key_separator);
    this.#isBlankSeparated = pair_separator.includes(' ') || pair_separator.includes('\t');
    this.#hasTypes = types;
  }

  read(batch: RecordBatch, record: number, start: number, end: number): string | undefined {
    this.#openQuote = this.#openApostrophe = false;
    this.#hasPair = false;
    this.#writer.begin(batch, record);
    let at = this.#skipSeparators(batch.bytes, start, end);
    const isEmpty = at === end;
    while (at < end) {
      at = this.#readKey(batch, at, end);
      if (this.#key < 0) return 'no key where one must be';
      const length = this.#keys.lengthAt(batch.bytes, at, end);
      if (length === 0) {
        this.#writer.set(batch, record, this.#key, ValueType.String, at, at);
      } else {
        this.#hasPair = true;
        at = this.#readValue(batch, record, at + length, end);
        if (at < 0) return 'an unknown escape';
      }
      at = this.#skipSeparators(batch.bytes, at, end);
    }
    if (!this.#hasPair && !isEmpty) return 'no key with a value';
    this.#writer.finish(batch, record);
    return undefined;
  }

  /** Reads the key at `at` into `#key`; returns where it ends: at its separator, at that of the pair, or at the end. */
  #readKey(batch: RecordBatch, start: number, end: number): number {
    const { bytes } = batch;
    this.#key = -1;
    if (bytes[start] === QUOTE || bytes[start] === APOSTROPHE) {
      const close = this.#closingQuote(batch, start, end);
      const separator = close < 0 ? end : skipBlanks(bytes, close + 1, end);
      if (this.#keys.lengthAt(bytes, separator, end) > 0 && this.#quoted.read(batch, start + 1, close)) {
        if (this.#quoted.end > this.#quoted.start) this.#key = batch.internKey(this.#quoted.start, this.#quoted.end);
        return separator;
      }
    }
    let at = start;
    while (at < end && this.#keys.lengthAt(bytes, at, end) === 0 && this.#pairs.lengthAt(bytes, at, end) === 0) at++;
    const keyEnd = trimmedEnd(bytes, start, at);
    if (keyEnd > start) this.#key = batch.internKey(start, keyEnd);
    if (!this.#isBlankSeparated) return at;
    const behind = skipBlanks(bytes, at, end);
    return this.#keys.lengthAt(bytes, behind, end) > 0 ? behind : at;
  }

  /** Reads the value at `start` and sets the attribute; returns where it ends, -1: it cannot be read. */
  #readValue(batch: RecordBatch, record: number, start: number, end: number): number {
    const { bytes } = batch;
    const valueStart = skipBlanks(bytes, start, end);
    if (valueStart > start && this.#isBlankSeparated && this.#isPair(bytes, valueStart, end)) {
      this.#writer.set(batch, record, this.#key, ValueType.String, start, start);
      return start;
    }
    if (valueStart < end && (bytes[valueStart] === QUOTE || bytes[valueStart] === APOSTROPHE)) {
      const close = this.#closingQuote(batch, valueStart, end);
      if (close >= 0 && this.#endsPair(bytes, close + 1, end)) {
        if (!this.#quoted.read(batch, valueStart + 1, close)) return -1;
        this.#writer.set(batch, record, this.#key, ValueType.String, this.#quoted.start, this.#quoted.end);
        return close + 1;
      }
    }
    const stop = this.#pairs.find(bytes, valueStart, end);
    const valueEnd = trimmedEnd(bytes, valueStart, stop);
    const type = this.#hasTypes ? unquotedType(bytes, valueStart, valueEnd) : ValueType.String;
    this.#writer.set(batch, record, this.#key, type, valueStart, valueEnd);
    return stop;
  }

  #closingQuote(batch: RecordBatch, at: number, end: number): number {
    const quote = batch.bytes[at]!;
    if (quote === QUOTE ? this.#openQuote : this.#openApostrophe) return -1;
    const close = this.#quoted.findEnd(batch, at + 1, end, quote);
    if (close < 0 && quote === QUOTE) this.#openQuote = true;
    else if (close < 0) this.#openApostrophe = true;
    return close;
  }

  /** Whether what begins at `at`, up to the next separator of pairs, has a key's separator in it. */
  #isPair(bytes: Uint8Array, at: number, end: number): boolean {
    while (at < end && this.#pairs.lengthAt(bytes, at, end) === 0) {
      if (this.#keys.lengthAt(bytes, at, end) > 0) return true;
      at++;
    }
    return false;
  }

  #endsPair(bytes: Uint8Array, at: number, end: number): boolean {
    if (at >= end || this.#pairs.lengthAt(bytes, at, end) > 0) return true;
    const behind = skipBlanks(bytes, at, end);
    return behind === end || this.#pairs.lengthAt(bytes, behind, end) > 0;
  }

  #skipSeparators(bytes: Uint8Array, at: number, end: number): number {
    for (;;) {
      const length = this.#pairs.lengthAt(bytes, at, end);
      if (length > 0) at += length;
      else if (at < end && bytes[at]! <= BLANK) at++;
      else return at;
    }
  }
}

function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && (bytes[at] === BLANK || bytes[at] === 0x09)) at++;
  return at;
}

function trimmedEnd(bytes: Uint8Array, start: number, end: number): number {
  while (end > start && bytes[end - 1]! <= BLANK) end--;
  return end;
}
