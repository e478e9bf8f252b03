import { blockEnd, bracketedEnd, unindentInto, wordEnd } from '../../codec/klog/raw-value.ts';
import { unquotedType } from '../../codec/unquoted-type.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import type { AttributeWriter } from '../attribute-writer.ts';
import { QuotedText } from '../quoted-text.ts';

const BLANK = 0x20;
const QUOTE = 0x22;
const EQUALS = 0x3d;
const LESS = 0x3c;

/** Reads what `klog.InfoS()` writes behind the header: `"message" key="value" other=1`. */
export class KlogPairs {
  readonly #hasTypes: boolean;
  readonly #writer: AttributeWriter;
  readonly #quoted = new QuotedText();
  /** Brackets, or a block, of this message have no end: then no later ones have. */
  #hasOpenBracket = false;
  #hasOpenBlock = false;
  /** The message. */
  start = 0;
  end = 0;

  constructor(hasTypes: boolean, writer: AttributeWriter) {
    this.#hasTypes = hasTypes;
    this.#writer = writer;
  }

  /** Reads `bytes[start, end)` into attributes and the message; false: it is another text, some attributes may be set. */
  read(batch: RecordBatch, record: number, start: number, end: number): boolean {
    this.#hasOpenBracket = this.#hasOpenBlock = false;
    if (start >= end || batch.bytes[start] !== QUOTE) return false;
    let at = this.#readQuoted(batch, start, end);
    if (at < 0) return false;
    this.start = this.#quoted.start;
    this.end = this.#quoted.end;
    while (at < end) {
      if (batch.bytes[at]! > BLANK) return false;
      const keyStart = skipBlanks(batch.bytes, at, end);
      if (keyStart === end) break;
      at = keyEnd(batch.bytes, keyStart, end);
      if (at === keyStart || at === end || batch.bytes[at] !== EQUALS) return false;
      at = this.#readValue(batch, record, batch.internKey(keyStart, at), at + 1, end);
      if (at < 0) return false;
    }
    return true;
  }

  #readValue(batch: RecordBatch, record: number, key: number, start: number, end: number): number {
    const { bytes } = batch;
    if (start < end && bytes[start] === QUOTE) {
      const stop = this.#readQuoted(batch, start, end);
      if (stop >= 0) this.#writer.set(batch, record, key, ValueType.String, this.#quoted.start, this.#quoted.end);
      return stop;
    }
    if (start < end && bytes[start] === LESS && !this.#hasOpenBlock) {
      const block = blockEnd(bytes, batch.view, start, end);
      if (block >= 0) return this.#setBlock(batch, record, key, start + 2, block);
      this.#hasOpenBlock = start + 1 < end && bytes[start + 1] === 0x0a;
    }
    const bracketed = this.#hasOpenBracket ? -1 : bracketedEnd(bytes, start, end);
    this.#hasOpenBracket = bracketed < 0;
    const stop = bracketed < 0 ? wordEnd(bytes, start, end) : bracketed;
    const type = this.#hasTypes ? unquotedType(bytes, start, stop) : ValueType.String;
    this.#writer.set(batch, record, key, type, start, stop);
    return stop;
  }

  /** Sets the block whose lines are `[start, end)`; returns where it ends, behind ` >`. */
  #setBlock(batch: RecordBatch, record: number, key: number, start: number, end: number): number {
    batch.reserve(Math.max(end - start, 0));
    const at = batch.byteLength;
    batch.byteLength = unindentInto(batch.bytes, start, end, batch.bytes, at);
    this.#writer.set(batch, record, key, ValueType.String, at, batch.byteLength);
    return end + 3;
  }

  /** Reads the quoted text at `start` into `#quoted`; returns where it ends, -1: it does not. */
  #readQuoted(batch: RecordBatch, start: number, end: number): number {
    const close = this.#quoted.findEnd(batch, start + 1, end);
    return close >= 0 && this.#quoted.read(batch, start + 1, close) ? close + 1 : -1;
  }
}

function keyEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at]! > BLANK && bytes[at] !== EQUALS && bytes[at] !== QUOTE) at++;
  return at;
}

function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at]! <= BLANK) at++;
  return at;
}
