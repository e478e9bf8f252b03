/**
 * A 64-bit integer in two's complement as [low, high] 32-bit halves. Signed halves, because in V8 those are numbers
 * without a box wherever they go.
 */
export type Int64 = Int32Array<ArrayBuffer>;

const BILLION = 1_000_000_000;
/** 10^18 as [low, high]: what the first of 19 digits stands for. */
const QUINTILLION_LOW = -1_486_618_624;
const QUINTILLION_HIGH = 232_830_643;

/**
 * Reads the decimal integer at [start, end), `-?[0-9]+` and within 64 bits, exactly into `into`. Does not check its
 * input: the parser that made the span did.
 *
 * Nine digits at a time fit into a 32-bit integer. All of it is 32-bit arithmetic, with the carries in the open: doubles
 * and the way back from them cost more than all the rest.
 */
export function parseInt64(view: DataView, start: number, end: number, into: Int64): void {
  const isNegative = view.getUint8(start) === 0x2d;
  if (isNegative) start++;
  const length = end - start;
  let low: number;
  let high = 0;
  if (length <= 9) {
    low = parseDigits(view, start, end);
  } else {
    const tail = parseNineDigits(view, end - 9);
    const middle = length < 18 ? parseDigits(view, start, end - 9) : parseNineDigits(view, end - 18);
    const product = Math.imul(middle, BILLION);
    high = highProduct(middle, BILLION);
    low = (product + tail) | 0;
    high += carry(low, tail);
    if (length > 18) {
      const first = view.getUint8(start) - 0x30;
      const part = Math.imul(first, QUINTILLION_LOW);
      high += Math.imul(first, QUINTILLION_HIGH) + highProduct(first, QUINTILLION_LOW);
      low = (low + part) | 0;
      high += carry(low, part);
    }
  }
  into[0] = isNegative ? -low : low;
  into[1] = !isNegative ? high : low === 0 ? -high : ~high;
}

/** The upper 32 bits of the product of two unsigned 32-bit integers, `a` below 2^30. */
function highProduct(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const cross = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0;
  const other = Math.imul(aLow, bHigh) + (cross & 0xffff);
  return Math.imul(aHigh, bHigh) + (cross >>> 16) + (other >>> 16);
}

/** 1 when an unsigned 32-bit `sum`, to which `part` was added last, ran over. */
function carry(sum: number, part: number): number {
  return sum >>> 0 < part >>> 0 ? 1 : 0;
}

/** What at most nine digits say. Reads up to three bytes behind them. */
export function parseDigits(view: DataView, at: number, end: number): number {
  let value = 0;
  for (; at + 4 <= end; at += 4) value = (Math.imul(value, 10_000) + parseFourDigits(view, at)) | 0;
  for (; at < end; at++) value = (Math.imul(value, 10) + view.getUint8(at) - 0x30) | 0;
  return value;
}

function parseNineDigits(view: DataView, at: number): number {
  const upper = Math.imul(parseFourDigits(view, at), 100_000) + Math.imul(parseFourDigits(view, at + 4), 10);
  return (upper + view.getUint8(at + 8) - 0x30) | 0;
}

/** The first product adds ten times each digit to its neighbour, the second a hundred times each pair to the next. */
function parseFourDigits(view: DataView, at: number): number {
  const pairs = (Math.imul(view.getInt32(at, true) & 0x0f0f0f0f, 2561) >>> 8) & 0x00ff00ff;
  return Math.imul(pairs, 6_553_601) >>> 16;
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
