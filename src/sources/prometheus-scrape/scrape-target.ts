import { acceptHeader, formatOfContentType } from '../../codec/prometheus/exposition-format.ts';
import { ExpositionError } from '../../codec/prometheus/parse/exposition-error.ts';
import type { ParsedExposition } from '../../codec/prometheus/parse/parse-exposition.ts';
import { parseProtobuf } from '../../codec/prometheus/parse/parse-protobuf.ts';
import { parseOpenMetrics, parseText } from '../../codec/prometheus/parse/parse-text.ts';
import { type Relabel, SeriesCache } from '../../codec/prometheus/parse/series-cache.ts';
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import { LabelSet } from '../../core/label-set.ts';
import type { MetricFamily, MetricSet, MetricType } from '../../core/metric.ts';
import { quoteText } from '../../core/printable.ts';
import { Resource } from '../../core/resource.ts';
import type { HttpAnswer } from '../../delivery/http-answer.ts';
import type { HttpClient } from '../../delivery/http-client.ts';
import type { ScrapeReport } from './scrape-report.ts';
import { type TargetIdentity, targetAttributes } from './target-labels.ts';

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

/** More is a loop. */
const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Why a scrape failed: a word of the metric about it, and a text for the log. */
class ScrapeFailure extends Error {
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** One URL that shows metrics, and what it showed last. */
export class ScrapeTarget {
  readonly #options: ScrapeTargetOptions;
  readonly #cache: SeriesCache;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #ownLabels: LabelSet;
  #resource: { readonly key: readonly [Resource, LabelSet | undefined]; readonly resource: Resource } | undefined;
  #set: MetricSet | undefined;

  constructor(options: ScrapeTargetOptions) {
    this.#options = options;
    this.#cache = new SeriesCache(options.relabel);
    const { nativeHistograms, openMetrics, timeoutMs, identity } = options;
    this.#ownLabels = LabelSet.of(identity.labels);
    this.#headers = {
      accept: acceptHeader([
        ...(nativeHistograms ? ['protobuf' as const] : []),
        ...(openMetrics ? ['openmetrics' as const] : []),
        'text',
      ]),
      'accept-encoding': 'gzip',
      'x-prometheus-scrape-timeout-seconds': String(timeoutMs / 1000),
    };
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
      parsed = this.#parse(await this.#get(signal));
      report.succeeded(identity.url, parsed);
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

  /** The answer, behind the redirects of its host. */
  async #get(signal: AbortSignal): Promise<Extract<HttpAnswer, { kind: 'answer' }>> {
    const { client, maxBodyBytes, identity } = this.#options;
    let url = identity.url;
    for (let redirects = 0; ; redirects++) {
      const path = url.pathname + url.search;
      const request = { method: 'GET' as const, path, headers: this.#headers, maxResponseBytes: maxBodyBytes };
      let answer = await client.send(request, signal);
      // The target closed a kept connection in that moment, which says nothing about it.
      if (answer.kind === 'no_answer' && answer.error.failure === 'stale') answer = await client.send(request, signal);
      switch (answer.kind) {
        case 'no_answer':
          throw new ScrapeFailure(answer.error.failure, answer.error.message);
        case 'response_too_large':
          throw new ScrapeFailure('too_large', `Answer is larger than ${maxBodyBytes} bytes`);
        case 'answer':
          break;
        default:
          answer satisfies never;
      }
      if (answer.status === 200 && answer.isWhole) return answer;
      if (answer.status === 200) throw new ScrapeFailure('cut', 'Answer was cut off, or cannot be decompressed');
      const { location } = answer.headers;
      if (!REDIRECTS.has(answer.status) || location === undefined)
        throw new ScrapeFailure(`http_${answer.status}`, `Answer has status ${answer.status}`);
      url = redirected(url, location, redirects);
    }
  }

  #parse(answer: Extract<HttpAnswer, { kind: 'answer' }>): ParsedExposition {
    const { honorTimestamps, sampleLimit } = this.#options;
    const contentType = answer.headers['content-type'] ?? '';
    const format = formatOfContentType(contentType);
    if (format === undefined)
      throw new ScrapeFailure('content_type', `Answer is no metrics, but ${quoteText(contentType)}`);
    let parsed: ParsedExposition;
    try {
      parsed = PARSERS[format.kind](answer.body, { cache: this.#cache, honorTimestamps });
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
    const own = new Map([
      ['up', this.#gauge('up', '', 'Whether the last scrape succeeded.', parsed === undefined ? 0 : 1)],
      ['scrape_duration_seconds', this.#gauge('scrape_duration_seconds', 's', 'How long the scrape took.', seconds)],
      [
        'scrape_samples_scraped',
        this.#gauge('scrape_samples_scraped', '', 'How many samples the target showed.', parsed?.samples ?? 0),
      ],
    ]);
    return {
      resource: this.#resourceOf(info?.points[0]?.labels),
      scope: { name: '', version: '' },
      naming: 'prometheus',
      unixMs,
      families: [...families.filter(({ name }) => !own.has(name)), ...own.values()],
    };
  }

  #gauge(name: string, unit: string, description: string, value: number, type: MetricType = 'gauge'): MetricFamily {
    return { name, type, unit, description, points: [{ kind: 'number', labels: this.#ownLabels, value }] };
  }

  /** The same object as long as nothing of it changes. */
  #resourceOf(info: LabelSet | undefined): Resource {
    const own = this.#options.resource();
    const before = this.#resource;
    if (before?.key[0] === own && before.key[1] === info) return before.resource;
    const resource = new Resource(targetAttributes(this.#options.identity, own, info));
    this.#resource = { key: [own, info], resource };
    return resource;
  }
}

const PARSERS = { text: parseText, openmetrics: parseOpenMetrics, protobuf: parseProtobuf };

/** Where a redirect leads: only to the host that was asked, which alone gets the credentials. */
function redirected(from: URL, location: string, redirects: number): URL {
  const url = URL.parse(location, from.href);
  if (url === null || url.origin !== from.origin) {
    const where = quoteText(url?.origin ?? location);
    throw new ScrapeFailure('redirect', `Answer leads elsewhere, to ${where}; name that as the target instead`);
  }
  if (redirects >= MAX_REDIRECTS)
    throw new ScrapeFailure('redirect', `Answer leads on more than ${MAX_REDIRECTS} times`);
  return url;
}
