import { type BigIntStats, lstatSync, statSync } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { type AllowedRoots, isBelow } from './allowed-roots.ts';
import { type FolderName, readFolder } from './folder-names.ts';
import type { RefusalReason } from './open-file.ts';
import type { Base, Patterns } from './patterns.ts';
import { fsPath, pathOf } from './raw-path.ts';
import { isSameSighting, keyOf, type Sighting, sightingOf } from './sighting.ts';

/** A folder whose times say that nothing changed is listed again after this long all the same. */
const RELIST_MS = 10_000;
/** Listing a folder of very many names takes a tenth of the time at most: it is listed less often. */
const LIST_PAUSE_FACTOR = 10;
const VERY_MANY_NAMES = 10_000;
/** More folders than any application has; it bounds what a tree made by somebody hostile costs. */
const MAX_FOLDERS = 10_000;
/** So many links of a folder are looked at each time; the others when the folder is listed. */
const MAX_WATCHED_LINKS = 1000;

/** Something with a name that matches, and that is not read. */
export interface Refusal {
  readonly path: string;
  readonly reason: RefusalReason;
  readonly error?: Error;
}

/** What a look at the folders found. */
export interface Listing {
  /** Regular files that match, each name once; also through links, wherever these lead. */
  readonly sightings: readonly Sighting[];
  readonly refusals: readonly Refusal[];
  /** How many names that match were left out because there are too many. */
  readonly leftOut: number;
  /** Whether anything may be otherwise than at the last look. */
  readonly isChanged: boolean;
  /** Whether a folder was listed anew. */
  readonly isRelisted: boolean;
  /** The folders that exist, by path; the value changes when another folder has the name. */
  readonly folders: ReadonlyMap<string, string>;
  /** Paths that could not be examined, with the reason: whether they are there, and what is in them, is unknown. */
  readonly unlisted: ReadonlyMap<string, unknown>;
}

/** What is done about folders with more files than there is room for. */
export interface Crowd {
  /** Names that are not left out. */
  readonly isFollowed: (path: string) => boolean;
  /** Whether there is room again for what was left out. */
  readonly hasRoom: boolean;
}

const NOBODY: Crowd = { isFollowed: () => false, hasRoom: false };

/** When a folder was listed, and what that is worth. */
interface Listed {
  /** Times and identity: as long as they stand, so do the names. */
  readonly version: string;
  /**
   * Whether `version` had stood for at least one look when it was listed, and nothing in it was unknown: a change within
   * the same clock tick shows in no time.
   */
  readonly isSteady: boolean;
  readonly listedMs: number;
  /** How long it is not listed again, whatever changes. */
  readonly pauseMs: number;
}

interface Folder {
  readonly identity: string;
  /** The last listing. The object stays the same when a listing found what there was before. */
  listed: Listed;
  readonly sightings: readonly Sighting[];
  readonly refusals: readonly Refusal[];
  readonly leftOut: number;
  readonly subfolders: readonly string[];
}

/** Where and for what to look. */
export interface DiscoveryOptions {
  readonly patterns: Patterns;
  readonly roots: AllowedRoots;
  readonly clock: Clock;
  /** How many files of a folder there is room for. */
  readonly maxFiles: number;
}

/**
 * Finds the files that match the patterns, by listing folders. Links to files are followed, links to folders are not.
 *
 * What was there at the last look is in the kernel's memory, so it is asked for synchronously: 2 µs where an
 * asynchronous `stat` costs 14. What is new may have to come from a disk.
 */
export class Discovery {
  readonly #options: DiscoveryOptions;
  #folders = new Map<string, Folder>();
  #unlisted = new Map<string, unknown>();
  /** Where a tree goes on that is not looked at any deeper. */
  #beyond: Refusal[] = [];
  readonly #changed = new Set<string>();
  #isRelisted = false;
  #resolvedMs = Number.NEGATIVE_INFINITY;
  /** What all folders hold. */
  #sightings: readonly Sighting[] = [];

  constructor(options: DiscoveryOptions) {
    this.#options = options;
  }

  /** Notes that something changed in a folder, so that the next look lists it. */
  markChanged(folder: string): void {
    this.#changed.add(folder);
  }

