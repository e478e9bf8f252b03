import { ByteBuffer } from './byte-buffer.ts';
import { COPY_SLACK, copyWords } from './copy-words.ts';
import { varintSize, writeVarint, writeVarint64 } from './varint.ts';

const TWO_TO_32 = 2 ** 32;
/** Tags of a google.protobuf.Timestamp. */
const TIMESTAMP_SECONDS = 0x08;
const TIMESTAMP_NANOS = 0x10;

/** Bytes within a memory that has `COPY_SLACK` behind them. */
interface Span {
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
}

/**
 * Protobuf that is being written, field by field; fields of value 0 are written too. Fields are given by their tags:
 * 8 times their number, and the wire type. `ProtobufWriter` takes numbers, and functions for messages.
 */
export class ProtobufOutput extends ByteBuffer {
  /** Appends bytes that were made before. */
  span({ view, start, end }: Span): void {
    this.reserve(this.length, end - start);
    this.length = copyWords(this.view, this.length, view, start, end);
  }

  /** Begins a message as a field, or without `tag` one that stands alone; `end()` takes what it returns. */
  begin(tag?: number): number {
    if (tag !== undefined) this.varint(tag);
    this.reserve(this.length, 1);
    return ++this.length;
  }

  /** Ends a message: its length goes before it. O(bytes) where that takes other than the `lengthBytes` that were left for it. */
  end(start: number, lengthBytes = 1): void {
    const length = this.length - start;
    const more = varintSize(length) - lengthBytes;
    if (more !== 0) {
      this.reserve(this.length, more);
      this.bytes.copyWithin(start + more, start, this.length);
      this.length += more;
    }
    writeVarint(this.bytes, start - lengthBytes, length);
  }

  varint(value: number): void {
    this.reserve(this.length, 5);
    this.length = writeVarint(this.bytes, this.length, value);
  }

  /** An integer of up to 53 bits, not negative unless it is a whole int64. */
  integer(tag: number, value: number): void {
    this.varint(tag);
    this.varint64(value);
  }

  /** A signed integer in zigzag form. Exact below 2^52. */
  signed(tag: number, value: number): void {
    this.varint(tag);
    this.zigzag(value);
  }

  double(tag: number, value: number): void {
    this.varint(tag);
    this.float64(value);
  }

  /** A fixed64, or the 64 bits of a double that is a NaN. */
  bits(tag: number, bits: bigint): void {
    this.varint(tag);
    this.reserve(this.length, 8);
    this.length = this.bytes.writeBigUInt64LE(bits, this.length);
  }

  /** A google.protobuf.Timestamp; a time before 1970 is left out. */
  time(tag: number, unixMs: number): void {
    if (!(unixMs >= 0)) return;
    const message = this.begin(tag);
    const seconds = Math.floor(unixMs / 1000);
    this.integer(TIMESTAMP_SECONDS, seconds);
    this.integer(TIMESTAMP_NANOS, Math.floor((unixMs - seconds * 1000) * 1e6));
    this.end(message);
  }

  string(tag: number, text: string): void {
    const start = this.begin(tag);
    this.reserve(this.length, 3 * text.length + COPY_SLACK);
    this.length += this.#ascii(text) ? text.length : this.bytes.write(text, this.length);
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

  /** A varint without a tag: an integer of up to 53 bits, not negative unless it is a whole int64. */
  varint64(value: number): void {
    this.reserve(this.length, 10);
    const high = Math.floor(value / TWO_TO_32);
    this.length = writeVarint64(this.bytes, this.length, value | 0, high);
  }

  /** The same in zigzag form. */
  zigzag(value: number): void {
    this.varint64(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** A double without a tag. */
  float64(value: number): void {
    this.reserve(this.length, 8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** A fixed64 without a tag: a whole number from 0 on, exact in a double. */
  fixed64(value: number): void {
    this.reserve(this.length, 8);
    this.view.setUint32(this.length, value % TWO_TO_32, true);
    this.view.setUint32(this.length + 4, value / TWO_TO_32, true);
    this.length += 8;
  }
}
