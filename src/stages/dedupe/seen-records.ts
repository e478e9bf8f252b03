/** How many places a content may have. */
const WAYS = 8;

/**
 * When each content was kept last, in a table of fixed size. A content is known by 64 bits of hash, and has its place in
 * one of the 8 of its set; where none is free the content that was kept longest ago is forgotten.
 */
export class SeenRecords {
  readonly #windowMs: number;
  readonly #sets: number;
  readonly #hashes: Int32Array;
  readonly #keptMs: Float64Array;
  /** By place: how many were dropped that no kept record tells of. */
  readonly repeats: Uint32Array;
  /** By place: the batch in which the content was kept last, and the record there. */
  readonly batches: Float64Array;
  readonly records: Uint32Array;

  /** A content that comes again within `windowMs` is a repeat; `entries`: for how many contents there is room. */
  constructor(windowMs: number, entries: number) {
    this.#windowMs = windowMs;
    this.#sets = 2 ** Math.ceil(Math.log2(Math.max(entries / WAYS, 1)));
    const places = this.#sets * WAYS;
    this.#hashes = new Int32Array(2 * places);
    this.#keptMs = new Float64Array(places).fill(Number.NEGATIVE_INFINITY);
    this.repeats = new Uint32Array(places);
    this.batches = new Float64Array(places).fill(-1);
    this.records = new Uint32Array(places);
  }

  /** The place of a content; one that is not known takes one, kept never. O(1). */
  placeOf(low: number, high: number): number {
    const hashes = this.#hashes;
    const first = (low & (this.#sets - 1)) * WAYS;
    let oldest = first;
    for (let place = first; place < first + WAYS; place++) {
      if (hashes[2 * place] === low && hashes[2 * place + 1] === high) return place;
      if (this.#keptMs[place]! < this.#keptMs[oldest]!) oldest = place;
    }
    hashes[2 * oldest] = low;
    hashes[2 * oldest + 1] = high;
    this.#keptMs[oldest] = Number.NEGATIVE_INFINITY;
    this.repeats[oldest] = 0;
    this.batches[oldest] = -1;
    return oldest;
  }

  /** Whether the content was kept within the window. */
  isRepeat(place: number, nowMs: number): boolean {
    return nowMs - this.#keptMs[place]! < this.#windowMs;
  }

  /** The content is kept now. */
  keep(place: number, nowMs: number): void {
    this.#keptMs[place] = nowMs;
  }
}
