import { dirname } from 'node:path';
import type { AbsentStreams } from './absent-streams.ts';
import { knowsPath, type Listing } from './discovery.ts';
import type { Patterns } from './patterns.ts';
import type { SiblingCache } from './rotated-siblings.ts';
import { compare, type RotationSearches } from './rotation-searches.ts';
import type { Sighting } from './sighting.ts';
import type { StreamEntry } from './stream-entry.ts';

/** What is asked and told while the files of the last life are looked for. */
export interface RestoredContext {
  readonly patterns: Patterns;
  readonly absent: AbsentStreams;
  readonly searches: RotationSearches;
  readonly siblings: SiblingCache;
  /** Follows the file, if it continues a stream of the last life; false: it does not. */
  readonly admit: (sighting: Sighting, home: string) => Promise<boolean>;
  /** Called with an entry that has no file. */
  readonly onGone: (entry: StreamEntry) => void;
}

/** The entries of the last life whose file is not found yet. */
export class RestoredEntries {
  readonly #context: RestoredContext;
  readonly #sought: Set<StreamEntry>;
  /** Those of them whose file was missing once. */
  readonly #missing = new Set<StreamEntry>();
  readonly #youngest: ReadonlyMap<string, StreamEntry>;

  constructor(entries: readonly StreamEntry[], context: RestoredContext) {
    this.#context = context;
    const oldestFirst = entries.toSorted((a, b) => compare(a.bornNs, b.bornNs));
    this.#sought = new Set(oldestFirst);
    this.#youngest = new Map(oldestFirst.map((entry) => [entry.home, entry]));
  }

  /** Whether the file of that entry is still looked for. */
  has(entry: StreamEntry): boolean {
    return this.#sought.has(entry);
  }

  /** Whether the last life left an entry of a file that was found under that name first. */
  knows(home: string): boolean {
    return this.#youngest.has(home);
  }

  /** Whether another look is needed at once. */
  get isIncomplete(): boolean {
    return this.#missing.size > 0;
  }

  /**
   * Looks for files that have lost their names, among their siblings; `byKey`: what the listing holds, by inode. A
   * rotation can be under way: a file that has a name in the listing may have lost it before it is opened, and one that
   * is renamed while the siblings are listed is in no listing. So an entry is done with when its file is followed, or
   * was missing twice.
   */
  async find(listing: Listing, byKey: ReadonlyMap<string, readonly Sighting[]>): Promise<void> {
    const { patterns, absent, searches, siblings, admit, onGone } = this.#context;
    for (const entry of this.#sought) {
      const { key, home } = entry;
      const names = byKey.get(key) ?? [];
      const isListed = listing.folders.has(dirname(home)) && knowsPath(listing, entry.path);
      if (names.length === 0 && !isListed) continue;
      const isIncluded = patterns.matches(home);
      const isYoungest = this.#youngest.get(home) === entry;
      // A younger file can have the inode, under the same name.
      const isAtHome = names.some(({ path, bornNs }) => path === home && bornNs <= entry.bornNs);
      if (isIncluded && isYoungest && !isAtHome) searches.start(home, entry.bornNs);
      if (!isIncluded || !absent.has(key)) this.#sought.delete(entry);
      if (names.length > 0 || !this.#sought.has(entry)) continue;
      const beside = await siblings.of(home);
      if (beside === undefined) continue;
      const found = beside.get(key)?.[0];
      if (found !== undefined && (await admit(found, home))) continue;
      if (!this.#missing.delete(entry)) {
        this.#missing.add(entry);
        continue;
      }
      this.#sought.delete(entry);
      onGone(entry);
    }
    for (const entry of this.#missing) if (!this.#sought.has(entry)) this.#missing.delete(entry);
  }
}
