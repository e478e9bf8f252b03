import type { Json } from '../../mapping/json.ts';
import { ScrapeFailure } from '../scrape-failure.ts';

/** Groups of lines of one form, by what their names begin with. */
const GROUPS = [
  { prefix: 'cmdstat_', key: 'commands' },
  { prefix: 'latency_percentiles_usec_', key: 'latencies' },
  { prefix: 'db', key: 'databases' },
] as const;

/**
 * Reads what Redis answers to `INFO`: fields by their names, and of databases and commands what is in their fields, by
 * `databases`, `commands` and `latencies` and their own names. Throws a `ScrapeFailure`.
 */
export function parseInfo(bytes: Buffer): Json {
  const fields = new Map<string, Json>();
  const groups = new Map<string, Map<string, Json>>();
  for (const line of bytes.toString('utf8').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon < 0 || line.startsWith('#')) continue;
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1);
    const group = GROUPS.find(({ prefix }) => name.startsWith(prefix) && value.includes('='));
    if (group === undefined) {
      fields.set(name, value);
      continue;
    }
    const members = groups.get(group.key) ?? new Map<string, Json>();
    groups.set(group.key, members.set(name.slice(group.prefix.length), pairsOf(value)));
  }
  if (!fields.has('redis_version')) throw new ScrapeFailure('parse', 'Answer is not what INFO gives');
  for (const [key, members] of groups) fields.set(key, Object.fromEntries(members));
  return Object.fromEntries(fields);
}

/** `keys=1,expires=0` as an object. */
function pairsOf(text: string): Json {
  const pairs = text.split(',').map((pair) => {
    const equals = pair.indexOf('=');
    return [pair.slice(0, equals), pair.slice(equals + 1)] as const;
  });
  return Object.fromEntries(pairs);
}
