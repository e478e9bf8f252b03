import { ByteBuffer } from '../../bytes/byte-buffer.ts';
import { LOCAL_KEY_BASE } from '../../core/key-table.ts';

/** Where in a record a key may stand: at its start, or behind the key `id` (which is place `id + 1`). */
export const RECORD_START = 0;

/**
 * Which key came last at each place of a record. Records of one program have the same keys in the same order, so a key
 * is compared with the one that stood there before, four bytes at once, and needs no look-up.
 *
 * ```
 *  heads    l e v e l " :   t i m e " :   …            a key with its quote and colon, once a key
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

  /** Where the value may start when `key` stands at `at` with a quote and a colon behind it, or -1. Looks at 3 bytes more. */
  match(key: number, view: DataView<ArrayBuffer>, at: number): number {
    const heads = this.#heads.view;
    const end = this.#bounds[2 * key + 1]!;
    let i = this.#bounds[2 * key]!;
    for (; i + 4 <= end; i += 4, at += 4) if (view.getInt32(at, true) !== heads.getInt32(i, true)) return -1;
    for (; i < end; i++, at++) if (view.getUint8(at) !== heads.getUint8(i)) return -1;
    return at;
  }

  /** Remembers that `key`, written as `bytes[start, end)` without escapes, stood at `place`. */
  expect(place: number, key: number, bytes: Uint8Array, start: number, end: number): void {
    if (key >= LOCAL_KEY_BASE) return;
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
      this.#heads.append(bytes.subarray(start, end));
      this.#heads.append(QUOTE_AND_COLON);
      this.#bounds[2 * key + 1] = this.#heads.length;
    }
    this.#keyAt[place] = key + 1;
  }
}

const QUOTE_AND_COLON = Buffer.from('":');
