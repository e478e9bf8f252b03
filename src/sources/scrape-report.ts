import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** Counts what came of scrapes, and says when a target goes down and comes back. */
export class ScrapeReport {
  readonly #source: string;
  readonly #metrics: Metrics;
  readonly #logger: Logger;
  /** Why each target that is down is, by URL. */
  readonly #down = new Map<string, string>();

  constructor(source: string, metrics: Metrics, logger: Logger) {
    this.#source = source;
    this.#metrics = metrics;
    this.#logger = logger;
  }

  /** `dropped`: how many samples the target showed that cannot be, by reason. */
  succeeded(url: URL, dropped: Readonly<Record<string, number>>): void {
    const source = this.#source;
    this.#metrics.counter('pillion_scrapes_total', { source, result: 'ok' }).add(1);
    for (const [reason, samples] of Object.entries(dropped))
      this.#metrics.counter('pillion_scrape_dropped_samples_total', { source, reason }).add(samples);
    if (this.#down.delete(url.href))
      this.#logger.info({ source, target: nameOfTarget(url) }, 'Target can be scraped again.');
  }

  /** OpenMetrics of a target is none: it is asked for text from now on. */
  leftOpenMetrics(url: URL, error: string): void {
    this.#logger.warn(
      { source: this.#source, target: nameOfTarget(url), error },
      'OpenMetrics of the target breaks its rules: it is asked for text from now on.',
    );
  }

  failed(url: URL, reason: string, error: string): void {
    const source = this.#source;
    this.#metrics.counter('pillion_scrapes_total', { source, result: reason }).add(1);
    if (this.#down.get(url.href) === reason) return;
    this.#down.set(url.href, reason);
    this.#logger.warn({ source, target: nameOfTarget(url), reason, error }, 'Target cannot be scraped.');
  }
}

/** A target as the log names it: without what can be a secret. */
export function nameOfTarget({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}
