/** Powers of ten that a double holds exactly. */
const POWERS_OF_TEN = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** With this many bytes and a point among them, the digits fit into a 32-bit integer. */
const SHORT_BYTES = 10;

/**
 * The value of the decimal number `bytes[start, end)`, correctly rounded, in the grammar of JSON; anything else that
 * `Number()` reads is read too, the rest is NaN.
 *
 * Up to 15 digits and an exponent up to 22 both sides are exact doubles, so one division or product rounds right
 * (Clinger 1990). Longer ones go through a string.
 */
export function parseDouble(bytes: Buffer, start: number, end: number): number {
  const short = parseShortDouble(bytes, start, end);
  if (short >= 0) return short;
  let at = start;
  const isNegative = bytes[at] === 0x2d;
  if (isNegative) at++;
  let digits = 0;
  let pointAt = -1;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === 0x2e && pointAt < 0) {
      pointAt = at;
      continue;
    }
    if (byte < 0x30 || byte > 0x39) return Number(bytes.toString('latin1', start, end));
    digits = digits * 10 + byte - 0x30;
  }
  const fraction = pointAt < 0 ? 0 : end - pointAt - 1;
  if (end - start > 15 + (isNegative ? 1 : 0) + (pointAt < 0 ? 0 : 1))
    return Number(bytes.toString('latin1', start, end));
  const value = digits / POWERS_OF_TEN[fraction]!;
  return isNegative ? -value : value;
}

/** The value of at most 10 bytes that are digits with one point among them, or a point alone, which is 0; -1 for anything else. */
export function parseShortDouble(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > SHORT_BYTES) return -1;
  let digits = 0;
  let pointAt = -1;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit >>> 0 <= 9) digits = (Math.imul(digits, 10) + digit) | 0;
    else if (digit === -2 && pointAt < 0) pointAt = at;
    else return -1;
  }
  return pointAt < 0 ? -1 : digits / POWERS_OF_TEN[end - pointAt - 1]!;
}
