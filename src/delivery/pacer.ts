import type { Clock } from '../core/clock.ts';

/** A peer that has answered nothing for so long was away, and the next answer says that it is back. */
const SILENCE_MS = 1000;

/** Holds the requests of one sink back: each for its own back-off, and all of them while the peer has asked for that. */
export class Pacer {
  readonly #clock: Clock;
  #pausedUntilMs = 0;
  #hurry = new AbortController();
  #recovery = new AbortController();
  #answeredMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Lets no request of the sink pass for `delayMs`. A pause that lasts longer stays. */
  pause(delayMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#clock.nowMs() + delayMs);
  }

  /**
   * Resolves when `delayMs` have passed and no pause is left, with false; or earlier, with true: at once when `hurry()` is
   * called, and when `answered()` finds that the peer is back, as soon as no pause is left.
   */
  async wait(delayMs: number): Promise<boolean> {
    const hurry = this.#hurry.signal;
    const recovery = this.#recovery.signal;
    const dueMs = this.#clock.nowMs() + delayMs;
    while (!hurry.aborted) {
      const untilMs = recovery.aborted ? this.#pausedUntilMs : Math.max(dueMs, this.#pausedUntilMs);
      const leftMs = untilMs - this.#clock.nowMs();
      if (leftMs <= 0) return recovery.aborted;
      await this.#clock.sleep(leftMs, recovery.aborted ? hurry : AbortSignal.any([hurry, recovery]));
    }
    return true;
  }

  /**
   * Takes note of an answer. When it is the first one after a silence, the peer is back: what waits in a back-off that
   * grew meanwhile would come long after what is read now, so it goes at once. Answers in between other failures end no
   * wait, so that a request which fails alone is not sent again with each answer to another.
   */
  answered(): void {
    const nowMs = this.#clock.nowMs();
    const isBack = nowMs - this.#answeredMs >= SILENCE_MS;
    this.#answeredMs = nowMs;
    if (!isBack) return;
    const recovery = this.#recovery;
    this.#recovery = new AbortController();
    recovery.abort(null); // null: without a reason an exception is made, with its stack
  }

  /** Ends the pause and every wait that goes on now. Waits that begin later are waited out. */
  hurry(): void {
    this.#pausedUntilMs = 0;
    const hurry = this.#hurry;
    this.#hurry = new AbortController();
    hurry.abort(null); // null: without a reason an exception is made, with its stack
  }
}
