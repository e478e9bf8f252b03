import { basename } from 'node:path';
import { isRotatedName, type Siblings } from './rotated-siblings.ts';
import type { Sighting } from './sighting.ts';
import type { SearchEntry } from './stream-entry.ts';

/** A rotation renames several files, one after another: one look in its middle may miss one, the next does not. */
const LOOKS_PER_SEARCH = 2;
/** How long a search goes on after a file that is gone while nothing takes its name. */
const MAX_SEARCH_MS = 60_000;

interface Search {
  /** Only what was made after this can be younger than the file that is known. */
  readonly afterNs: bigint;
  /** How many more looks it takes once a file has the name. */
  looksLeft: number;
  /** When it ends without one. */
  endMs: number | undefined;
}

/** Looks for rotated files that were never seen under their first name, by that name. */
export class RotationSearches {
  readonly #searches = new Map<string, Search>();

  /** Starts or prolongs the search for what had the name `home` after a file that was made at `bornNs`. */
  start(home: string, bornNs: bigint): void {
    const afterNs = this.#searches.get(home)?.afterNs ?? bornNs;
    this.#searches.set(home, { afterNs, looksLeft: LOOKS_PER_SEARCH, endMs: undefined });
  }

  /** What the checkpoint is to hold. */
  entries(): SearchEntry[] {
    return Array.from(this.#searches, ([home, { afterNs }]) => ({ home, afterNs }));
  }

  /** The names that are searched for. */
  homes(): string[] {
    return [...this.#searches.keys()];
  }

  /** Those of the siblings that the rotation of `home` made and that are young enough, oldest first. */
  candidates(home: string, siblings: Siblings): Sighting[] {
    const afterNs = this.#searches.get(home)?.afterNs ?? 0n;
    const isCandidate = ({ path, bornNs }: Sighting): boolean =>
      bornNs >= afterNs && isRotatedName(basename(path), basename(home));
    return [...siblings.values()].flat().filter(isCandidate).sort(byAge);
  }

  /** Notes that everything that was found is followed. `isTaken`: whether a file has the name now. */
  countLook(home: string, isTaken: boolean, nowMs: number): void {
    const search = this.#searches.get(home);
    if (search === undefined) return;
    search.endMs ??= nowMs + MAX_SEARCH_MS;
    if (isTaken) search.looksLeft--;
    if (search.looksLeft === 0 || nowMs >= search.endMs) this.#searches.delete(home);
  }
}

/** A link comes after the names of files; younger files come last; of two from the same moment the one with the higher number is older. */
export function byAge(a: Sighting, b: Sighting): number {
  return Number(a.isLink) - Number(b.isLink) || compare(a.bornNs, b.bornNs) || compare(b.path, a.path);
}

/** The order of two values of one kind. */
export function compare<Value extends bigint | string>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
