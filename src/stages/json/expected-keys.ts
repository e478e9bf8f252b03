import { ByteBuffer } from '../../bytes/byte-buffer.ts';
import { LOCAL_KEY_BASE } from '../../core/key-table.ts';

/** Where in a record a key may stand: at its start, or behind the key `id` (which is place `id + 1`). */
export const RECORD_START = 0;

/**
 * Which key came last at each place of a record. Records of one program have the same keys in the same order, so a key
 * is compared with the one that stood there before, four bytes at once, and needs no look-up.
 *
 * ```
 *  heads    " l e v e l " :   " t i m e " :   …        a key with quotes and colon
 *  #keyAt   [ level | time | … ]                       by place: the id + 1 of the key that is expected, 0 = none
 * ```
 */
export class ExpectedKeys {
  readonly #heads = new ByteBuffer(4096);
  /** By key id: start and end of its head; end 0: not made yet. */
  #bounds = new Uint32Array(1024);
  #keyAt = new Uint32Array(512);

  /** The key that is expected at `place`, or -1. */
  keyAt(place: number): number {
    return place < this.#keyAt.length ? this.#keyAt[place]! - 1 : -1;
  }

  /**
   * Where the value may start when `key` stands at `at`, in quotes and with a colon behind it, before `end`; else -1.
   * Looks at whole words: the last one may overlap the one before it.
   */
  match(key: number, view: DataView<ArrayBuffer>, at: number, end: number): number {
    const heads = this.#heads.view;
    const start = this.#bounds[2 * key]!;
    const last = this.#bounds[2 * key + 1]! - start - 4;
    if (at + last + 4 > end) return -1;
    for (let i = 0; i < last; i += 4) {
      if (view.getInt32(at + i, true) !== heads.getInt32(start + i, true)) return -1;
    }
    return view.getInt32(at + last, true) === heads.getInt32(start + last, true) ? at + last + 4 : -1;
  }

  /** Remembers that `key`, written as `bytes[start, end)` without escapes, stood at `place`. */
  expect(place: number, key: number, bytes: Uint8Array, start: number, end: number): void {
    if (key >= LOCAL_KEY_BASE || start === end) return;
    const longest = 2 * (Math.max(place, key) + 1);
    if (longest > this.#bounds.length) {
      const bounds = new Uint32Array(2 * longest);
      bounds.set(this.#bounds);
      this.#bounds = bounds;
      const keyAt = new Uint32Array(longest);
      keyAt.set(this.#keyAt);
      this.#keyAt = keyAt;
    }
    if (this.#bounds[2 * key + 1] === 0) {
      this.#bounds[2 * key] = this.#heads.length;
      this.#heads.append(QUOTE);
      this.#heads.append(bytes.subarray(start, end));
      this.#heads.append(QUOTE_AND_COLON);
      this.#bounds[2 * key + 1] = this.#heads.length;
    }
    this.#keyAt[place] = key + 1;
  }
}

const QUOTE = Buffer.from('"');
const QUOTE_AND_COLON = Buffer.from('":');
