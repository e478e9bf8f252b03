import { isUtf8 } from 'node:buffer';

/** The low three bits of a tag: how the value behind it is written. */
export const WireType = { Varint: 0, Fixed64: 1, Bytes: 2, Fixed32: 5 } as const;

/** A tag as it stands before a field: its number and its wire type. */
export function tagOf(field: number, wireType: number): number {
  return (field << 3) | wireType;
}

/**
 * Reads the fields of one protobuf message, and nothing behind its end. Made for bytes that nobody checked: whatever is
 * cut, too long or impossible throws a RangeError, and no allocation is larger than the input.
 *
 * ```ts
 * for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
 *   if (tag === tagOf(1, WireType.Bytes)) name = reader.string();
 *   else reader.skip(tag);
 * }
 * ```
 */
export class ProtobufReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;
  /** The halves of the last varint that was read. */
  #low = 0;
  #high = 0;

  /** Reads `bytes[start, end)`; the bytes must not change while the reader is used. */
  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
  }

  /** Whether all was read: of packed values and of messages that follow each other, which have no tags. */
  get isAtEnd(): boolean {
    return this.#at === this.#end;
  }

  /** The next tag, or 0 at the end of the message. */
  tag(): number {
    if (this.#at === this.#end) return 0;
    this.#varint();
    const tag = this.#low >>> 0;
    if (this.#high !== 0 || tag >>> 3 === 0) throw new RangeError('Cannot read protobuf: tag is out of range');
    return tag;
  }

  bool(): boolean {
    this.#varint();
    return (this.#low | this.#high) !== 0;
  }

  /** An int32 or an enum: the low 32 bits, signed. */
  int32(): number {
    this.#varint();
    return this.#low;
  }

  uint32(): number {
    this.#varint();
    return this.#low >>> 0;
  }

  int64(): bigint {
    this.#varint();
    return (BigInt(this.#high) << 32n) | BigInt(this.#low >>> 0);
  }

  fixed32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  fixed64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#take(8));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  /** A view of the input. */
  bytes(): Buffer {
    const length = this.#length();
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Text. What is not UTF-8 is malformed, as the protobuf rules have it. */
  string(): string {
    const length = this.#length();
    const start = this.#take(length);
    if (!isUtf8(this.#bytes.subarray(start, start + length))) {
      throw new RangeError('Cannot read protobuf: string is not valid UTF-8');
    }
    return this.#bytes.toString('utf8', start, start + length);
  }

  /** A reader of the message that comes next. */
  message(): ProtobufReader {
    const length = this.#length();
    const start = this.#take(length);
    return new ProtobufReader(this.#bytes, start, start + length);
  }

  /** Passes over the value of a field that nobody asked for. Groups, which no OTLP message has, are malformed. */
  skip(tag: number): void {
    switch (tag & 7) {
      case WireType.Varint:
        this.#varint();
        return;
      case WireType.Fixed64:
        this.#take(8);
        return;
      case WireType.Bytes:
        this.#take(this.#length());
        return;
      case WireType.Fixed32:
        this.#take(4);
        return;
      default:
        throw new RangeError(`Cannot read protobuf: wire type ${tag & 7} is not known`);
    }
  }

  #length(): number {
    this.#varint();
    if (this.#high !== 0) throw new RangeError('Cannot read protobuf: length is out of range');
    return this.#low >>> 0;
  }

  /** Passes over `length` bytes and returns where they start. */
  #take(length: number): number {
    const start = this.#at;
    if (length > this.#end - start) {
      throw new RangeError(`Cannot read protobuf: ${length} bytes needed, ${this.#end - start} left`);
    }
    this.#at = start + length;
    return start;
  }

  /** Seven bits a byte, lowest first, at most ten bytes; the two halves hold the lower 64 bits. */
  #varint(): void {
    this.#low = 0;
    this.#high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#bytes[this.#take(1)]!;
      const bits = byte & 0x7f;
      if (shift < 32) this.#low |= bits << shift;
      if (shift === 28) this.#high = bits >>> 4;
      else if (shift > 28) this.#high |= bits << (shift - 32);
      if (byte < 0x80) return;
    }
    throw new RangeError('Cannot read protobuf: varint has more than 10 bytes');
  }
}
