import { ByteBuffer } from '../../../bytes/byte-buffer.ts';
import { COPY_SLACK, copyText } from '../../../bytes/copy-words.ts';
import type { LabelSet } from '../../../core/label-set.ts';

/** Bytes of valid UTF-8 within a memory that has slack behind them. */
export interface TextSpan {
  readonly view: DataView<ArrayBuffer>;
  readonly start: number;
  readonly end: number;
}

/** A buffer of one's own for each label set would take 200 bytes; so many of them share one. */
const SLAB_BYTES = 64 * 1024;

/** What `encode` makes of label sets, for as long as those are in use. */
export class LabelBytes {
  readonly #encode: (labels: LabelSet) => string | Uint8Array;
  readonly #spans = new WeakMap<LabelSet, TextSpan>();
  #slab = spanOf(Buffer.alloc(0));
  #used = 0;

  constructor(encode: (labels: LabelSet) => string | Uint8Array) {
    this.#encode = encode;
  }

  of(labels: LabelSet): TextSpan {
    let span = this.#spans.get(labels);
    if (span === undefined) this.#spans.set(labels, (span = this.#add(this.#encode(labels))));
    return span;
  }

  #add(encoded: string | Uint8Array): TextSpan {
    const bytes = typeof encoded === 'string' ? Buffer.from(encoded) : encoded;
    if (bytes.length > SLAB_BYTES / 8) return spanOf(bytes);
    if (this.#used + bytes.length + COPY_SLACK > this.#slab.view.byteLength) {
      this.#slab = { view: new DataView(new ArrayBuffer(SLAB_BYTES)), start: 0, end: 0 };
      this.#used = 0;
    }
    const { view } = this.#slab;
    const start = this.#used;
    new Uint8Array(view.buffer).set(bytes, start);
    this.#used += bytes.length;
    return { view, start, end: this.#used };
  }
}

/** A copy of these bytes. */
export function spanOf(text: string | Uint8Array): TextSpan {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const memory = new Uint8Array(bytes.length + COPY_SLACK);
  memory.set(bytes);
  return { view: new DataView(memory.buffer), start: 0, end: bytes.length };
}

const MINUS = 0x2d;
const ZERO = 0x30;

/** Text that is being written, part by part. */
export class TextOutput extends ByteBuffer {
  /** Appends bytes that were made before. */
  span({ view, start, end }: TextSpan): void {
    this.reserve(this.length, end - start);
    this.length = copyText(this.view, this.length, view, start, end);
  }

  /** Appends one byte. */
  byte(byte: number): void {
    this.reserve(this.length, 1);
    this.bytes[this.length++] = byte;
  }

  /** Appends text of any characters. */
  text(text: string): void {
    this.reserve(this.length, 3 * text.length);
    this.length += this.bytes.write(text, this.length);
  }

  /** Appends a number in decimal digits, or as `NaN`, `+Inf`, `-Inf`. */
  number(value: number): void {
    this.reserve(this.length, 32);
    if (Number.isInteger(value) && value < 2 ** 31 && value > -(2 ** 31) && !Object.is(value, -0)) this.#integer(value);
    else if (Number.isFinite(value) || Number.isNaN(value)) this.#ascii(String(value));
    else this.#ascii(value > 0 ? '+Inf' : '-Inf');
  }

  #integer(value: number): void {
    let at = this.length;
    if (value < 0) {
      this.bytes[at++] = MINUS;
      value = -value;
    }
    let digits = 1;
    for (let limit = 10; limit <= value; limit *= 10) digits++;
    for (let i = digits - 1; i >= 0; i--) {
      const tenth = Math.floor(value / 10);
      this.bytes[at + i] = ZERO + value - 10 * tenth;
      value = tenth;
    }
    this.length = at + digits;
  }

  #ascii(text: string): void {
    const { bytes } = this;
    const at = this.length;
    for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
    this.length = at + text.length;
  }
}