  /** Looks at every folder; one that has not changed costs a `stat`. `isThorough`: lists all of them. */
  async look(isThorough: boolean, crowd: Crowd = NOBODY): Promise<Listing> {
    const before = this.#folders;
    const unlistedBefore = this.#unlisted.size;
    const seen = new Map<string, Folder>();
    this.#unlisted = new Map();
    this.#beyond = [];
    this.#isRelisted = false;
    await this.#resolveRoots(isThorough);
    for (const base of this.#options.patterns.bases) {
      await this.#visit(base.folder, base, 0, { isThorough, crowd, seen });
    }
    this.#folders = seen;
    const isChanged =
      seen.size !== before.size ||
      unlistedBefore !== this.#unlisted.size ||
      [...seen].some(([path, folder]) => before.get(path) !== folder);
    const folders = [...seen.values()];
    if (isChanged) this.#sightings = folders.flatMap(({ sightings }) => sightings);
    return {
      sightings: this.#sightings,
      refusals: [...this.#beyond, ...folders.flatMap(({ refusals }) => refusals)],
      leftOut: folders.reduce((sum, { leftOut }) => sum + leftOut, 0),
      isChanged,
      isRelisted: this.#isRelisted,
      folders: new Map([...seen].map(([path, { identity }]) => [path, identity])),
      unlisted: this.#unlisted,
    };
  }

  async #resolveRoots(isThorough: boolean): Promise<void> {
    const { roots, clock } = this.#options;
    const nowMs = clock.nowMs();
    if (!isThorough && nowMs - this.#resolvedMs < RELIST_MS) return;
    this.#resolvedMs = nowMs;
    await roots.resolve();
  }

  /** Visits a folder that is `level` levels below the base, and those below it. */
  async #visit(path: string, base: Base, level: number, look: Look): Promise<void> {
    const { seen } = look;
    let folder = seen.get(path);
    if (folder === undefined) {
      if (seen.size >= MAX_FOLDERS) return this.#stopAt(path, `there are more than ${MAX_FOLDERS} folders`);
      try {
        folder = await this.#list(path, look);
      } catch (error) {
        if (!isAbsence(error)) this.#unlisted.set(path, error);
        return;
      }
      seen.set(path, folder);
    }
    if (level < base.depth) {
      for (const name of folder.subfolders) await this.#visit(join(path, name), base, level + 1, look);
    } else if (base.isDeeper && folder.subfolders.length > 0) {
      this.#stopAt(path, `it lies ${level} folders deep`);
    }
  }

  #stopAt(path: string, why: string): void {
    const error = new Error(`Cannot look below folder: ${why}`);
    this.#beyond.push({ path, reason: 'too_many_files', error });
  }

  async #list(path: string, { isThorough, crowd }: Look): Promise<Folder> {
    const { patterns, clock, maxFiles } = this.#options;
    const known = this.#folders.get(path);
    const target = fsPath(path);
    const stats = known === undefined ? await stat(target, BIGINT) : statSync(target, BIGINT);
    // A folder that is made anew often has the inode number of the old one, and its watch is gone all the same.
    const identity = `${keyOf(stats)}:${stats.birthtimeNs}`;
    const version = `${identity}:${stats.mtimeNs}:${stats.ctimeNs}`;
    const isSame = known?.listed.version === version;
    if (known !== undefined && !isThorough) {
      const { isSteady, listedMs, pauseMs } = known.listed;
      const ageMs = clock.nowMs() - listedMs;
      const hasChanged = !isSame || this.#changed.has(path) || haveLinksMoved(known);
      const isFresh = isSteady && ageMs < RELIST_MS && !(known.leftOut > 0 && crowd.hasRoom);
      if ((isFresh && !hasChanged) || ageMs < pauseMs) return known;
    }
    const isMarked = this.#changed.delete(path);
    this.#isRelisted = true;
    const startMs = clock.nowMs();
    if (!(await this.#isAllowed(path))) {
      const refusals: Refusal[] = [{ path, reason: 'symlink_outside' }];
      const listed = { version, isSteady: isSame, listedMs: startMs, pauseMs: 0 };
      return { identity, listed, sightings: [], refusals, leftOut: 0, subfolders: [] };
    }
    const knownPaths = new Set(known?.sightings.map((sighting) => sighting.path));
    // As `join()` does it, without a look at what is no news: a name holds no slash, the path of a folder no dots.
    const prefix = path.endsWith('/') ? path : `${path}/`;
    const { files, folders, leftOut, count } = await readFolder(path, {
      isWanted: (name) => knownPaths.has(prefix + name) || patterns.matches(prefix + name),
      isKept: (name) => crowd.isFollowed(prefix + name),
      limit: maxFiles,
      folderBytes: Number(stats.size),
    });
    const unlistedBefore = this.#unlisted.size;
    const found = await this.#examine(path, files, knownPaths);
    const listedMs = clock.nowMs();
    const listed = {
      version,
      isSteady: isSame && this.#unlisted.size === unlistedBefore,
      listedMs,
      pauseMs: count < VERY_MANY_NAMES ? 0 : LIST_PAUSE_FACTOR * (listedMs - startMs),
    };
    const folder = { identity, listed, ...found, leftOut, subfolders: folders };
    // Where somebody said that there is news, there may be news that no name shows: of a file that is opened again.
    if (known === undefined || isMarked || isThorough || !isSameFolder(known, folder)) return folder;
    known.listed = listed;
    return known;
  }

  /** Tells what the names are names of. */
  async #examine(folder: string, names: readonly FolderName[], known: ReadonlySet<string>) {
    const sightings: Sighting[] = [];
    const refusals: Refusal[] = [];
    for (const { name, kind } of names) {
      const path = join(folder, name);
      const isLink = kind === 'link';
      let isFile = false;
      let what: 'folder' | 'nowhere' | 'other' = kind === 'folder' ? kind : 'other';
      try {
        const stats = kind === 'file' || isLink ? await statOf(path, isLink, known.has(path)) : undefined;
        isFile = stats?.isFile() ?? false;
        if (stats?.isDirectory()) what = 'folder';
        if (isFile) sightings.push(sightingOf(path, stats!, isLink));
      } catch (error) {
        // A file that is gone by now was none to be refused; a link that leads nowhere is.
        isFile = kind === 'file';
        if (isFile && !isAbsence(error)) this.#unlisted.set(path, error);
        if (isAbsence(error)) what = 'nowhere';
      }
      if (!isFile) refusals.push({ path, reason: 'not_regular', error: new Error(NO_FILE[what]) });
    }
    return { sightings, refusals };
  }

  /** Whether the folder is where its path says: one on the way may have become a link to elsewhere. */
  async #isAllowed(path: string): Promise<boolean> {
    const real = pathOf(await realpath(fsPath(path), { encoding: 'buffer' }));
    return this.#options.roots.of(path).some((root) => isBelow(real, root));
  }
}

