/** Where in a record a head may stand: at its start, or behind the value of key `id` (which is place `id + 1`). */
export const RECORD_START = 0;

/** Heads longer than this are not remembered: a place takes this many bytes. */
const MAX_HEAD_BYTES = 64;

/**
 * What stood last at each place of a record between two values: the separator, the key and the colon, as they were
 * written. Records of one program have the same keys in the same order, so most heads are known by comparing them with
 * the one that stood there before, eight bytes at once, and nothing in them is looked at again.
 *
 * ```
 *  place            0            1            2
 *  #heads    {"level":   ,"time":     ,"msg":          MAX_HEAD_BYTES apart
 *  #lengths  9           8            7                0: nothing is known
 *  #keys     level       time         msg
 * ```
 * They are compared as doubles: two that are equal have the same bytes, unless they are zeros, which no head is; one that
 * is no number equals nothing, and is read the slow way. Memory is bounded by the key table.
 */
export class ExpectedHeads {
  #heads = new DataView(new ArrayBuffer(256 * MAX_HEAD_BYTES));
  #lengths = new Uint8Array(256);
  #keys = new Uint32Array(256);

  /** The key of the head that `match()` found at `place`. */
  keyAt(place: number): number {
    return this.#keys[place]!;
  }

  /** Where the value starts when the expected head stands at `at` and ends before `end`, or -1. */
  match(place: number, view: DataView, at: number, end: number): number {
    const length = place < this.#lengths.length ? this.#lengths[place]! : 0;
    if (length === 0 || at + length > end) return -1;
    const heads = this.#heads;
    const start = (place * MAX_HEAD_BYTES) | 0;
    // The last word may overlap the one before it: a head has at least the four bytes of `"":` and a separator.
    if (length < 8) {
      const last = (length - 4) | 0;
      if (view.getInt32(at, true) !== heads.getInt32(start, true)) return -1;
      return view.getInt32((at + last) | 0, true) === heads.getInt32((start + last) | 0, true) ? at + length : -1;
    }
    const last = (length - 8) | 0;
    if (view.getFloat64((at + last) | 0, true) !== heads.getFloat64((start + last) | 0, true)) return -1;
    for (let i = 0; i < last; i = (i + 8) | 0) {
      if (view.getFloat64((at + i) | 0, true) !== heads.getFloat64((start + i) | 0, true)) return -1;
    }
    return at + length;
  }

  /** Remembers that `bytes[start, end)` stood at `place` before the value of `key`. */
  expect(place: number, key: number, bytes: Uint8Array, start: number, end: number): void {
    if (end - start > MAX_HEAD_BYTES) return;
    if (place >= this.#lengths.length) this.#grow(place);
    this.#lengths[place] = end - start;
    this.#keys[place] = key;
    for (let i = start, to = place * MAX_HEAD_BYTES; i < end; i++, to++) this.#heads.setUint8(to, bytes[i]!);
  }

  #grow(place: number): void {
    const places = 2 * place;
    const heads = new Uint8Array(places * MAX_HEAD_BYTES);
    heads.set(new Uint8Array(this.#heads.buffer));
    this.#heads = new DataView(heads.buffer);
    const lengths = new Uint8Array(places);
    lengths.set(this.#lengths);
    this.#lengths = lengths;
    const keys = new Uint32Array(places);
    keys.set(this.#keys);
    this.#keys = keys;
  }
}
