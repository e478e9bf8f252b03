/** A 64-bit integer as two unsigned 32-bit halves, two's complement. Written by `parseInt64()`; one object is reused. */
export interface Int64 {
  low: number;
  high: number;
}

/**
 * Reads the decimal integer `bytes[start, end)`, `-?[0-9]+` and within 64 bits, exactly into `into`. Does not check its
 * input: the parser that made the span did.
 *
 * Up to 15 digits fit into a double. Longer ones are high * 10^9 + low digits, split at 2^16 so that every product
 * stays below 2^53.
 */
export function parseInt64(bytes: Uint8Array, start: number, end: number, into: Int64): void {
  const isNegative = bytes[start] === 0x2d;
  if (isNegative) start++;
  let low = 0;
  let high = 0;
  if (end - start <= 15) {
    for (let i = start; i < end; i++) low = low * 10 + bytes[i]! - 0x30;
    high = Math.floor(low / 4294967296);
    low = low % 4294967296;
  } else {
    let head = 0;
    let tail = 0;
    for (let i = start; i < end - 9; i++) head = head * 10 + bytes[i]! - 0x30;
    for (let i = end - 9; i < end; i++) tail = tail * 10 + bytes[i]! - 0x30;
    const upper = Math.floor(head / 65536) * 1e9;
    const lower = (head % 65536) * 1e9 + tail + (upper % 65536) * 65536;
    low = lower % 4294967296;
    high = Math.floor(upper / 65536) + Math.floor(lower / 4294967296);
  }
  if (isNegative) {
    low = -low >>> 0;
    high = low === 0 ? -high >>> 0 : ~high >>> 0;
  }
  into.low = low;
  into.high = high;
}

const INT64_MAX = '9223372036854775807';
const INT64_MIN = '9223372036854775808';

/** Whether the decimal integer `bytes[start, end)`, `-?[0-9]+` without leading zeros, fits into a signed 64-bit one. */
export function fitsInt64(bytes: Uint8Array, start: number, end: number): boolean {
  const isNegative = bytes[start] === 0x2d;
  if (isNegative) start++;
  if (end - start !== 19) return end - start < 19;
  const limit = isNegative ? INT64_MIN : INT64_MAX;
  for (let i = 0; i < 19; i++) {
    const difference = bytes[start + i]! - limit.charCodeAt(i);
    if (difference !== 0) return difference < 0;
  }
  return true;
}
