/** OTLP's largest useful scale: neighbouring bounds differ by less than a millionth. */
export const MAX_SCALE = 20;
/** With this scale one bucket holds everything above 1, and another one the rest. */
export const MIN_SCALE = -11;

const EXPONENT_BIAS = 1023;
const scratch = new DataView(new ArrayBuffer(8));

/**
 * Which bucket a positive number belongs to: the i with base^i < value <= base^(i+1), where base is 2^(2^-scale).
 * Bounds that are powers of two are exact; others are as exact as a logarithm.
 */
export function bucketOf(value: number, scale: number): number {
  const exponent = exponentBelow(value);
  if (scale <= 0) return exponent >> -scale;
  const isPowerOfTwo = value === 2 ** (exponent + 1);
  if (isPowerOfTwo) return (exponent + 1) * 2 ** scale - 1;
  const first = exponent * 2 ** scale;
  // What a rounded logarithm makes of numbers next to a power of two stays between these.
  return Math.min(Math.max(Math.floor(Math.log2(value) * 2 ** scale), first), first + 2 ** scale - 1);
}

/** The e with 2^e < value <= 2^(e+1). */
function exponentBelow(value: number): number {
  scratch.setFloat64(0, value);
  const high = scratch.getUint32(0);
  const exponent = (high >>> 20) & 0x7ff;
  if (exponent === 0) return Math.ceil(Math.log2(value)) - 1; // subnormal
  const isPowerOfTwo = (high & 0xfffff) === 0 && scratch.getUint32(4) === 0;
  return exponent - EXPONENT_BIAS - (isPowerOfTwo ? 1 : 0);
}

/**
 * Counts in at most `size` neighbouring buckets, in a part of a column:
 *
 * ```
 *  [ first | length | count of first | count of first + 1 | … ]
 * ```
 */
export class BucketRun {
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  /** How many numbers of a column it takes. */
  get width(): number {
    return this.#size + 2;
  }

  /** By how many steps the scale must go down so that the buckets from `low` to `high` find room beside those that count. */
  stepsFor(column: Float64Array, at: number, low: number, high: number): number {
    const length = column[at + 1]!;
    let from = length === 0 ? low : Math.min(low, column[at]!);
    let to = length === 0 ? high : Math.max(high, column[at]! + length - 1);
    let steps = 0;
    for (; to - from >= this.#size; steps++) {
      from >>= 1;
      to >>= 1;
    }
    return steps;
  }

  /** Puts the counts into the buckets of a scale that is `steps` lower. */
  downscale(column: Float64Array, at: number, steps: number): void {
    const length = column[at + 1]!;
    if (steps === 0 || length === 0) return;
    const first = column[at]!;
    const newFirst = first >> steps;
    const newLength = ((first + length - 1) >> steps) - newFirst + 1;
    for (let i = 0; i < length; i++) {
      const count = column[at + 2 + i]!;
      column[at + 2 + i] = 0;
      column[at + 2 + ((first + i) >> steps) - newFirst]! += count;
    }
    column[at] = newFirst;
    column[at + 1] = newLength;
  }

  /** Adds to the count of a bucket, for which there is room. */
  add(column: Float64Array, at: number, bucket: number, count: number): void {
    const length = column[at + 1]!;
    const first = column[at]!;
    if (length === 0) {
      column[at] = bucket;
      column[at + 1] = 1;
      column[at + 2] = count;
      return;
    }
    if (bucket < first) {
      const shift = first - bucket;
      column.copyWithin(at + 2 + shift, at + 2, at + 2 + length);
      column.fill(0, at + 2, at + 2 + Math.min(shift, this.#size));
      column[at] = bucket;
      column[at + 1] = length + shift;
      column[at + 2] = count;
      return;
    }
    column[at + 2 + bucket - first]! += count;
    if (bucket - first >= length) column[at + 1] = bucket - first + 1;
  }

  /** Adds the counts of another run, of a scale that is `steps` higher; there is room. */
  merge(column: Float64Array, at: number, other: Float64Array, otherAt: number, steps: number): void {
    const length = other[otherAt + 1]!;
    for (let i = 0; i < length; i++) {
      const count = other[otherAt + 2 + i]!;
      if (count > 0) this.add(column, at, (other[otherAt]! + i) >> steps, count);
    }
  }

  /** Whether it can be one. */
  isValid(column: Float64Array, at: number): boolean {
    const length = column[at + 1]!;
    if (!Number.isInteger(column[at]) || !Number.isInteger(length) || length < 0 || length > this.#size) return false;
    for (let i = 0; i < this.#size; i++) {
      const count = column[at + 2 + i]!;
      if (!(count >= 0) || (i >= length && count !== 0)) return false;
    }
    return true;
  }
}
