import type { Clock } from '../core/clock.ts';
import { quoteText } from '../core/printable.ts';
import type { HttpAnswer } from '../delivery/http-answer.ts';
import type { HttpClient } from '../delivery/http-client.ts';
import { ScrapeFailure } from './scrape-failure.ts';

/** What an application shows at a URL. */
export interface Page {
  /** As it is written in the answer; empty: there is none. */
  readonly contentType: string;
  readonly body: Buffer;
}

/** How a page is asked for. */
export interface PageRequest {
  readonly headers: Readonly<Record<string, string>>;
  /** Also after decompression. */
  readonly maxBodyBytes: number;
  /** For all of it, redirects included. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** More is a loop. */
const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Gets the page at `url`, behind the redirects of its host. Rejects with a `ScrapeFailure`. */
export async function fetchPage(
  client: HttpClient,
  url: URL,
  { headers, maxBodyBytes, timeoutMs, clock }: PageRequest,
  signal: AbortSignal,
): Promise<Page> {
  const endMs = clock.nowMs() + timeoutMs;
  let at = url;
  for (let redirects = 0; ; redirects++) {
    const path = at.pathname + at.search;
    const ask = (): Promise<HttpAnswer> => {
      const leftMs = Math.max(Math.ceil(endMs - clock.nowMs()), 0);
      const request = { method: 'GET' as const, path, headers, maxResponseBytes: maxBodyBytes, timeoutMs: leftMs };
      return client.send(request, signal);
    };
    let answer = await ask();
    // The target closed a kept connection in that moment, which says nothing about it.
    if (answer.kind === 'no_answer' && answer.error.failure === 'stale') answer = await ask();
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
    if (answer.status === 200 && !answer.isWhole)
      throw new ScrapeFailure('cut', 'Answer was cut off, or cannot be decompressed');
    if (answer.status === 200) return { contentType: answer.headers['content-type'] ?? '', body: answer.body };
    const { location } = answer.headers;
    if (!REDIRECTS.has(answer.status) || location === undefined)
      throw new ScrapeFailure(`http_${answer.status}`, `Answer has status ${answer.status}`);
    at = redirected(at, location, redirects);
  }
}

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
