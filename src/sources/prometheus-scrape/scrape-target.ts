import { acceptHeader, formatOfContentType } from '../../codec/prometheus/exposition-format.ts';
import { ExpositionError } from '../../codec/prometheus/parse/exposition-error.ts';
import type { ParsedExposition } from '../../codec/prometheus/parse/parse-exposition.ts';
import { parseProtobuf } from '../../codec/prometheus/parse/parse-protobuf.ts';
import { parseOpenMetrics, parseText } from '../../codec/prometheus/parse/parse-text.ts';
import { type Relabel, SeriesCache } from '../../codec/prometheus/parse/series-cache.ts';
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import { LabelSet } from '../../core/label-set.ts';
import type { MetricSet } from '../../core/metric.ts';
import { quoteText } from '../../core/printable.ts';
import type { Resource } from '../../core/resource.ts';
import type { HttpClient } from '../../delivery/http-client.ts';
import { fetchPage, type Page } from '../fetch-page.ts';
import { ScrapeFailure } from '../scrape-failure.ts';
import { scrapeFamilies } from '../scrape-families.ts';
import type { ScrapeReport } from '../scrape-report.ts';
import type { ScrapedTarget } from '../scrape-source.ts';
import { type TargetIdentity, TargetResource } from '../target-identity.ts';

export interface ScrapeTargetOptions {
  readonly identity: TargetIdentity;
  readonly client: HttpClient;
  readonly relabel: Relabel;
  readonly honorTimestamps: boolean;
  readonly nativeHistograms: boolean;
  readonly openMetrics: boolean;
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  /** How many samples may be left after relabelling. */
  readonly sampleLimit: number | undefined;
  /** What the agent knows of itself now. */
  readonly resource: () => Resource;
  readonly report: ScrapeReport;
  readonly clock: Clock;
}

/** One URL that shows metrics, and what it showed last. */
export class ScrapeTarget implements ScrapedTarget {
  readonly #options: ScrapeTargetOptions;
  readonly #cache: SeriesCache;
  /** Whether OpenMetrics is asked for: until what comes breaks its rules. */
  #isOpenMetricsWanted: boolean;
  readonly #ownLabels: LabelSet;
  readonly #resource: TargetResource;
  #set: MetricSet | undefined;

  constructor(options: ScrapeTargetOptions) {
    this.#options = options;
    this.#cache = new SeriesCache(options.relabel);
    const { openMetrics, identity } = options;
    this.#isOpenMetricsWanted = openMetrics;
    this.#ownLabels = LabelSet.of(identity.labels);
    this.#resource = new TargetResource(identity, options.resource);
  }

  /** What the last scrape found; undefined: there was none. */
  get set(): MetricSet | undefined {
    return this.#set;
  }

  /** Scrapes once. Never rejects; does nothing when `signal` aborts first. */
  async scrape(signal: AbortSignal): Promise<void> {
    const { clock, report, identity } = this.#options;
    const unixMs = clock.unixMs();
    const startMs = clock.nowMs();
    let parsed: ParsedExposition | undefined;
    try {
      parsed = await this.#read(signal);
      report.succeeded(identity.url, { duplicate: parsed.duplicates, incomplete: parsed.incomplete });
    } catch (error) {
      if (signal.aborted) return;
      report.failed(identity.url, error instanceof ScrapeFailure ? error.reason : 'internal', messageOf(error));
    }
    this.#cache.endExposition();
    this.#set = this.#setOf(parsed, unixMs, (clock.nowMs() - startMs) / 1000);
  }

  close(): void {
    this.#options.client.close();
  }

  async #read(signal: AbortSignal): Promise<ParsedExposition> {
    const page = await this.#get(signal);
    try {
      return this.#parse(page);
    } catch (error) {
      if (!this.#isOpenMetricsWanted || !isBrokenOpenMetrics(page, error)) throw error;
      // Prometheus overlooks what many libraries do, such as a counter with the name of a gauge; as text it is right.
      this.#isOpenMetricsWanted = false;
      this.#cache.endExposition();
      const parsed = this.#parse(await this.#get(signal));
      this.#options.report.leftOpenMetrics(this.#options.identity.url, messageOf(error));
      return parsed;
    }
  }

  #get(signal: AbortSignal): Promise<Page> {
    const { client, maxBodyBytes, timeoutMs, clock, identity } = this.#options;
    return fetchPage(client, identity.url, { headers: this.#headers(), maxBodyBytes, timeoutMs, clock }, signal);
  }

  #headers(): Readonly<Record<string, string>> {
    const { nativeHistograms, timeoutMs } = this.#options;
    return {
      accept: acceptHeader([
        ...(nativeHistograms ? ['protobuf' as const] : []),
        ...(this.#isOpenMetricsWanted ? ['openmetrics' as const] : []),
        'text',
      ]),
      'accept-encoding': 'gzip',
      'x-prometheus-scrape-timeout-seconds': String(timeoutMs / 1000),
    };
  }

  #parse(page: Page): ParsedExposition {
    const { honorTimestamps, sampleLimit } = this.#options;
    const { contentType } = page;
    const format = formatOfContentType(contentType);
    if (format === undefined)
      throw new ScrapeFailure('content_type', `Answer is no metrics, but ${quoteText(contentType)}`);
    let parsed: ParsedExposition;
    try {
      parsed = PARSERS[format.kind](page.body, { cache: this.#cache, honorTimestamps });
    } catch (error) {
      if (error instanceof ExpositionError) throw new ScrapeFailure('parse', error.message);
      throw error;
    }
    if (sampleLimit !== undefined && parsed.kept > sampleLimit)
      throw new ScrapeFailure('sample_limit', `Answer has ${parsed.kept} samples, and ${sampleLimit} are allowed`);
    return parsed;
  }

  /** What was found, and what there is to say of the scrape itself. */
  #setOf(parsed: ParsedExposition | undefined, unixMs: number, seconds: number): MetricSet {
    const families = [...(parsed?.families ?? [])];
    const infoAt = families.findIndex(({ name, points }) => name === 'target_info' && points.length === 1);
    const [info] = infoAt < 0 ? [] : families.splice(infoAt, 1);
    const own = scrapeFamilies(this.#ownLabels, {
      isUp: parsed !== undefined,
      seconds,
      samples: parsed?.samples ?? 0,
    });
    const ownNames = new Set(own.map(({ name }) => name));
    return {
      resource: this.#resource.of(info?.points[0]?.labels),
      scope: { name: '', version: '' },
      naming: 'prometheus',
      unixMs,
      families: [...families.filter(({ name }) => !ownNames.has(name)), ...own],
    };
  }
}

const PARSERS = { text: parseText, openmetrics: parseOpenMetrics, protobuf: parseProtobuf };

function isBrokenOpenMetrics({ contentType }: Page, error: unknown): boolean {
  return (
    error instanceof ScrapeFailure &&
    error.reason === 'parse' &&
    formatOfContentType(contentType)?.kind === 'openmetrics'
  );
}
