/** Texts that separate, each at least a byte; of those that fit at a place the longest counts. */
export class Separators {
  readonly #texts: readonly Buffer[];
  readonly #isFirst = new Uint8Array(256);

  constructor(texts: readonly string[]) {
    this.#texts = texts.map((text) => Buffer.from(text)).sort((a, b) => b.length - a.length);
    for (const text of this.#texts) this.#isFirst[text[0]!] = 1;
  }

  /** How long the separator at `at` is; 0: there is none. */
  lengthAt(bytes: Uint8Array, at: number, end: number): number {
    if (at >= end || this.#isFirst[bytes[at]!] === 0) return 0;
    for (const text of this.#texts) if (isAt(text, bytes, at, end)) return text.length;
    return 0;
  }

  /** Where the first separator at or behind `at` is; `end`: there is none. */
  find(bytes: Uint8Array, at: number, end: number): number {
    while (at < end && this.lengthAt(bytes, at, end) === 0) at++;
    return at;
  }
}

function isAt(text: Uint8Array, bytes: Uint8Array, at: number, end: number): boolean {
  if (at + text.length > end) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}
