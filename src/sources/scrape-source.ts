import type { Clock } from '../core/clock.ts';
import type { Lifetime, Output, Source } from '../core/contracts.ts';
import type { MetricProducer, MetricSet } from '../core/metric.ts';

/** Something that is asked for metrics at intervals. */
export interface ScrapedTarget {
  /** What the last scrape found; undefined: there was none. */
  readonly set: MetricSet | undefined;
  /** Asks it, and finds out how it is doing; never rejects. */
  scrape(signal: AbortSignal): Promise<void>;
  /** Releases connections. */
  close(): void;
}

interface ScrapeSourceOptions {
  readonly targets: readonly ScrapedTarget[];
  readonly intervalMs: number;
  readonly clock: Clock;
}

/**
 * Asks targets for their metrics at each interval, all at once, until it is to end. What the last scrapes found stays
 * there, so that it can still be pushed.
 */
export class ScrapeSource implements Source {
  readonly metrics: MetricProducer;
  readonly #options: ScrapeSourceOptions;
  readonly #listeners = new Set<() => void>();
  #hasScraped = false;

  constructor(options: ScrapeSourceOptions) {
    this.#options = options;
    this.metrics = {
      collect: () => this.#collect(),
      onUpdate: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
    };
  }

  /** Once each target was asked, whether it answered or not. */
  get hasStarted(): boolean {
    return this.#hasScraped;
  }

  async run(_output: Output, { drain, stop }: Lifetime): Promise<void> {
    const { targets, intervalMs, clock } = this.#options;
    const ending = AbortSignal.any([drain, stop]);
    try {
      let nextMs = clock.nowMs();
      while (!ending.aborted) {
        await Promise.all(targets.map((target) => target.scrape(ending)));
        if (ending.aborted) return;
        this.#hasScraped = true;
        for (const listener of this.#listeners) listener();
        // Times that have passed meanwhile, as those of a machine that slept, are not made up for.
        nextMs = Math.max(nextMs + intervalMs, clock.nowMs());
        await clock.sleep(nextMs - clock.nowMs(), ending);
      }
    } finally {
      for (const target of targets) target.close();
    }
  }

  #collect(): MetricSet[] {
    return this.#options.targets.map(({ set }) => set).filter((set) => set !== undefined);
  }
}
