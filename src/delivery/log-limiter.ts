import type { Clock } from '../core/clock.ts';

/** Lets a message through once in `intervalMs` for each key. Keys are words of the program, never outside text. */
export class LogLimiter {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #windows = new Map<string, { endMs: number; held: number }>();

  constructor(clock: Clock, intervalMs = 60_000) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  /** How many messages of this key were held back since the last one that passed; undefined: hold this one back too. */
  pass(key: string): number | undefined {
    const nowMs = this.#clock.nowMs();
    const window = this.#windows.get(key);
    if (window !== undefined && nowMs < window.endMs) {
      window.held++;
      return undefined;
    }
    this.#windows.set(key, { endMs: nowMs + this.#intervalMs, held: 0 });
    return window?.held ?? 0;
  }
}