/** What a name is that matches and is no file. */
const NO_FILE = {
  folder: 'It is a folder: what lies in it is read as far as patterns name it, as in "folder/*.log"',
  nowhere: 'It is a link, and what it leads to is not there',
  other: 'It is a device, a pipe or a socket',
};

/** Whether two listings of a folder say the same. */
function isSameFolder(a: Folder, b: Folder): boolean {
  return (
    a.identity === b.identity &&
    a.leftOut === 0 &&
    b.leftOut === 0 &&
    areEqual(a.subfolders, b.subfolders, (one, other) => one === other) &&
    areEqual(a.sightings, b.sightings, isSameSighting) &&
    areEqual(a.refusals, b.refusals, (one, other) => one.path === other.path && one.reason === other.reason)
  );
}

function areEqual<Item>(some: readonly Item[], others: readonly Item[], isEqual: (a: Item, b: Item) => boolean) {
  return some.length === others.length && some.every((item, i) => isEqual(item, others[i]!));
}

/** What the visits of one look share. */
interface Look {
  readonly isThorough: boolean;
  readonly crowd: Crowd;
  readonly seen: Map<string, Folder>;
}

/** Whether a listing says something about the path: it was examined, or is not there. */
export function knowsPath(listing: Listing, path: string): boolean {
  for (const unlisted of listing.unlisted.keys()) if (isBelow(path, unlisted)) return false;
  return true;
}

const BIGINT = { bigint: true } as const;

/** Whether a link leads to another file now; that does not change the folder of the link. */
function haveLinksMoved({ sightings }: Folder): boolean {
  let links = 0;
  for (const { path, key, isLink } of sightings) {
    if (!isLink) continue;
    if (++links > MAX_WATCHED_LINKS) return false;
    if (keyAt(path) !== key) return true;
  }
  return false;
}

function keyAt(path: string): string | undefined {
  try {
    return keyOf(statSync(fsPath(path), BIGINT));
  } catch {
    return undefined;
  }
}

async function statOf(path: string, isLink: boolean, isKnown: boolean): Promise<BigIntStats> {
  const target = fsPath(path);
  if (isLink) return isKnown ? statSync(target, BIGINT) : stat(target, BIGINT);
  return isKnown ? lstatSync(target, BIGINT) : lstat(target, BIGINT);
}

function isAbsence(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
