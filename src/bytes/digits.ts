/** Nanoseconds that 1 stands for as the last of n digits behind a decimal point, for n from 0 to 9. */
export const NANOS_OF_DIGIT = [1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 10, 1];

/** The most digits a fraction of a second can have. */
export const MAX_FRACTION_DIGITS = 9;

/** Whether the byte is an ASCII digit. */
export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** The number that the two digits at `at` make, or -1 where they are no digits. Both bytes must exist. */
export function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 0x30;
  const ones = bytes[at + 1]! - 0x30;
  return tens >>> 0 > 9 || ones >>> 0 > 9 ? -1 : 10 * tens + ones;
}

/** Where the digits that start at `at` end; `at` itself when there is none. */
export function digitsEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && isDigit(bytes[at]!)) at++;
  return at;
}

/**
 * The same as `digitsEnd()`, for long runs. Looks at four bytes at once, so it reads up to 3 bytes behind
 * `end`. In a digit's byte the high half is 3, also after adding 6; the lowest byte where it is not is exact.
 */
export function digitsEndByWords(view: DataView, at: number, end: number): number {
  for (; at < end; at += 4) {
    const word = view.getInt32(at, true);
    const other = ((word & 0xf0f0f0f0) ^ 0x30303030) | (((word + 0x06060606) & 0xf0f0f0f0) ^ 0x30303030);
    if (other !== 0) return Math.min(at + ((31 - Math.clz32(other & -other)) >> 3), end);
  }
  return end;
}

/** The number that the digits `bytes[start, end)` make. Exact up to 15 digits. */
export function digitsValue(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = 10 * value + bytes[at]! - 0x30;
  return value;
}

/** Nanoseconds that the digits `bytes[start, end)` behind a decimal point stand for; at most 9 digits. */
export function fractionNanos(bytes: Uint8Array, start: number, end: number): number {
  return digitsValue(bytes, start, end) * NANOS_OF_DIGIT[end - start]!;
}
