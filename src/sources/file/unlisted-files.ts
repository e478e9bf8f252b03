import { dirname } from 'node:path';
import type { AdmissionOptions } from './admission.ts';
import type { CompressedFiles } from './compressed-files.ts';
import { type CopyCandidates, findCopy } from './copy-search.ts';
import { knowsPath, type Listing } from './discovery.ts';
import type { FileIndex } from './file-index.ts';
import type { LostStreams } from './lost-streams.ts';
import type { Patterns } from './patterns.ts';
import { compressedSiblings, type SiblingCache } from './rotated-siblings.ts';
import type { RotationSearches } from './rotation-searches.ts';
import type { Sighting } from './sighting.ts';
import type { TailedFile, TailStart } from './tailed-file.ts';

/** What is asked and told while files are looked for that no pattern matches. */
export interface UnlistedFilesContext {
  readonly patterns: Patterns;
  readonly index: FileIndex;
  readonly siblings: SiblingCache;
  readonly searches: RotationSearches;
  readonly lost: LostStreams;
  readonly compressed: CompressedFiles;
  readonly candidates: CopyCandidates;
  /** How long a search that cannot be made is waited for, in milliseconds. */
  readonly waitMs: number;
  /** Whether somebody has the file already. */
  readonly isKnown: (key: string) => boolean;
  readonly admit: (sighting: Sighting, options: AdmissionOptions) => Promise<boolean>;
  /** Called before a file is opened. */
  readonly makeRoom: () => void;
  /** Called when another look would find something. */
  readonly onNews: () => void;
  /** Called with a copy of a stream that has lost its file. */
  readonly onCopy: (lost: TailedFile, copy: TailStart) => void;
}

/** How often compressed files are looked for that were made of a deleted one: a rotation can hide them from a look. */
const LOOKS_PER_SEARCH = 2;

interface CompressedSearch {
  /** Only what was made after this can hold one of the deleted files. */
  bornNs: bigint;
  looksLeft: number;
}

/** Finds files beside known ones whose names match no pattern: what a rotation makes of files when nobody looks. */
export class UnlistedFiles {
  readonly #context: UnlistedFilesContext;
  /** By the name that the deleted files had first. */
  readonly #compressedSearches = new Map<string, CompressedSearch>();

  constructor(context: UnlistedFilesContext) {
    this.#context = context;
  }

  /** Follows rotated files that are younger than the one that is known. */
  async adoptRotated(listing: Listing, nowMs: number): Promise<void> {
    const { patterns, index, searches, compressed, isKnown, admit } = this.#context;
    for (const home of searches.homes()) {
      const siblings = await this.#listed(home, listing);
      if (siblings === undefined) continue;
      let isComplete = true;
      for (const sibling of searches.candidates(home, siblings)) {
        const { path, key } = sibling;
        compressed.want(key);
        if (isKnown(key) || patterns.matches(path) || patterns.excludes(path)) continue;
        const options = { home, kind: 'leaving', skipsToEnd: false, isKnownOnly: false } as const;
        if (!(await admit(sibling, options))) isComplete = false;
      }
      const isTaken = index.youngestOf(home)?.path === home;
      if (isComplete) searches.countLook(home, isTaken, nowMs);
    }
  }

  /** Looks for copies of streams whose bytes are in no file that is known. */
  async findCopies(listing: Listing, nowMs: number): Promise<void> {
    const { lost, candidates, waitMs, makeRoom, onCopy } = this.#context;
    for (const stream of lost.sought()) {
      if (stream.looksLeft === 0) continue;
      const siblings = await this.#listed(stream.file.home, listing);
      stream.deadlineMs ??= nowMs + waitMs;
      if (siblings === undefined && nowMs < stream.deadlineMs) continue;
      stream.looksLeft = siblings === undefined ? 0 : stream.looksLeft - 1;
      makeRoom();
      const found = siblings === undefined ? undefined : await findCopy(stream.file, siblings, candidates);
      if (found !== undefined) onCopy(stream.file, found);
    }
  }

  /**
   * Has compressed files looked for that hold a deleted file, though it was read to its end: once they are known, no
   * later search takes them for files that nobody has seen.
   */
  seekCompressed({ home, bornNs, archive, offset }: TailedFile): void {
    if (archive !== undefined || offset === 0) return;
    const search = this.#compressedSearches.get(home);
    const oldestNs = search !== undefined && search.bornNs < bornNs ? search.bornNs : bornNs;
    this.#compressedSearches.set(home, { bornNs: oldestNs, looksLeft: LOOKS_PER_SEARCH });
  }

  /** Whether another look is needed at once. */
  get isIncomplete(): boolean {
    return this.#compressedSearches.size > 0;
  }

  /** Takes in compressed files that may hold streams that have lost their files. */
  async findCompressed(): Promise<void> {
    const { lost, onNews } = this.#context;
    for (const stream of lost.sought()) {
      if (stream.compressedLooksLeft === 0) continue;
      // Others wait until it is known what becomes of it.
      if (--stream.compressedLooksLeft > 0) onNews();
      await this.#takeCompressed(stream.file.home, stream.file.bornNs);
    }
    for (const [home, search] of this.#compressedSearches) {
      if (--search.looksLeft === 0) this.#compressedSearches.delete(home);
      await this.#takeCompressed(home, search.bornNs);
    }
  }

  /** Takes in those that were made after `bornNs`, of a file that had the name `home`. */
  async #takeCompressed(home: string, bornNs: bigint): Promise<void> {
    const { patterns, siblings, isKnown, admit } = this.#context;
    const beside = (await siblings.of(home)) ?? new Map<string, readonly Sighting[]>();
    for (const sighting of compressedSiblings(beside, home, bornNs)) {
      if (isKnown(sighting.key) || patterns.excludes(sighting.path)) continue;
      await admit(sighting, { home, kind: 'leaving', skipsToEnd: false, isKnownOnly: true });
    }
  }

  /** The files beside `home`, if its folder was listed, and can be. */
  async #listed(home: string, listing: Listing) {
    return knowsPath(listing, dirname(home)) ? await this.#context.siblings.of(home) : undefined;
  }
}
