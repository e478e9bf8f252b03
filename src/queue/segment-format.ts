import { crc32c } from '../bytes/crc32c.ts';

/**
 * A segment: a file of entries that were added one after another.
 *
 * ```
 *  0000000000065536.segment
 *  | magic 8 | version 2 | flags 2 | run 8 | base 8 | CRC-32C 4 |  CRC-32C 4 | length 4 | payload |  CRC-32C 4 | length 4 | …
 *  ^ header, 32 bytes: the CRC is of what is before it            ^ entry: the CRC is of length and payload
 * ```
 * Numbers are little-endian. `base` is the offset of the first payload byte in the whole queue, and the name of the file.
 */
export interface SegmentHeader {
  /** Of the life of the queue in which it was written: 16 hexadecimal digits, drawn at random. */
  readonly run: string;
  readonly base: number;
  /** Whether it starts in the middle of a line: only the segment before it has its start. */
  readonly isMidLine: boolean;
}

/** How long the header of a segment is, in bytes. */
export const HEADER_BYTES = 32;
/** What an entry takes beside its payload, in bytes. */
export const ENTRY_HEAD_BYTES = 8;
/** The longest payload of an entry, in bytes. */
export const MAX_PAYLOAD_BYTES = 64 * 1024;

const MAGIC = 'pillionq';
const VERSION = 1;
const MID_LINE = 1;
const CHECKED_BYTES = HEADER_BYTES - 4;
const NAME = /^(\d{16})\.segment$/;

/** The file name of a segment. */
export function segmentName(base: number): string {
  return `${String(base).padStart(16, '0')}.segment`;
}

/** The base that a file name stands for; undefined: it is no segment. */
export function baseOf(name: string): number | undefined {
  const digits = NAME.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The header as bytes. */
export function encodeHeader({ run, base, isMidLine }: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.write(MAGIC, 'latin1');
  bytes.writeUInt16LE(VERSION, 8);
  bytes.writeUInt16LE(isMidLine ? MID_LINE : 0, 10);
  bytes.write(run, 12, 'hex');
  bytes.writeBigUInt64LE(BigInt(base), 20);
  bytes.writeUInt32LE(crc32c(bytes, 0, CHECKED_BYTES), CHECKED_BYTES);
  return bytes;
}

/** Reads what `encodeHeader()` made; undefined: these bytes are something else. */
export function decodeHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  if (bytes.readUInt16LE(8) !== VERSION) return undefined;
  if (bytes.readUInt32LE(CHECKED_BYTES) !== crc32c(bytes, 0, CHECKED_BYTES)) return undefined;
  return {
    run: bytes.toString('hex', 12, 20),
    base: Number(bytes.readBigUInt64LE(20)),
    isMidLine: (bytes.readUInt16LE(10) & MID_LINE) !== 0,
  };
}

/** An entry as bytes. */
export function encodeEntry(payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(ENTRY_HEAD_BYTES + payload.length);
  bytes.writeUInt32LE(payload.length, 4);
  bytes.set(payload, ENTRY_HEAD_BYTES);
  bytes.writeUInt32LE(crc32c(bytes, 4), 0);
  return bytes;
}
