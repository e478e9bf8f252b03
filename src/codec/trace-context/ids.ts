import { HEX_VALUES } from '../../bytes/byte-tables.ts';
import { isDigit } from '../../bytes/digits.ts';

const ZERO = 0x30;

/** Ids of 64 bits are span ids, and trace ids of Zipkin. */
const SHORT_ID_BYTES = 8;

/**
 * Reads the hexadecimal digits `bytes[start, end)`, in either case, into the `size` bytes of `target` at `at`: two for
 * each byte, or 16, with zeros before them. False: they are none, another number, or all of them 0.
 */
export function readHexId(
  bytes: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
  size: number,
): boolean {
  const length = (end - start) / 2;
  if (length !== size && length !== SHORT_ID_BYTES) return false;
  target.fill(0, at, at + size);
  let to = at + size - length;
  let any = 0;
  for (let i = start; i < end; i += 2) {
    const high = HEX_VALUES[bytes[i]!]!;
    const low = HEX_VALUES[bytes[i + 1]!]!;
    if ((high | low) > 15) return false;
    any |= high | low;
    target[to++] = (high << 4) | low;
  }
  return any !== 0;
}

/** The most digits that an unsigned 64-bit integer has. */
const MAX_DECIMAL_DIGITS = 20;

/**
 * Reads an unsigned 64-bit decimal integer into the last 8 of the `size` bytes of `target` at `at`, as Datadog writes its
 * ids; zeros come before them. False: it is none, or 0.
 */
export function readDecimalId(
  bytes: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
  size: number,
): boolean {
  if (end === start || end - start > MAX_DECIMAL_DIGITS) return false;
  target.fill(0, at, at + size);
  let any = 0;
  for (let i = start; i < end; i++) {
    let carry = bytes[i]! - ZERO;
    if (!isDigit(bytes[i]!)) return false;
    any |= carry;
    for (let to = at + size - 1; to >= at + size - 8; to--) {
      carry += 10 * target[to]!;
      target[to] = carry & 0xff;
      carry >>>= 8;
    }
    if (carry !== 0) return false;
  }
  return any !== 0;
}

/** The value of one or two hexadecimal digits, as W3C writes its flags, or -1. */
export function readFlags(bytes: Uint8Array, start: number, end: number): number {
  if (end === start || end - start > 2) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = HEX_VALUES[bytes[at]!]!;
    if (digit > 15) return -1;
    value = 16 * value + digit;
  }
  return value;
}

/** Whether the text says that there is no id: it is empty, `-`, or nothing but zeros and what separates them. */
export function saysNoId(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== ZERO && bytes[at] !== 0x2d) return false;
  return true;
}
