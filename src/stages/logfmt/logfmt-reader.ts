import { unquotedType } from '../../codec/unquoted-type.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import { AttributeWriter } from '../attribute-writer.ts';
import type { TextReader } from '../parser.ts';
import { QuotedText } from '../quoted-text.ts';

const BLANK = 0x20;
const QUOTE = 0x22;
const EQUALS = 0x3d;

/** Reads lines of logfmt into attributes. */
export class LogfmtReader implements TextReader {
  readonly #hasTypes: boolean;
  readonly #writer = new AttributeWriter();
  readonly #quoted = new QuotedText();

  constructor(hasTypes: boolean) {
    this.#hasTypes = hasTypes;
  }

  read(batch: RecordBatch, record: number, start: number, end: number): string | undefined {
    const writer = this.#writer;
    let { bytes } = batch;
    let hasPair = false;
    writer.begin(batch, record);
    let at = skipBlanks(bytes, start, end);
    const isEmpty = at === end;
    while (at < end) {
      const keyStart = at;
      while (at < end && bytes[at]! > BLANK && bytes[at] !== EQUALS && bytes[at] !== QUOTE) at++;
      if (at === keyStart || (at < end && bytes[at] === QUOTE)) return 'no key where one must be';
      const key = batch.internKey(keyStart, at);
      if (at < end && bytes[at] === EQUALS) {
        hasPair = true;
        at++;
        if (at < end && bytes[at] === QUOTE) {
          const close = this.#quoted.findEnd(batch, at + 1, end);
          if (close < 0) return 'no closing quote';
          if (!this.#quoted.read(batch, at + 1, close)) return 'an unknown escape';
          writer.set(batch, record, key, ValueType.String, this.#quoted.start, this.#quoted.end);
          bytes = batch.bytes;
          at = close + 1;
        } else {
          const valueStart = at;
          while (at < end && bytes[at]! > BLANK) at++;
          const type = this.#hasTypes ? unquotedType(bytes, valueStart, at) : ValueType.String;
          writer.set(batch, record, key, type, valueStart, at);
        }
      } else {
        writer.set(batch, record, key, ValueType.String, at, at);
      }
      at = skipBlanks(bytes, at, end);
    }
    if (!hasPair && !isEmpty) return 'no key with a value';
    writer.finish(batch, record);
    return undefined;
  }
}

/** Everything up to the blank separates pairs, control characters too. */
function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at]! <= BLANK) at++;
  return at;
}
