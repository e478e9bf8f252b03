import type { Clock } from '../../core/clock.ts';

/** A sleep that others can cut short. A ring while nobody sleeps cuts the next sleep short. */
export class Alarm {
  readonly #clock: Clock;
  #bell = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#bell.abort(null); // null: without a reason an exception is made, with its stack
  }

  /** Sleeps for `ms` milliseconds, or until it rings. Resolves with whether it rang. */
  async sleep(ms: number): Promise<boolean> {
    const { signal } = this.#bell;
    await this.#clock.sleep(ms, signal);
    if (signal.aborted) this.#bell = new AbortController();
    return signal.aborted;
  }
}
