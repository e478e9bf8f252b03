/** Numbers from a seed: the same seed gives the same numbers (the mixing function of splitmix32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** An unsigned 32-bit number. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + (this.next() % (max - min + 1));
  }

  /** One of `choices`, of which there is at least one. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.next() % choices.length]!;
  }

  /** The same elements in another order. */
  shuffle<T>(elements: readonly T[]): T[] {
    const shuffled = [...elements];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.next() % (last + 1);
      [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
    }
    return shuffled;
  }
}

/** Cards that are dealt one by one, again from the start when all are: whatever is in the deck does come. */
export class Deck<T> {
  readonly #cards: readonly T[];
  #dealt = 0;

  /** A deck of `cards`, of which there is at least one, in this order. */
  constructor(cards: readonly T[]) {
    this.#cards = cards;
  }

  deal(): T {
    return this.#cards[this.#dealt++ % this.#cards.length]!;
  }
}
