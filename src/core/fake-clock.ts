import type { Clock } from './clock.ts';

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #nowMs = 0;
  #sleepers: Sleeper[] = [];
  #waiters: { count: number; resolve: () => void }[] = [];
  readonly #epochMs: number;

  constructor(epochMs = Date.UTC(2026, 0, 1)) {
    this.#epochMs = epochMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  unixMs(): number {
    return this.#epochMs + this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        callOff();
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const callOff = this.after(ms, wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  after(ms: number, then: () => void): () => void {
    const callOff = (): void => {
      this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
    };
    const wake = (): void => {
      callOff();
      then();
    };
    const sleeper: Sleeper = { dueMs: this.#nowMs + Math.max(ms, 0), wake };
    this.#sleepers.push(sleeper);
    this.#waiters = this.#waiters.filter((waiter) => {
      if (this.#sleepers.length < waiter.count) return true;
      waiter.resolve();
      return false;
    });
    return callOff;
  }

  /** How many callers sleep now. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Resolves once at least `count` callers sleep: the moment at which a test may move the clock. */
  untilSleeping(count = 1): Promise<void> {
    if (this.#sleepers.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ count, resolve }));
  }

  /** Moves the clock by `ms`, waking sleepers in the order in which they are due; each runs before the next is woken. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const due = this.#sleepers.filter((sleeper) => sleeper.dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0];
      if (due === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, due.dueMs);
      due.wake();
      await new Promise(setImmediate);
    }
    this.#nowMs = endMs;
  }
}
