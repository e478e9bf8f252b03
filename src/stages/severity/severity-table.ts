/** For each byte itself, for capital ASCII letters the small one. */
const SMALL = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));

/**
 * Severity numbers by the bytes of a level, whatever the case of its ASCII letters.
 *
 * ```
 *  slots    [ 0 | 2 | 0 | 1 | … ]     open addressing by hash, word + 1, 0 = free
 *  bounds   [ 0 | 4 | 9 | … ]         word i is bytes[bounds[i] .. bounds[i + 1])
 *  bytes    i n f o e r r o r …       small letters
 *  numbers  [ 9 | 17 | … ]
 * ```
 */
export class SeverityTable {
  readonly #slots: Uint32Array;
  readonly #bounds: Uint32Array;
  readonly #bytes: Uint8Array;
  readonly #numbers: Uint8Array;
  readonly #maxLength: number;

  /** Of entries with one name, whatever its case, the last one counts. */
  constructor(entries: Iterable<readonly [name: string, number: number]>) {
    const numbers = new Map<string, number>();
    for (const [name, number] of entries) numbers.set(smallAscii(name), number);
    const words = [...numbers.keys()].map((name) => Buffer.from(name));
    this.#bytes = Uint8Array.from(Buffer.concat(words));
    this.#bounds = new Uint32Array(words.length + 1);
    this.#numbers = Uint8Array.from(numbers.values());
    this.#maxLength = Math.max(0, ...words.map((word) => word.length));
    // At most a quarter full, so that a word that is not there mostly meets a free slot at once.
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(4 * words.length + 4)));
    for (const [index, word] of words.entries()) {
      this.#bounds[index + 1] = this.#bounds[index]! + word.length;
      this.#slots[this.#slotOf(word, 0, word.length)] = index + 1;
    }
  }

  /** The severity number of the level `bytes[start, end)`; 0: unknown. O(length of the longest name). */
  find(bytes: Uint8Array, start: number, end: number): number {
    if (end - start > this.#maxLength) return 0;
    const found = this.#slots[this.#slotOf(bytes, start, end)]!;
    return found === 0 ? 0 : this.#numbers[found - 1]!;
  }

  /** The slot that holds the word, or the free one where it would be. */
  #slotOf(bytes: Uint8Array, start: number, end: number): number {
    const mask = this.#slots.length - 1;
    let hash = end - start;
    for (let at = start; at < end; at++) hash = Math.imul(hash, 31) + SMALL[bytes[at]!]!;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let found = this.#slots[slot]!; found !== 0; found = this.#slots[slot]!) {
      if (this.#isWord(found - 1, bytes, start, end)) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #isWord(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    let own = this.#bounds[index]!;
    if (this.#bounds[index + 1]! - own !== end - start) return false;
    for (let at = start; at < end; at++) if (SMALL[bytes[at]!] !== this.#bytes[own++]) return false;
    return true;
  }
}

function smallAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}
