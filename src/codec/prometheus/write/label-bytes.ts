import { ByteBuffer } from '../../../bytes/byte-buffer.ts';
import { COPY_SLACK, copyText, copyWords } from '../../../bytes/copy-words.ts';
import { LabelMemo, type LabelSet } from '../../../core/label-set.ts';
import { isPlainName } from '../names.ts';

/** Bytes of valid UTF-8 within a memory that has slack behind them. */
export interface TextSpan {
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
}

/** A buffer of one's own for each label set would take 200 bytes; so many of them share one. */
const SLAB_BYTES = 64 * 1024;

/** What `encode` writes of label sets, for as long as those are in use. */
export class LabelBytes<Output extends ByteBuffer> {
  readonly #output: Output;
  readonly #encode: (labels: LabelSet, output: Output) => void;
  readonly #spans = new LabelMemo<TextSpan>();
  #slab = new DataView(new ArrayBuffer(0));
  #used = 0;

  /** `output`: what it is written into, before it is kept. */
  constructor(output: Output, encode: (labels: LabelSet, output: Output) => void) {
    this.#output = output;
    this.#encode = encode;
  }

  of(labels: LabelSet): TextSpan {
    let span = this.#spans.get(labels);
    if (span === undefined) this.#spans.set(labels, (span = this.#add(labels)));
    return span;
  }

  #add(labels: LabelSet): TextSpan {
    const output = this.#output;
    output.length = 0;
    this.#encode(labels, output);
    if (output.length > SLAB_BYTES / 8) return spanOf(output.written());
    if (this.#used + output.length + COPY_SLACK > this.#slab.byteLength) {
      this.#slab = new DataView(new ArrayBuffer(SLAB_BYTES));
      this.#used = 0;
    }
    const start = this.#used;
    this.#used = copyWords(this.#slab, start, output.view, 0, output.length);
    return { view: this.#slab, start, end: this.#used };
  }
}

/** A copy of these bytes. */
export function spanOf(text: string | Uint8Array): TextSpan {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const memory = new Uint8Array(bytes.length + COPY_SLACK);
  memory.set(bytes);
  return { view: new DataView(memory.buffer), start: 0, end: bytes.length };
}

/** The name of a label as it stands before its value, in quotes where it needs them. */
export function labelName(name: string): string {
  return isPlainName(name, 'label') ? name : `"${escapeQuoted(name)}"`;
}

/** The text as it stands between quotes. */
export function escapeQuoted(text: string): string {
  if (!/["\\\n]/.test(text)) return text;
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_N = 0x6e;
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

  /** Appends labels: what stands before each value, the value with what must be escaped in it, and a quote. */
  labels(prefixes: readonly TextSpan[], values: readonly string[]): void {
    for (let label = 0; label < prefixes.length; label++) {
      this.span(prefixes[label]!);
      this.#quotedText(values[label]!);
    }
  }

  /** Appends UTF-8 as it stands between quotes; what is none as U+FFFD. */
  escaped(source: Buffer, from: number, to: number): void {
    this.reserve(this.length, 2 * (to - from));
    const { bytes } = this;
    let at = this.length;
    for (let i = from; i < to; i++) {
      const byte = source[i]!;
      if (byte > 0x7f) {
        this.text(escapeQuoted(source.toString('utf8', from, to)));
        return;
      }
      if (!isPlain(byte)) bytes[at++] = BACKSLASH;
      bytes[at++] = byte === LINE_FEED ? LETTER_N : byte;
    }
    this.length = at;
  }

  #quotedText(value: string): void {
    this.reserve(this.length, value.length + 1);
    const { bytes, length: at } = this;
    let i = 0;
    for (; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (!isPlain(code)) break;
      bytes[at + i] = code;
    }
    if (i === value.length) {
      bytes[at + i] = QUOTE;
      this.length = at + i + 1;
    } else this.text(`${escapeQuoted(value)}"`);
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

/** Whether a character of ASCII, and none that must be escaped. */
function isPlain(code: number): boolean {
  return code <= 0x7f && code !== QUOTE && code !== BACKSLASH && code !== LINE_FEED;
}
