import { fastCgiRequest } from '../../codec/fastcgi/request.ts';
import { type FastCgiResponse, FastCgiResponseReader, parseCgi } from '../../codec/fastcgi/response-reader.ts';
import type { Clock } from '../../core/clock.ts';
import { askTcp } from '../ask-tcp.ts';
import { ScrapeFailure } from '../scrape-failure.ts';

/** How much of an answer its headers may take. */
const MAX_HEAD_BYTES = 16_384;

/** Asks PHP-FPM for a page by FastCGI, as a web server does. Rejects with a `ScrapeFailure`. */
export async function askPhpFpm(
  url: URL,
  { maxBytes, timeoutMs, clock }: { readonly maxBytes: number; readonly timeoutMs: number; readonly clock: Clock },
  signal: AbortSignal,
): Promise<Buffer> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port);
  const request = fastCgiRequest([
    ['SCRIPT_NAME', url.pathname],
    ['SCRIPT_FILENAME', url.pathname],
    ['REQUEST_METHOD', 'GET'],
    ['QUERY_STRING', url.search.slice(1)],
  ]);
  const reader = new FastCgiResponseReader(maxBytes + MAX_HEAD_BYTES);
  const read = (chunk: Buffer): Buffer | undefined => {
    const response = reader.push(chunk);
    return response === undefined ? undefined : pageOf(response, maxBytes);
  };
  return askTcp({ host, port, name: `fcgi://${url.host}${url.pathname}`, request, read, timeoutMs, clock }, signal);
}

function pageOf(response: FastCgiResponse, maxBytes: number): Buffer {
  switch (response.kind) {
    case 'answer':
      break;
    case 'overloaded':
      throw new ScrapeFailure('overloaded', 'it has no room for a request');
    case 'too_large':
      throw new ScrapeFailure('too_large', `its answer is larger than ${maxBytes} bytes`);
    case 'strange':
      throw new ScrapeFailure('protocol', 'what it answered is not FastCGI');
    default:
      response satisfies never;
  }
  const page = parseCgi(response.output);
  if (page === undefined) throw new ScrapeFailure('protocol', 'what it answered has no headers');
  if (page.status !== 200) throw new ScrapeFailure(`http_${page.status}`, `its answer has status ${page.status}`);
  if (page.body.length > maxBytes) throw new ScrapeFailure('too_large', `its answer is larger than ${maxBytes} bytes`);
  return page.body;
}
