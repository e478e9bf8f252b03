import { dirname } from 'node:path';
import { knowsPath, type Listing } from './discovery.ts';
import type { Patterns } from './patterns.ts';
import type { StreamEntry } from './stream-entry.ts';

/** How long an entry is kept after its file was proven not to be where it was … */
const GONE_RETENTION_MS = 60_000;
/** … and after its whole folder was, or nobody looks for it any more: both can come back. */
const AWAY_RETENTION_MS = 10 * 60_000;

/** How long the entry of a file is kept that no name led to, in milliseconds; undefined: nobody knows whether one does. */
export function retentionMs({ path, home }: StreamEntry, listing: Listing, patterns: Patterns): number | undefined {
  if (!knowsPath(listing, path)) return undefined;
  const isLookedFor = listing.folders.has(dirname(path)) && patterns.matches(home);
  return isLookedFor ? GONE_RETENTION_MS : AWAY_RETENTION_MS;
}
