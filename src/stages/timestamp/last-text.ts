const MAX_LENGTH = 64;

/** The bytes of the last text that was read, to see that the next one is the same. Longer ones than 64 never are. */
export class LastText {
  readonly #bytes = new Uint8Array(MAX_LENGTH);
  #length = -1;

  /** Whether `bytes[start, end)` is that text. From its end: that is where two times differ. */
  is(bytes: Uint8Array, start: number, end: number): boolean {
    let i = end - start;
    if (i !== this.#length) return false;
    while (i > 0 && bytes[start + i - 1] === this.#bytes[i - 1]) i--;
    return i === 0;
  }

  remember(bytes: Uint8Array, start: number, end: number): void {
    this.#length = end - start <= MAX_LENGTH ? end - start : -1;
    for (let i = 0; i < this.#length; i++) this.#bytes[i] = bytes[start + i]!;
  }

  forget(): void {
    this.#length = -1;
  }
}
