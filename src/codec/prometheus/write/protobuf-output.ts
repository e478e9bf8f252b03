import { ByteBuffer } from '../../../bytes/byte-buffer.ts';
import { COPY_SLACK, copyWords } from '../../../bytes/copy-words.ts';
import { varintSize, writeVarint, writeVarint64 } from '../../../bytes/varint.ts';
import type { TextSpan } from './label-bytes.ts';

const TWO_TO_32 = 2 ** 32;

/** Protobuf that is being written, field by field; fields of value 0 are written too. */
export class ProtobufOutput extends ByteBuffer {
  /** Appends bytes that were made before. */
  span({ view, start, end }: TextSpan): void {
    this.reserve(this.length, end - start);
    this.length = copyWords(this.view, this.length, view, start, end);
  }

  /** Begins a message as a field, or without `tag` one that stands alone; `end()` takes what it returns. */
  begin(tag?: number): number {
    if (tag !== undefined) this.varint(tag);
    this.reserve(this.length, 1);
    return ++this.length;
  }

  /** Ends the message that `begin()` began: its length goes before it. O(bytes of a message of 128 or more). */
  end(start: number): void {
    const length = this.length - start;
    const more = varintSize(length) - 1;
    if (more > 0) {
      this.reserve(this.length, more);
      this.bytes.copyWithin(start + more, start, this.length);
      this.length += more;
    }
    writeVarint(this.bytes, start - 1, length);
  }

  varint(value: number): void {
    this.reserve(this.length, 5);
    this.length = writeVarint(this.bytes, this.length, value);
  }

  /** An integer of up to 53 bits, not negative unless it is a whole int64. */
  integer(tag: number, value: number): void {
    this.varint(tag);
    this.#varint64(value);
  }

  /** A signed integer in zigzag form. */
  signed(tag: number, value: number): void {
    this.varint(tag);
    this.#varint64(value < 0 ? -2 * value - 1 : 2 * value);
  }

  double(tag: number, value: number): void {
    this.varint(tag);
    this.reserve(this.length, 8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  string(tag: number, text: string): void {
    const start = this.begin(tag);
    this.reserve(this.length, 3 * text.length + COPY_SLACK);
    this.length += this.#ascii(text) ? text.length : this.bytes.write(text, this.length);
    this.end(start);
  }

  /** A text that is there as UTF-8 already. */
  bytesOf(tag: number, source: Buffer, from: number, to: number): void {
    const length = to - from;
    const start = this.begin(tag);
    this.reserve(this.length, length);
    const { bytes, length: at } = this;
    let i = 0;
    for (; i < length; i++) {
      const byte = source[from + i]!;
      if (byte > 0x7f) break;
      bytes[at + i] = byte;
    }
    if (i === length) this.length += length;
    else {
      // What is no valid UTF-8 must not get into a string.
      const text = source.toString('utf8', from, to);
      this.reserve(this.length, 3 * text.length);
      this.length += this.bytes.write(text, this.length);
    }
    this.end(start);
  }

  /** Writes a text at the end, without making that a part of what is written; false: it is not ASCII. */
  #ascii(text: string): boolean {
    const { bytes, length: at } = this;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[at + i] = code;
    }
    return true;
  }

  #varint64(value: number): void {
    this.reserve(this.length, 10);
    const high = Math.floor(value / TWO_TO_32);
    this.length = writeVarint64(this.bytes, this.length, value | 0, high);
  }
}
