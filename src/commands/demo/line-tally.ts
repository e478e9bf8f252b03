/** Line numbers from here on are none of the demo's. */
const MAX_LINE = 2 ** 30;

/** Counts line numbers, each once: a bit a line. */
export class LineTally {
  distinct = 0;
  repeats = 0;
  #seen = new Uint8Array(1024);

  /** Counts `line`; false when it cannot be a line number. Amortized O(1). */
  add(line: number): boolean {
    if (!Number.isInteger(line) || line < 1 || line >= MAX_LINE) return false;
    const at = line >>> 3;
    if (at >= this.#seen.length) this.#grow(at + 1);
    const bit = 1 << (line & 7);
    if ((this.#seen[at]! & bit) !== 0) this.repeats++;
    else this.distinct++;
    this.#seen[at]! |= bit;
    return true;
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, 2 * this.#seen.length));
    grown.set(this.#seen);
    this.#seen = grown;
  }
}
