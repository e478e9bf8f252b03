import type { Dropped } from '../mapping/mapping.ts';
import type { DropReason } from '../mapping/metric-mapping.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { nameOfTarget, ScrapeReport } from './scrape-report.ts';

const MESSAGES: Readonly<Record<DropReason, string>> = {
  missing: 'The target does not show a metric: there is nothing at its path.',
  not_number: 'A metric cannot be shown: what is at its path is no number.',
  negative: 'A metric cannot be shown: it counts, and is below zero.',
  state: 'A metric shows no state: what is at its path is none of those that have a name.',
  label:
    'A metric lacks a label: there is nothing at its path. A label with the same text for all is written in quotes of its own.',
  duplicate: 'Values of a metric were left out: others have the same labels.',
  overflow: 'A metric has more series than it may: the rest is added up in one, otel.metric.overflow.',
  elements: 'Values of a metric were left out: there are too many elements to look at.',
};

/** Counts what came of scrapes, and says once of each metric what is wrong with its values. */
export class MappingReport {
  readonly #scrapes: ScrapeReport;
  readonly #source: string;
  readonly #logger: Logger;
  /** What was said; bounded by the metrics and targets of the configuration. */
  readonly #said = new Set<string>();

  constructor(source: string, metrics: Metrics, logger: Logger) {
    this.#scrapes = new ScrapeReport(source, metrics, logger);
    this.#source = source;
    this.#logger = logger;
  }

  succeeded(url: URL, dropped: readonly Dropped[]): void {
    const counts: Record<string, number> = {};
    for (const { reason, count } of dropped) if (reason !== 'label') counts[reason] = (counts[reason] ?? 0) + count;
    this.#scrapes.succeeded(url, counts);
    for (const { metric, reason, path } of dropped) {
      const key = JSON.stringify([url.href, metric, reason, path]);
      if (this.#said.has(key)) continue;
      this.#said.add(key);
      this.#logger.warn({ source: this.#source, target: nameOfTarget(url), metric, path }, MESSAGES[reason]);
    }
  }

  failed(url: URL, reason: string, error: string): void {
    this.#scrapes.failed(url, reason, error);
  }
}
