/** How many places a key may have. */
const WAYS = 8;

/**
 * Token buckets by key, in a table of fixed size. A key is known by 64 bits of hash.
 *
 * ```
 *  set 0  [ key | key | full | free | … ]   a key has its place in one of the 8 of its set
 *  set 1  [ key | key | key  | key  | … ]   none is free nor full: a new key shares the last bucket of all
 *  …
 *  last   [ shared ]
 * ```
 * A bucket that is full again is as good as none, so its place can be taken: nobody gets more than the rate by using
 * many keys. Keys beyond the room share one bucket until a place becomes free.
 */
export class TokenBuckets {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #sets: number;
  readonly #keys: Int32Array;
  readonly #tokens: Float64Array;
  readonly #filledMs: Float64Array;

  /** `perMs`: tokens that a bucket gets in a millisecond; `burst`: how many it holds; `keys`: for how many there is room. */
  constructor(perMs: number, burst: number, keys: number) {
    this.#perMs = perMs;
    this.#burst = burst;
    this.#sets = 2 ** Math.ceil(Math.log2(Math.max(keys / WAYS, 1)));
    const buckets = this.#sets * WAYS + 1;
    this.#keys = new Int32Array(2 * buckets);
    this.#tokens = new Float64Array(buckets).fill(burst);
    this.#filledMs = new Float64Array(buckets);
  }

  /** Takes a token for a key; false: there is none. `nowMs` must not go back. O(1). */
  take(low: number, high: number, nowMs: number): boolean {
    const bucket = this.#bucketOf(low, high, nowMs);
    const tokens = this.#tokensIn(bucket, nowMs);
    this.#filledMs[bucket] = nowMs;
    this.#tokens[bucket] = tokens >= 1 ? tokens - 1 : tokens;
    return tokens >= 1;
  }

  /** Takes a token for a key even if there is none; says in how many milliseconds it is paid back. O(1). */
  borrow(low: number, high: number, nowMs: number): number {
    const bucket = this.#bucketOf(low, high, nowMs);
    const tokens = this.#tokensIn(bucket, nowMs) - 1;
    this.#filledMs[bucket] = nowMs;
    this.#tokens[bucket] = tokens;
    return tokens < 0 ? -tokens / this.#perMs : 0;
  }

  #bucketOf(low: number, high: number, nowMs: number): number {
    const keys = this.#keys;
    const first = (low & (this.#sets - 1)) * WAYS;
    for (let bucket = first; bucket < first + WAYS; bucket++) {
      if (keys[2 * bucket] === low && keys[2 * bucket + 1] === high) return bucket;
    }
    for (let bucket = first; bucket < first + WAYS; bucket++) {
      if (this.#tokensIn(bucket, nowMs) < this.#burst) continue;
      keys[2 * bucket] = low;
      keys[2 * bucket + 1] = high;
      return bucket;
    }
    return this.#sets * WAYS;
  }

  #tokensIn(bucket: number, nowMs: number): number {
    return Math.min(this.#burst, this.#tokens[bucket]! + (nowMs - this.#filledMs[bucket]!) * this.#perMs);
  }
}
