import type { Clock } from '../core/clock.ts';
import type { Lifetime, Output, Source } from '../core/contracts.ts';
import type { MetricProducer, MetricSet } from '../core/metric.ts';

export interface IntervalSourceOptions {
  /** Takes the readings of one moment. Never rejects; what it gives when `signal` has aborted is not looked at. */
  readonly read: (signal: AbortSignal) => Promise<readonly MetricSet[]>;
  readonly intervalMs: number;
  readonly clock: Clock;
}

/** Takes readings at each interval until it is to end. The last ones stay there, so that they can still be pushed. */
export class IntervalSource implements Source {
  readonly metrics: MetricProducer;
  readonly #options: IntervalSourceOptions;
  readonly #listeners = new Set<() => void>();
  #sets: readonly MetricSet[] = [];

  constructor(options: IntervalSourceOptions) {
    this.#options = options;
    this.metrics = {
      collect: () => this.#sets,
      onUpdate: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
    };
  }

  async run(_output: Output, { drain, stop }: Lifetime): Promise<void> {
    const { read, intervalMs, clock } = this.#options;
    const ending = AbortSignal.any([drain, stop]);
    let nextMs = clock.nowMs();
    while (!ending.aborted) {
      const sets = await read(ending);
      if (ending.aborted) return;
      this.#sets = sets;
      for (const listener of this.#listeners) listener();
      // Times that have passed meanwhile, as those of a machine that slept, are not made up for.
      nextMs = Math.max(nextMs + intervalMs, clock.nowMs());
      await clock.sleep(nextMs - clock.nowMs(), ending);
    }
  }
}
