import { type BigIntStats, type Dirent, lstatSync, statSync } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { Patterns } from './patterns.ts';
import { type Sighting, sightingOf } from './sighting.ts';

/** A folder whose times say that nothing changed is listed again after this long all the same. */
const RELIST_MS = 10_000;

/** What a look at the folders found. */
export interface Listing {
  /** Regular files that match, each name once. */
  readonly sightings: readonly Sighting[];
  /** Names that match and are links, FIFOs, sockets or devices. */
  readonly irregular: readonly string[];
  /** Whether any folder was listed anew since the last look; else all is as it was then. */
  readonly isChanged: boolean;
  /** The folders that exist, by path; the value changes when another folder has the name. */
  readonly folders: ReadonlyMap<string, string>;
  /** Folders that could not be listed, with the reason: what is in them is unknown, not gone. */
  readonly unlisted: ReadonlyMap<string, unknown>;
}

interface Folder {
  readonly identity: string;
  /** Times and identity: as long as they stand, so do the names. */
  readonly version: string;
  /** Whether `version` had stood for at least one look when it was listed: a change within the same clock tick shows in no time. */
  readonly isSteady: boolean;
  readonly listedMs: number;
  readonly sightings: readonly Sighting[];
  readonly irregular: readonly string[];
  readonly subfolders: readonly string[];
}

/**
 * Finds the files that match the patterns, by listing folders. Links to folders are not followed.
 *
 * What was there at the last look is in the kernel's memory, so it is asked for synchronously: 2 µs where an
 * asynchronous `stat` costs 14. What is new may have to come from a disk.
 */
export class Discovery {
  readonly #patterns: Patterns;
  readonly #clock: Clock;
  #folders = new Map<string, Folder>();
  #unlisted = new Map<string, unknown>();
  /** The real paths of the folders in which the patterns start. */
  readonly #roots = new Map<string, string>();
  readonly #changed = new Set<string>();

  constructor(patterns: Patterns, clock: Clock) {
    this.#patterns = patterns;
    this.#clock = clock;
  }

  /** Notes that something changed in a folder, so that the next look lists it. */
  markChanged(folder: string): void {
    this.#changed.add(folder);
  }

  /** Looks at every folder; one that has not changed costs a `stat`. `isThorough`: lists all of them. */
  async look(isThorough: boolean): Promise<Listing> {
    const before = this.#folders;
    const unlistedBefore = this.#unlisted.size;
    const seen = new Map<string, Folder>();
    this.#unlisted = new Map();
    for (const { folder, depth } of this.#patterns.bases) {
      await this.#visit(folder, depth, isThorough, seen);
      if (seen.get(folder) !== before.get(folder) || !this.#roots.has(folder)) {
        this.#roots.set(folder, await realpath(folder).catch(() => folder));
      }
    }
    this.#folders = seen;
    const isChanged =
      seen.size !== before.size ||
      unlistedBefore !== this.#unlisted.size ||
      [...seen].some(([path, folder]) => before.get(path) !== folder);
    const folders = [...seen.values()];
    return {
      sightings: folders.flatMap(({ sightings }) => sightings),
      irregular: folders.flatMap(({ irregular }) => irregular),
      isChanged,
      folders: new Map([...seen].map(([path, { identity }]) => [path, identity])),
      unlisted: this.#unlisted,
    };
  }

  /** The real path of the folder below which a file of that path must lie; undefined: no pattern leads there. */
  rootOf(path: string): string | undefined {
    let longest = '';
    for (const folder of this.#roots.keys()) {
      if (folder.length > longest.length && (folder === sep || path.startsWith(folder + sep))) longest = folder;
    }
    return this.#roots.get(longest);
  }

  /** Visits a folder and, down to `depth`, those below. */
  async #visit(path: string, depth: number, isThorough: boolean, seen: Map<string, Folder>): Promise<void> {
    let folder = seen.get(path);
    if (folder === undefined) {
      try {
        folder = await this.#list(path, isThorough);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'ENOENT' && code !== 'ENOTDIR') this.#unlisted.set(path, error);
        return;
      }
      seen.set(path, folder);
    }
    if (depth === 0) return;
    for (const name of folder.subfolders) await this.#visit(join(path, name), depth - 1, isThorough, seen);
  }

  async #list(path: string, isThorough: boolean): Promise<Folder> {
    const known = this.#folders.get(path);
    const stats = known === undefined ? await stat(path, { bigint: true }) : statSync(path, { bigint: true });
    const identity = `${stats.dev}:${stats.ino}`;
    const version = `${identity}:${stats.mtimeNs}:${stats.ctimeNs}`;
    const isSame = known?.version === version;
    const isFresh = isSame && known.isSteady && this.#clock.nowMs() - known.listedMs < RELIST_MS;
    if (isFresh && !isThorough && !this.#changed.has(path)) return known;
    this.#changed.delete(path);
    const entries = await readdir(path, { withFileTypes: true });
    const listedMs = this.#clock.nowMs();
    const knownPaths = new Set(known?.sightings.map((sighting) => sighting.path));
    return { identity, version, isSteady: isSame, listedMs, ...(await this.#sort(path, entries, knownPaths)) };
  }

  async #sort(path: string, entries: readonly Dirent[], known: ReadonlySet<string>) {
    const sightings: Sighting[] = [];
    const irregular: string[] = [];
    const subfolders: string[] = [];
    for (const entry of entries) {
      const candidate = join(path, entry.name);
      if (entry.isDirectory()) {
        subfolders.push(entry.name);
      } else if (this.#patterns.matches(candidate)) {
        if (!entry.isFile()) irregular.push(candidate);
        const stats = known.has(candidate)
          ? lstatOrNothing(candidate)
          : await lstat(candidate, BIGINT).catch(() => undefined);
        if (stats?.isFile()) sightings.push(sightingOf(candidate, stats));
      }
    }
    return { sightings, irregular, subfolders };
  }
}

/** Whether a listing says something about the folder: it was listed, or is not there. */
export function knowsFolder(listing: Listing, folder: string): boolean {
  for (const unlisted of listing.unlisted.keys()) {
    if (folder === unlisted || folder.startsWith(unlisted + sep)) return false;
  }
  return true;
}

const BIGINT = { bigint: true } as const;

function lstatOrNothing(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
