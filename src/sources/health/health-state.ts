/** How an application is, as far as checks have said so often enough. */
export type Health = 'unknown' | 'up' | 'down';

/** Makes of single results a state that does not change with each of them. */
export class HealthState {
  readonly #successThreshold: number;
  readonly #failureThreshold: number;
  #health: Health;
  /** How many results in a row were like the last one. */
  #passed = false;
  #inRow = 0;

  /** How many results in a row change the state; `health`: what is known already. */
  constructor(successThreshold: number, failureThreshold: number, health: Health = 'unknown') {
    this.#health = health;
    this.#successThreshold = successThreshold;
    this.#failureThreshold = failureThreshold;
  }

  get health(): Health {
    return this.#health;
  }

  /** Takes a result, and gives the state before if that has changed. */
  take(passed: boolean): Health | undefined {
    this.#inRow = passed === this.#passed ? this.#inRow + 1 : 1;
    this.#passed = passed;
    const next = passed ? 'up' : 'down';
    const threshold = passed ? this.#successThreshold : this.#failureThreshold;
    if (this.#health === next || this.#inRow < threshold) return undefined;
    const before = this.#health;
    this.#health = next;
    return before;
  }
}
