import { isObject, type Json } from '../../mapping/json.ts';
import { parseJson } from '../parse-json.ts';
import { ScrapeFailure } from '../scrape-failure.ts';

/**
 * Reads the status of a pool of PHP-FPM, as JSON: beside its fields `states` is how many processes there are in each
 * state. Throws a `ScrapeFailure`.
 */
export function parseStatus(body: Buffer): Json {
  const page = parseJson(body);
  if (!isObject(page) || page['accepted conn'] === undefined)
    throw new ScrapeFailure('parse', 'Answer is no status of PHP-FPM');
  const { processes } = page;
  if (!Array.isArray(processes)) return page;
  const states = new Map<string, number>();
  for (const process of processes) {
    const state = isObject(process) ? process['state'] : undefined;
    if (typeof state === 'string') states.set(labelOf(state), (states.get(labelOf(state)) ?? 0) + 1);
  }
  return { ...page, states: Object.fromEntries(states) };
}

/** `Reading headers` as `reading_headers`. */
function labelOf(state: string): string {
  return state.toLowerCase().replaceAll(' ', '_');
}
