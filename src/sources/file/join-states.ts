import { NO_FINGERPRINT } from '../../checkpoint/file-identity.ts';
import { encodeState, parseState, type SearchEntry, type StoredState, type StreamEntry } from './stream-entry.ts';

/**
 * The state for one reader that takes the place of several: each stream is where the slowest of them has it, so that
 * nothing is lost for anybody, and what the others were ahead is repeated. `stored`: what `encodeState()` made of each.
 */
export function joinStates(stored: readonly unknown[]): unknown {
  const states = stored.filter((state) => state !== undefined).map(parseState);
  const streams = new Map<string, StreamEntry>();
  for (const state of states) {
    for (const entry of state.streams) {
      const known = streams.get(entry.key);
      const isUnseen = states.some((other) => !hasSeen(other, entry));
      const own = isUnseen ? fromBeginning(entry) : entry;
      streams.set(entry.key, known === undefined ? own : slower(known, own));
    }
  }
  const lost = new Map<string, StreamEntry>();
  for (const entry of states.flatMap((state) => state.lost)) {
    const known = lost.get(generationOf(entry));
    lost.set(generationOf(entry), known === undefined ? entry : slower(known, entry));
  }
  // Where one reader has the file still, another one does not look for it.
  for (const entry of streams.values()) {
    const same = lost.get(generationOf(entry));
    if (same === undefined) continue;
    lost.delete(generationOf(entry));
    const { key, path } = entry;
    if (slower(entry, same) === same) streams.set(key, { ...same, key, path });
  }
  return encodeState({ streams: [...streams.values()], searches: joinSearches(states), lost: [...lost.values()] });
}

/** Whether a reader has had that stream: it has it, or is done with it; a file that it never saw is younger than all. */
function hasSeen({ streams, lost }: StoredState, { key, home, bornNs }: StreamEntry): boolean {
  return [...streams, ...lost].some((entry) => entry.key === key || (entry.home === home && entry.bornNs > bornNs));
}

function fromBeginning(entry: StreamEntry): StreamEntry {
  return { ...entry, offset: 0, resume: 'line', window: NO_FINGERPRINT };
}

/** Of two streams with one inode the older one: what is left of it is looked for, and the younger one read anew. */
function slower(a: StreamEntry, b: StreamEntry): StreamEntry {
  if (a.bornNs !== b.bornNs) return a.bornNs < b.bornNs ? a : b;
  if (a.generation !== b.generation) return a.generation < b.generation ? a : b;
  return a.offset <= b.offset ? a : b;
}

function generationOf({ id, generation }: StreamEntry): string {
  return `${id}-${generation}`;
}

function joinSearches(states: readonly StoredState[]): SearchEntry[] {
  const searches = new Map<string, SearchEntry>();
  for (const search of states.flatMap((state) => state.searches)) {
    const known = searches.get(search.home);
    if (known === undefined || search.afterNs < known.afterNs) searches.set(search.home, search);
  }
  return [...searches.values()];
}
