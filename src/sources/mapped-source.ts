import type { SourceContext } from '../component/definition.ts';
import { Mapping } from '../mapping/mapping.ts';
import { mappingLimits } from '../mapping/mapping-options.ts';
import type { MetricMapping } from '../mapping/metric-mapping.ts';
import { type StartMapping, StartTime } from '../mapping/start-time.ts';
import type { DocumentReader } from './document-reader.ts';
import type { MappedOptions } from './mapped-options.ts';
import { MappedTarget } from './mapped-target.ts';
import { MappingReport } from './mapping-report.ts';
import { ScrapeSource } from './scrape-source.ts';
import { instanceOf, jobOf } from './target-identity.ts';

/** What a source that reads metrics out of documents does for its kind of application. */
export interface DocumentKind {
  /** The URL of a target; null: it names none. */
  readonly urlOf: (target: string) => URL | null;
  readonly mappings: readonly MetricMapping[];
  readonly start?: StartMapping | undefined;
  readonly open: (url: URL) => DocumentReader;
}

/** The source. Its targets must name URLs, and its mappings have passed `checkMappings()`. */
export function buildMappedSource(
  options: MappedOptions & { readonly targets: readonly string[] },
  context: SourceContext,
  { urlOf, mappings, start, open }: DocumentKind,
): ScrapeSource {
  const { name, clock, metrics, logger } = context;
  const report = new MappingReport(name, metrics, logger);
  const job = options.job ?? jobOf(context.resource, name);
  const labels = new Map(Object.entries(options.labels));
  const targets = options.targets.map((target) => {
    const url = urlOf(target)!;
    return new MappedTarget({
      identity: { url, instance: instanceOf(url, context.resource), job, labels },
      documents: open(url),
      mapping: new Mapping(mappings, mappingLimits(options), [...labels]),
      start: start === undefined ? undefined : new StartTime(start),
      resource: () => context.resource,
      report,
      clock,
    });
  });
  return new ScrapeSource({ targets, intervalMs: options.interval, clock });
}
