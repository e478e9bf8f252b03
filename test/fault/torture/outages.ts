import { setTimeout as wait } from 'node:timers/promises';
import type { Outage } from './plan.ts';
import type { TortureBackend } from './torture-backend.ts';

/** The outages of a backend, as they happen. Times are those of `performance.now()`. */
export class Outages {
  readonly #happened: { readonly fromMs: number; toMs: number }[] = [];

  /** Lets all of them happen. */
  async run(backend: TortureBackend, planned: readonly Outage[]): Promise<void> {
    const startMs = performance.now();
    for (const { atMs, forMs, kind } of planned) {
      await wait(startMs + atMs - performance.now());
      const outage = { fromMs: performance.now(), toMs: Number.POSITIVE_INFINITY };
      this.#happened.push(outage);
      await backend.beginOutage(kind);
      await wait(forMs);
      await backend.endOutage(kind);
      outage.toMs = performance.now();
    }
  }

  /** The moment `ms` before `atMs`, not counting outages. */
  before(atMs: number, ms: number): number {
    let momentMs = atMs - ms;
    for (const { fromMs, toMs } of this.#happened.toReversed()) {
      if (toMs > momentMs) momentMs -= Math.min(toMs, atMs) - fromMs;
    }
    return momentMs;
  }
}
