import { ByteBuffer } from '../../bytes/byte-buffer.ts';
import { type JsonVisitor, walkJson } from '../../codec/json/json-walker.ts';
import { unescapeInto } from '../../codec/json/unescape.ts';
import { appendJsonString } from '../../codec/json/write-string.ts';
import { ValueType } from '../../core/value-type.ts';
import { isSecretName } from './key-names.ts';
import { ALL_BITS, appendSpan, type Redactor } from './redactor.ts';

const EMPTY = Buffer.alloc(0);

/**
 * Redacts inside of a JSON value: in its strings, as they read once decoded, in numbers, and in keys. What has nothing to
 * hide is copied as it stands, and the result is valid JSON again.
 */
export class NestedRedactor implements JsonVisitor {
  readonly #redactor: Redactor;
  readonly #withKeys: boolean;
  readonly #out: ByteBuffer;
  readonly #decoded = new ByteBuffer(256);
  readonly #text = new ByteBuffer(256);
  #source: Buffer = EMPTY;
  /** How much of the source is in `#out`. */
  #copiedTo = 0;
  #redactedKeys = 0;
  #isSecretKey = false;
  /** Whether the name of the whole value says that it is a secret. */
  #isSecret = false;

  /** Writes to `out`. */
  constructor(redactor: Redactor, withKeys: boolean, out: ByteBuffer) {
    this.#redactor = redactor;
    this.#withKeys = withKeys;
    this.#out = out;
  }

  /** Writes the valid JSON `source[start, end)` to `out` when there is something to hide; whether there is. */
  redact(source: Buffer, start: number, end: number): boolean {
    this.#source = source;
    this.#copiedTo = start;
    this.#redactedKeys = 0;
    this.#isSecret = this.#redactor.isNamedSecret;
    this.#isSecretKey = false;
    this.#out.length = 0;
    walkJson(source, start, end, this);
    this.#source = EMPTY;
    this.#redactor.isNamedSecret = this.#isSecret;
    if (this.#copiedTo === start) return false;
    appendSpan(this.#out, source, this.#copiedTo, end);
    return true;
  }

  key(start: number, end: number, hasEscapes: boolean): void {
    this.#isSecretKey = isSecretName(this.#source, start, end);
    if (!this.#withKeys) return;
    this.#redactor.isNamedSecret = false;
    if (!this.#redactText(start, end, hasEscapes)) return;
    // Two keys that look alike now are two keys still.
    if (++this.#redactedKeys > 1) this.#text.append(Buffer.from(`_${this.#redactedKeys}`));
    this.#replace(start - 1, end + 1);
  }

  string(start: number, end: number, hasEscapes: boolean): void {
    this.#redactor.isNamedSecret = this.#isSecret || this.#isSecretKey;
    if (this.#redactText(start, end, hasEscapes)) this.#replace(start - 1, end + 1);
  }

  number(start: number, end: number, type: ValueType): void {
    const { numberBits } = this.#redactor;
    if (numberBits === 0 || type === ValueType.Double) return;
    if (!this.#redactor.find(this.#source, start, end, numberBits)) return;
    this.#text.length = 0;
    this.#redactor.append(this.#text, this.#source, start, end);
    this.#replace(start, end);
  }

  beginObject(): void {}
  endObject(): void {}
  beginArray(): void {}
  endArray(): void {}
  true(): void {}
  false(): void {}
  null(): void {}

  /** Puts the text of a string without what is to be hidden into `#text`; whether there is something. */
  #redactText(start: number, end: number, hasEscapes: boolean): boolean {
    let source = this.#source;
    if (hasEscapes) {
      this.#decoded.reserve(0, end - start);
      end = unescapeInto(source, start, end, this.#decoded.bytes, 0);
      start = 0;
      source = this.#decoded.bytes;
    }
    if (!this.#redactor.find(source, start, end, ALL_BITS)) return false;
    this.#text.length = 0;
    this.#redactor.append(this.#text, source, start, end);
    return true;
  }

  /** Writes `#text` as a JSON string in place of the token [start, end). */
  #replace(start: number, end: number): void {
    appendSpan(this.#out, this.#source, this.#copiedTo, start);
    appendJsonString(this.#out, this.#text.bytes, 0, this.#text.length);
    this.#copiedTo = end;
  }
}
