import { childOf, isObject, type Json } from '../../mapping/json.ts';
import type { GetPage } from '../http-pages.ts';
import { parseJson } from '../parse-json.ts';
import { ScrapeFailure } from '../scrape-failure.ts';

/** A meter of the application, and by which of its tags it is split. */
export interface Meter {
  readonly name: string;
  /** Each value of a tag is a request, and so is each combination of them. */
  readonly tags: readonly string[];
  /** Other words for values of tags. */
  readonly words?: Readonly<Record<string, string>>;
}

/** More than that is a burden for the application. */
const MAX_REQUESTS = 200;

/**
 * Reads meters at `url`, those that the application has: for each a list of what is known of it by the values of its
 * tags: `{ tags: { area: "heap" }, VALUE: 3 }`. Rejects with a `ScrapeFailure`.
 */
export async function readMeters(get: GetPage, url: URL, meters: readonly Meter[], signal: AbortSignal): Promise<Json> {
  const list = childOf(parseJson(await get(url, signal)), 'names');
  if (!Array.isArray(list)) throw new ScrapeFailure('parse', 'Answer is no list of the metrics of an actuator');
  const names = new Set(list);
  let requests = 0;
  const ask = async (meter: Meter, tags: ReadonlyMap<string, string>): Promise<Json> => {
    if (++requests > MAX_REQUESTS)
      throw new ScrapeFailure('too_many', `It takes more than ${MAX_REQUESTS} requests: name fewer tags of meters`);
    return parseJson(await get(meterUrl(url, meter.name, tags), signal));
  };
  const found: [string, Json][] = [];
  for (const meter of meters) {
    if (names.has(meter.name)) found.push([meter.name, await samplesOf(meter, ask)]);
  }
  return Object.fromEntries(found);
}

type AskMeter = (meter: Meter, tags: ReadonlyMap<string, string>) => Promise<Json>;

/** The meter as a whole, or for each value of the next of its tags; a tag that it does not have splits nothing. */
async function samplesOf(meter: Meter, ask: AskMeter, tags: ReadonlyMap<string, string> = new Map()): Promise<Json[]> {
  let page: Json;
  try {
    page = await ask(meter, tags);
  } catch (error) {
    // It, or that value of a tag, is gone since it was listed.
    if (error instanceof ScrapeFailure && error.reason === 'http_404') return [];
    throw error;
  }
  const next = meter.tags.find((tag) => !tags.has(tag) && valuesOf(page, tag).length > 0);
  if (next === undefined) return [sampleOf(page, tags, meter.words ?? {})];
  const samples: Json[] = [];
  for (const value of valuesOf(page, next))
    samples.push(...(await samplesOf(meter, ask, new Map(tags).set(next, value))));
  return samples;
}

function valuesOf(page: Json, tag: string): string[] {
  const available = childOf(page, 'availableTags');
  if (!Array.isArray(available)) return [];
  const values = childOf(
    available.find((one) => childOf(one, 'tag') === tag),
    'values',
  );
  return Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [];
}

function sampleOf(page: Json, tags: ReadonlyMap<string, string>, words: Readonly<Record<string, string>>): Json {
  const measurements = childOf(page, 'measurements');
  if (!Array.isArray(measurements)) throw new ScrapeFailure('parse', 'Answer is no metric of an actuator');
  const named = Array.from(tags, ([tag, value]) => [tag, Object.hasOwn(words, value) ? words[value]! : value] as const);
  const values = measurements.flatMap((measurement): [string, Json][] => {
    if (!isObject(measurement) || typeof measurement['statistic'] !== 'string') return [];
    const { statistic, value } = measurement;
    // What has no limit, or is not known, is -1.
    return value === undefined || value === -1 ? [] : [[statistic, value]];
  });
  return { ...Object.fromEntries(values), tags: Object.fromEntries(named) };
}

function meterUrl(base: URL, name: string, tags: ReadonlyMap<string, string>): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${encodeURIComponent(name)}`;
  for (const [tag, value] of tags) url.searchParams.append('tag', `${tag}:${value}`);
  return url;
}
