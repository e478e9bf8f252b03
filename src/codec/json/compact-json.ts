import { ByteBuffer } from '../../bytes/byte-buffer.ts';
import { appendBytes } from './append-bytes.ts';
import { type JsonVisitor, walkJson } from './json-walker.ts';
import { appendJsonString, rewriteJsonString } from './write-string.ts';

const OPEN_BRACE = Buffer.from('{');
const CLOSE_BRACE = Buffer.from('}');
const OPEN_BRACKET = Buffer.from('[');
const CLOSE_BRACKET = Buffer.from(']');
const COMMA = Buffer.from(',');
const COLON = Buffer.from(':');
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

/**
 * Appends JSON text to `out` on one line: no white space, strings as `appendJsonString()` writes them, numbers digit for
 * digit, repeated keys repeated.
 *
 * It needs no stack: a comma is due unless the last byte opened a container or ended a key.
 */
export class CompactJsonWriter implements JsonVisitor {
  readonly #out: ByteBuffer;
  readonly #scratch = new ByteBuffer(256);
  #source: Buffer = this.#scratch.bytes;
  #startedAt = 0;

  constructor(out: ByteBuffer) {
    this.#out = out;
  }

  /** Appends the valid JSON text `source[start, end)`. O(length). */
  append(source: Buffer, start: number, end: number): void {
    this.#source = source;
    this.#startedAt = this.#out.length;
    walkJson(source, start, end, this);
  }

  beginObject(): void {
    this.#token(OPEN_BRACE);
  }

  endObject(): void {
    appendBytes(this.#out, CLOSE_BRACE);
  }

  beginArray(): void {
    this.#token(OPEN_BRACKET);
  }

  endArray(): void {
    appendBytes(this.#out, CLOSE_BRACKET);
  }

  key(start: number, end: number, hasEscapes: boolean): void {
    this.string(start, end, hasEscapes);
    appendBytes(this.#out, COLON);
  }

  string(start: number, end: number, hasEscapes: boolean): void {
    this.#separate();
    if (hasEscapes) rewriteJsonString(this.#out, this.#source, start, end, this.#scratch);
    else appendJsonString(this.#out, this.#source, start, end);
  }

  number(start: number, end: number): void {
    this.#separate();
    appendBytes(this.#out, this.#source, start, end);
  }

  true(): void {
    this.#token(TRUE);
  }

  false(): void {
    this.#token(FALSE);
  }

  null(): void {
    this.#token(NULL);
  }

  #token(text: Buffer): void {
    this.#separate();
    appendBytes(this.#out, text);
  }

  #separate(): void {
    const { bytes, length } = this.#out;
    if (length === this.#startedAt) return;
    const last = bytes[length - 1];
    if (last !== OPEN_BRACE[0] && last !== OPEN_BRACKET[0] && last !== COLON[0]) appendBytes(this.#out, COMMA);
  }
}
