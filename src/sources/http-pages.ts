import type { SourceContext } from '../component/definition.ts';
import type { ConfigError } from '../core/errors.ts';
import { checkHttpOptions, createHttpClient } from '../delivery/create-http-client.ts';
import type { HttpClient } from '../delivery/http-client.ts';
import type { HttpOptions } from '../delivery/http-options.ts';
import type { Json } from '../mapping/json.ts';
import { Mapping } from '../mapping/mapping.ts';
import { mappingLimits } from '../mapping/mapping-options.ts';
import type { MetricMapping } from '../mapping/metric-mapping.ts';
import { type StartMapping, StartTime } from '../mapping/start-time.ts';
import { fetchPage } from './fetch-page.ts';
import { checkTargets, checkTimeout } from './http-targets.ts';
import type { MappedOptions } from './mapped-options.ts';
import { MappedTarget } from './mapped-target.ts';
import { MappingReport } from './mapping-report.ts';
import { ScrapeSource } from './scrape-source.ts';
import { instanceOf, jobOf } from './target-identity.ts';

/** Options of a source that asks pages over HTTP. */
export interface HttpPagesOptions extends MappedOptions, HttpOptions {
  readonly targets: readonly string[];
}

/** What is on a page, and where it is. */
export interface PageKind {
  /** The URL of a target; null: it names none. */
  readonly urlOf: (target: string) => URL | null;
  /** For hints. */
  readonly example: string;
  /** The content types that are asked for. */
  readonly accept: string;
  /** Reads the page. Throws a `ScrapeFailure`. */
  readonly parse: (body: Buffer) => Json;
  readonly mappings: readonly MetricMapping[];
  readonly start?: StartMapping | undefined;
}

/** Gets one page of an application. Rejects with a `ScrapeFailure`. */
export type GetPage = (url: URL, signal: AbortSignal) => Promise<Buffer>;

/** What is wrong with the options. */
export function checkHttpPages(options: HttpPagesOptions, { urlOf, example }: PageKind): ConfigError[] {
  return [
    ...checkTargets(options.targets, urlOf, example),
    ...checkTimeout(options),
    ...checkHttpOptions(options, urlOf(options.targets[0] ?? ''), 'targets'),
  ];
}

/**
 * A source of pages. `readDocument` is for applications whose document is on more than one page; left out: the page at
 * the target is the document.
 */
export function buildHttpPages(
  options: HttpPagesOptions,
  context: SourceContext,
  kind: PageKind,
  readDocument: (get: GetPage, url: URL, signal: AbortSignal) => Promise<Json> = async (get, url, signal) =>
    kind.parse(await get(url, signal)),
): ScrapeSource {
  const { name, clock, metrics, logger, userAgent } = context;
  const report = new MappingReport(name, metrics, logger);
  const job = options.job ?? jobOf(context.resource, name);
  const labels = new Map(Object.entries(options.labels));
  const targets = options.targets.map((target) => {
    const url = kind.urlOf(target)!;
    const client = createHttpClient(options, {
      url,
      userAgent,
      timeoutMs: options.timeout,
      maxIdleConnections: 1,
      clock,
    });
    const get = getPage(client, kind.accept, options.max_body_size);
    return new MappedTarget({
      identity: { url, instance: instanceOf(url), job, labels },
      read: (signal) => readDocument(get, url, signal),
      close: () => client.close(),
      mapping: new Mapping(kind.mappings, mappingLimits(options), [...labels]),
      start: kind.start === undefined ? undefined : new StartTime(kind.start),
      resource: () => context.resource,
      report,
      clock,
    });
  });
  return new ScrapeSource({ targets, intervalMs: options.interval, clock });
}

function getPage(client: HttpClient, accept: string, maxBodyBytes: number): GetPage {
  const headers = { accept, 'accept-encoding': 'gzip' };
  return async (url, signal) => (await fetchPage(client, url, { headers, maxBodyBytes }, signal)).body;
}
