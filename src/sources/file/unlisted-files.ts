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
  /** Called with a copy of a stream that has lost its file. */
  readonly onCopy: (lost: TailedFile, copy: TailStart) => void;
}

/** Finds files beside known ones whose names match no pattern: what a rotation makes of files when nobody looks. */
export class UnlistedFiles {
  readonly #context: UnlistedFilesContext;

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
      if (stream.isSearched) continue;
      const siblings = await this.#listed(stream.file.home, listing);
      stream.deadlineMs ??= nowMs + waitMs;
      if (siblings === undefined && nowMs < stream.deadlineMs) continue;
      stream.isSearched = true;
      makeRoom();
      const found = siblings === undefined ? undefined : await findCopy(stream.file, siblings, candidates);
      if (found !== undefined) onCopy(stream.file, found);
    }
  }

  /** Takes in compressed files that may hold such streams. */
  async findCompressed(): Promise<void> {
    const { lost, siblings, isKnown, admit } = this.#context;
    for (const stream of lost.sought()) {
      if (stream.isSearchedCompressed) continue;
      stream.isSearchedCompressed = true;
      const { home, bornNs } = stream.file;
      const beside = (await siblings.of(home)) ?? new Map<string, readonly Sighting[]>();
      for (const sighting of compressedSiblings(beside, home, bornNs)) {
        if (isKnown(sighting.key)) continue;
        await admit(sighting, { home, kind: 'leaving', skipsToEnd: false, isKnownOnly: true });
      }
    }
  }

  /** The files beside `home`, if its folder was listed, and can be. */
  async #listed(home: string, listing: Listing) {
    return knowsPath(listing, dirname(home)) ? await this.#context.siblings.of(home) : undefined;
  }
}
