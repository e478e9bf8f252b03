/**
 * A 64-bit integer in two's complement as [low, high] 32-bit halves. Signed halves, because in V8 those are numbers
 * without a box wherever they go.
 */
export type Int64 = Int32Array<ArrayBuffer>;

const BILLION = 1_000_000_000;
const WORD = 4294967296;

/**
 * Reads the decimal integer at [start, end), `-?[0-9]+` and within 64 bits, exactly into `into`. Does not check its
 * input: the parser that made the span did.
 *
 * Nine digits at a time fit into a 32-bit integer. The product of the head and 10^9 needs 64 bits: its low half is
 * exact by `Math.imul`, and the double product, although rounded, is near enough to tell the high half. No `%`, which
 * on doubles costs more than all the rest.
 */
export function parseInt64(view: DataView<ArrayBuffer>, start: number, end: number, into: Int64): void {
  const isNegative = view.getUint8(start) === 0x2d;
  if (isNegative) start++;
  let low = 0;
  let high = 0;
  const tailStart = Math.max(start, end - 9);
  const tail = parseDigits(view, tailStart, end);
  if (tailStart === start) {
    low = tail;
  } else {
    const middleStart = Math.max(start, tailStart - 9);
    const head = parseDigits(view, start, middleStart) * BILLION + parseDigits(view, middleStart, tailStart);
    const headLow = head >>> 0;
    const productLow = Math.imul(headLow, BILLION) >>> 0;
    high = Math.round((headLow * BILLION - productLow) / WORD) + ((head - headLow) / WORD) * BILLION;
    low = productLow + tail;
    if (low >= WORD) {
      low -= WORD;
      high++;
    }
  }
  into[0] = low;
  into[1] = high;
  if (!isNegative) return;
  into[0] = -into[0]!;
  into[1] = into[0] === 0 ? -into[1]! : ~into[1]!;
}

/**
 * At most nine digits, as a 32-bit integer. Four at a time: the first product adds ten times each digit to its
 * neighbour, the second a hundred times each pair to the next.
 */
function parseDigits(view: DataView<ArrayBuffer>, at: number, end: number): number {
  let value = 0;
  for (; at + 4 <= end; at += 4) {
    const pairs = (Math.imul(view.getInt32(at, true) & 0x0f0f0f0f, 2561) >>> 8) & 0x00ff00ff;
    value = (Math.imul(value, 10_000) + (Math.imul(pairs, 6_553_601) >>> 16)) | 0;
  }
  for (; at < end; at++) value = (Math.imul(value, 10) + view.getUint8(at) - 0x30) | 0;
  return value;
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
