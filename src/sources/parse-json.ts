import { messageOf } from '../core/errors.ts';
import type { Json } from '../mapping/json.ts';
import { ScrapeFailure } from './scrape-failure.ts';

/** What a page of JSON holds. Throws a `ScrapeFailure` where it is none. */
export function parseJson(body: Buffer): Json {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    throw new ScrapeFailure('parse', `Answer is no JSON: ${messageOf(error)}`);
  }
}
