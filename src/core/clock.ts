/** Time as an argument. The agent gets a `SystemClock`, tests a `FakeClock` that they move by hand. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start: for every interval and time-out. */
  nowMs(): number;
  /** Wall-clock milliseconds since 1970: only for what is written into records and shown to people. */
  unixMs(): number;
  /**
   * Resolves after `ms` milliseconds, or as soon as `signal` aborts, whichever is first. Never rejects: the caller
   * looks at the signal. Holds no listener once it has resolved.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Calls `then` after `ms` milliseconds, unless what it returns is called first, which may also be called later. For
   * time-outs of what happens often: to call off a sleep by a signal of its own costs 0.1 ms.
   */
  after(ms: number, then: () => void): () => void;
}

/** The longest delay a Node timer takes; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The time of the machine. */
export class SystemClock implements Clock {
  nowMs(): number {
    return performance.now();
  }

  unixMs(): number {
    return Date.now();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        callOff();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const callOff = this.after(ms, done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  after(ms: number, then: () => void): () => void {
    const timer = setTimeout(then, Math.min(Math.max(ms, 0), MAX_TIMER_MS));
    return () => clearTimeout(timer);
  }
}
