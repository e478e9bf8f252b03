import { ProtobufOutput } from './protobuf-output.ts';
import { unixNanoOf } from './unix-nano.ts';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;

/**
 * Writes a protobuf message front to back, with the numbers of fields, and messages in messages by functions that write
 * them. For messages that are made once a scrape or once a push; records have encoders of their own. Fields are written
 * whatever their value: who wants a default left out does not call.
 */
export class ProtobufWriter {
  readonly #out: ProtobufOutput;

  constructor(initialBytes = 4096) {
    this.#out = new ProtobufOutput(initialBytes);
  }

  /** What is written; a view that is valid until more is. */
  written(): Buffer {
    return this.#out.written();
  }

  /** An int32, int64, uint32, uint64, bool or enum: a whole number, exact in a double. */
  integer(field: number, value: number): void {
    this.#out.integer(8 * field + VARINT, value);
  }

  /** A sint32 or sint64, which is shorter for small negative numbers. Exact below 2^52. */
  signed(field: number, value: number): void {
    this.#out.signed(8 * field + VARINT, value);
  }

  double(field: number, value: number): void {
    this.#out.double(8 * field + FIXED64, value);
  }

  /** A NaN with exactly these 64 bits, which a double of JavaScript need not keep. */
  doubleBits(field: number, bits: bigint): void {
    this.#out.bits(8 * field + FIXED64, bits);
  }

  /** A fixed64 or sfixed64: a whole number from 0 on, exact in a double. */
  fixed64(field: number, value: number): void {
    this.#out.varint(8 * field + FIXED64);
    this.#out.fixed64(value);
  }

  /** A fixed64 of nanoseconds since 1970 for a time in milliseconds; see `unixNanoOf()`. */
  unixNano(field: number, unixMs: number): void {
    this.#out.bits(8 * field + FIXED64, unixNanoOf(unixMs));
  }

  text(field: number, value: string): void {
    this.#out.string(8 * field + LENGTH_DELIMITED, value);
  }

  bytes(field: number, value: Uint8Array): void {
    this.#head(field, value.length);
    this.#out.append(value);
  }

  /** A message inside this one; `write` writes its fields. */
  message(field: number, write: () => void): void {
    const start = this.#out.begin(8 * field + LENGTH_DELIMITED);
    write();
    this.#out.end(start);
  }

  packedIntegers(field: number, values: ArrayLike<number>): void {
    this.message(field, () => {
      for (let i = 0; i < values.length; i++) this.#out.varint64(values[i]!);
    });
  }

  packedSigned(field: number, values: ArrayLike<number>): void {
    this.message(field, () => {
      for (let i = 0; i < values.length; i++) this.#out.zigzag(values[i]!);
    });
  }

  packedDoubles(field: number, values: ArrayLike<number>): void {
    this.#head(field, 8 * values.length);
    for (let i = 0; i < values.length; i++) this.#out.float64(values[i]!);
  }

  packedFixed64(field: number, values: ArrayLike<number>): void {
    this.#head(field, 8 * values.length);
    for (let i = 0; i < values.length; i++) this.#out.fixed64(values[i]!);
  }

  #head(field: number, length: number): void {
    this.#out.varint(8 * field + LENGTH_DELIMITED);
    this.#out.varint(length);
  }
}
