import type { Clock } from '../core/clock.ts';

/** Holds the requests of one sink back: each for its own back-off, and all of them while the peer has asked for that. */
export class Pacer {
  readonly #clock: Clock;
  #pausedUntilMs = 0;
  #hurry = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Lets no request of the sink pass for `delayMs`. A pause that lasts longer stays. */
  pause(delayMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#clock.nowMs() + delayMs);
  }

  /**
   * Resolves when `delayMs` have passed and no pause is left, with false, or as soon as `hurry()` is called, with true.
   */
  async wait(delayMs: number): Promise<boolean> {
    const hurry = this.#hurry.signal;
    const dueMs = this.#clock.nowMs() + delayMs;
    while (!hurry.aborted) {
      const leftMs = Math.max(dueMs, this.#pausedUntilMs) - this.#clock.nowMs();
      if (leftMs <= 0) return false;
      await this.#clock.sleep(leftMs, hurry);
    }
    return true;
  }

  /** Ends the pause and every wait that goes on now. Waits that begin later are waited out. */
  hurry(): void {
    this.#pausedUntilMs = 0;
    const hurry = this.#hurry;
    this.#hurry = new AbortController();
    hurry.abort(null); // null: without a reason an exception is made, with its stack
  }
}
