/**
 * The waits before the attempts of one request: each is drawn between 0 and a ceiling that doubles from `initialMs` to
 * `maxMs`. So many agents that lost the same peer in the same moment do not come back in the same moment.
 */
export class Backoff {
  readonly #initialMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #ceilingMs: number;

  /** `random` answers numbers in [0, 1). */
  constructor(options: { initialMs: number; maxMs: number; random?: () => number }) {
    this.#initialMs = options.initialMs;
    this.#maxMs = options.maxMs;
    this.#random = options.random ?? Math.random;
    this.#ceilingMs = Math.min(this.#initialMs, this.#maxMs);
  }

  /** How long to wait now; the next wait may be twice as long. */
  nextMs(): number {
    const ceilingMs = this.#ceilingMs;
    this.#ceilingMs = Math.min(2 * ceilingMs, this.#maxMs);
    return this.#random() * ceilingMs;
  }

  /** After a success. */
  reset(): void {
    this.#ceilingMs = Math.min(this.#initialMs, this.#maxMs);
  }
}
