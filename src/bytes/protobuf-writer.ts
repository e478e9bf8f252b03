import { varintSize, writeVarint, writeVarint64 } from './varint.ts';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;

const HALF = 2 ** 32;
const NS_PER_MS = 1_000_000;

/**
 * Writes a protobuf message front to back into memory that grows. For messages that are made once a scrape or once a
 * push; records have encoders of their own. Fields are written whatever their value: who wants a default left out
 * does not call.
 */
export class ProtobufWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(initialBytes = 4096) {
    this.#bytes = Buffer.allocUnsafe(initialBytes);
  }

  /** How many bytes are written. */
  get length(): number {
    return this.#length;
  }

  /** What is written; a view that is valid until more is. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A copy of the bytes from `start` on. */
  copyFrom(start: number): Buffer {
    return Buffer.from(this.#bytes.subarray(start, this.#length));
  }

  clear(): void {
    this.#length = 0;
  }

  /** An int32, int64, uint32, uint64, bool or enum: a whole number, exact in a double. */
  integer(field: number, value: number): void {
    this.#tag(field, VARINT);
    this.#varint(value);
  }

  /** A sint32 or sint64, which is shorter for small negative numbers. Exact below 2^52. */
  signed(field: number, value: number): void {
    this.integer(field, zigzag(value));
  }

  double(field: number, value: number): void {
    this.#tag(field, FIXED64);
    this.#double(value);
  }

  /** A NaN with exactly these 64 bits, which a double of JavaScript need not keep. */
  doubleBits(field: number, bits: bigint): void {
    this.#tag(field, FIXED64);
    this.#reserve(8);
    this.#length = this.#bytes.writeBigUInt64LE(bits, this.#length);
  }

  /** A fixed64 or sfixed64: a whole number from 0 on, exact in a double. */
  fixed64(field: number, value: number): void {
    this.#tag(field, FIXED64);
    this.#fixed64(value);
  }

  /** A fixed64 of nanoseconds since 1970 for a time in milliseconds. */
  unixNano(field: number, unixMs: number): void {
    this.#tag(field, FIXED64);
    this.#reserve(8);
    const wholeMs = Math.floor(unixMs);
    const nanos = BigInt(wholeMs) * BigInt(NS_PER_MS) + BigInt(Math.round((unixMs - wholeMs) * NS_PER_MS));
    this.#length = this.#bytes.writeBigUInt64LE(nanos, this.#length);
  }

  text(field: number, value: string): void {
    const bytes = Buffer.byteLength(value);
    this.#head(field, bytes);
    this.#length += this.#bytes.write(value, this.#length, bytes);
  }

  bytes(field: number, value: Uint8Array): void {
    this.#head(field, value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** A message inside this one; `write` writes its fields. */
  message(field: number, write: () => void): void {
    this.#tag(field, LENGTH_DELIMITED);
    this.#delimited(write);
  }

  /** A message with its length before it and no tag: how a stream of messages is written. */
  delimited(write: () => void): void {
    this.#delimited(write);
  }

  packedIntegers(field: number, values: ArrayLike<number>): void {
    this.message(field, () => {
      for (let i = 0; i < values.length; i++) this.#varint(values[i]!);
    });
  }

  packedSigned(field: number, values: ArrayLike<number>): void {
    this.message(field, () => {
      for (let i = 0; i < values.length; i++) this.#varint(zigzag(values[i]!));
    });
  }

  packedDoubles(field: number, values: ArrayLike<number>): void {
    this.#head(field, 8 * values.length);
    for (let i = 0; i < values.length; i++) this.#double(values[i]!);
  }

  packedFixed64(field: number, values: ArrayLike<number>): void {
    this.#head(field, 8 * values.length);
    for (let i = 0; i < values.length; i++) this.#fixed64(values[i]!);
  }

  /** Leaves one byte for the length, and moves what was written when that needs more. */
  #delimited(write: () => void): void {
    this.#reserve(1);
    const start = ++this.#length;
    write();
    const length = this.#length - start;
    const more = varintSize(length) - 1;
    if (more > 0) {
      this.#reserve(more);
      this.#bytes.copyWithin(start + more, start, this.#length);
      this.#length += more;
    }
    writeVarint(this.#bytes, start - 1, length);
  }

  #head(field: number, length: number): void {
    this.#tag(field, LENGTH_DELIMITED);
    this.#varint(length);
    this.#reserve(length);
  }

  #tag(field: number, wireType: number): void {
    this.#reserve(5);
    this.#length = writeVarint(this.#bytes, this.#length, 8 * field + wireType);
  }

  #varint(value: number): void {
    this.#reserve(10);
    this.#length = writeVarint64(this.#bytes, this.#length, (value % HALF) | 0, Math.floor(value / HALF) | 0);
  }

  #double(value: number): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  #fixed64(value: number): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeUInt32LE(value % HALF, this.#length);
    this.#length = this.#bytes.writeUInt32LE(Math.floor(value / HALF), this.#length);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}
