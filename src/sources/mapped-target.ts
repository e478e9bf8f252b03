import type { Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import { LabelSet } from '../core/label-set.ts';
import type { MetricSet } from '../core/metric.ts';
import type { Resource } from '../core/resource.ts';
import type { Evaluated, Mapping } from '../mapping/mapping.ts';
import type { StartTime } from '../mapping/start-time.ts';
import type { DocumentReader } from './document-reader.ts';
import type { MappingReport } from './mapping-report.ts';
import { ScrapeFailure } from './scrape-failure.ts';
import { scrapeFamilies } from './scrape-families.ts';
import type { ScrapedTarget } from './scrape-source.ts';
import { type TargetIdentity, TargetResource } from './target-identity.ts';

export interface MappedTargetOptions {
  readonly identity: TargetIdentity;
  readonly documents: DocumentReader;
  readonly mapping: Mapping;
  /** When the application began to count, as far as the document says it. */
  readonly start: StartTime | undefined;
  /** What the agent knows of itself now. */
  readonly resource: () => Resource;
  readonly report: MappingReport;
  readonly clock: Clock;
}

/** An application whose state is a document, which a mapping reads metrics out of. */
export class MappedTarget implements ScrapedTarget {
  readonly #options: MappedTargetOptions;
  readonly #ownLabels: LabelSet;
  readonly #resource: TargetResource;
  #set: MetricSet | undefined;

  constructor(options: MappedTargetOptions) {
    this.#options = options;
    this.#ownLabels = LabelSet.of(options.identity.labels);
    this.#resource = new TargetResource(options.identity, options.resource);
  }

  get set(): MetricSet | undefined {
    return this.#set;
  }

  async scrape(signal: AbortSignal): Promise<void> {
    const { clock, report, identity, documents, mapping, start } = this.#options;
    const unixMs = clock.unixMs();
    const nowMs = clock.nowMs();
    let found: Evaluated | undefined;
    try {
      const document = await documents.read(signal);
      const startUnixMs = start?.next(document, { unixMs, nowMs, tookMs: clock.nowMs() - nowMs });
      found = mapping.evaluate(document, { unixMs, startUnixMs });
      report.succeeded(identity.url, found.dropped);
    } catch (error) {
      if (signal.aborted) return;
      report.failed(identity.url, error instanceof ScrapeFailure ? error.reason : 'internal', messageOf(error));
    }
    const own = scrapeFamilies(this.#ownLabels, {
      isUp: found !== undefined,
      seconds: (clock.nowMs() - nowMs) / 1000,
      samples: found?.samples ?? 0,
    });
    const ownNames = new Set(own.map(({ name }) => name));
    this.#set = {
      resource: this.#resource.of(undefined),
      scope: { name: '', version: '' },
      naming: 'otlp',
      unixMs,
      families: [...(found?.families ?? []).filter(({ name }) => !ownNames.has(name)), ...own],
    };
  }

  close(): void {
    this.#options.documents.close();
  }
}
