import type { SourceContext } from '../component/definition.ts';
import type { ConfigError } from '../core/errors.ts';
import { checkHttpOptions, createHttpClient } from '../delivery/create-http-client.ts';
import type { HttpOptions } from '../delivery/http-options.ts';
import type { Json } from '../mapping/json.ts';
import type { MetricMapping } from '../mapping/metric-mapping.ts';
import type { StartMapping } from '../mapping/start-time.ts';
import type { DocumentReader } from './document-reader.ts';
import { fetchPage } from './fetch-page.ts';
import { checkTargets, checkTimeout } from './http-targets.ts';
import type { MappedOptions } from './mapped-options.ts';
import { buildMappedSource } from './mapped-source.ts';
import type { ScrapeSource } from './scrape-source.ts';

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

/** Reads a document that is on more than one page. Rejects with a `ScrapeFailure`. */
export type ReadPages = (get: GetPage, url: URL, signal: AbortSignal) => Promise<Json>;

/** A source of pages. Without `readPages` the page at a target is the document. */
export function buildHttpPages(
  options: HttpPagesOptions,
  context: SourceContext,
  kind: PageKind,
  readPages?: ReadPages,
): ScrapeSource {
  const { urlOf, mappings, start } = kind;
  const open = (url: URL): DocumentReader => openHttpPage(options, context, kind, url, readPages);
  return buildMappedSource(options, context, { urlOf, mappings, start, open });
}

/** Documents at a URL over HTTP. */
export function openHttpPage(
  options: HttpPagesOptions,
  { userAgent, clock }: SourceContext,
  { accept, parse }: PageKind,
  url: URL,
  readPages: ReadPages = async (get, url, signal) => parse(await get(url, signal)),
): DocumentReader {
  const setting = { url, userAgent, timeoutMs: options.timeout, maxIdleConnections: 1, clock };
  const client = createHttpClient(options, setting);
  const headers = { accept, 'accept-encoding': 'gzip' };
  const maxBodyBytes = options.max_body_size;
  const request = { headers, maxBodyBytes, timeoutMs: options.timeout, clock };
  const get: GetPage = async (url, signal) => (await fetchPage(client, url, request, signal)).body;
  return { read: (signal) => readPages(get, url, signal), close: () => client.close() };
}
