/** Powers of ten that a double holds exactly. */
const POWERS_OF_TEN = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * The value of the decimal number `bytes[start, end)`, correctly rounded, in the grammar of JSON; anything else that
 * `Number()` reads is read too, the rest is NaN.
 *
 * Up to 15 digits and an exponent up to 22 both sides are exact doubles, so one division or product rounds right
 * (Clinger 1990). Longer ones go through a string.
 */
export function parseDouble(bytes: Buffer, start: number, end: number): number {
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
