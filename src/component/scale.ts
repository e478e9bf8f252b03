/** Multiplies with a number; by 1/n it divides by n, so that 9 milliseconds are 0.009 seconds and not a little more. */
export class Scale {
  readonly #factor: number;
  readonly #divisor: number;

  constructor(factor: number) {
    const divisor = Math.round(1 / factor);
    const isFraction = factor < 1 && Math.abs(1 / factor - divisor) < 1e-9 * divisor;
    this.#factor = isFraction ? 1 : factor;
    this.#divisor = isFraction ? divisor : 1;
  }

  of(value: number): number {
    return (value * this.#factor) / this.#divisor;
  }
}
