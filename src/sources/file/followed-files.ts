import { basename, dirname } from 'node:path';
import { judge } from '../../checkpoint/file-identity.ts';
import type { Clock } from '../../core/clock.ts';
import type { GoneReason } from '../../ledger/reasons.ts';
import { AbsentStreams } from './absent-streams.ts';
import { Admission, type AdmissionOptions } from './admission.ts';
import type { AllowedRoots } from './allowed-roots.ts';
import { knowsFolder, type Listing } from './discovery.ts';
import { inFairOrder } from './fair-order.ts';
import { type HandleLimits, OpenHandles } from './open-handles.ts';
import type { OwnOutput } from './own-output.ts';
import type { Patterns } from './patterns.ts';
import { readContent } from './read-content.ts';
import { isRotatedName, listSiblings } from './rotated-siblings.ts';
import { isBornOtherwise, keyOf, type Sighting } from './sighting.ts';
import { SpaceLimit, type SpaceOptions } from './space-limit.ts';
import { encodeState, type StoredState, type StreamEntry } from './stream-entry.ts';
import { type TailContext, TailedFile } from './tailed-file.ts';

/** What the files of a source are followed with. */
export interface FollowedFilesOptions {
  readonly patterns: Patterns;
  readonly roots: AllowedRoots;
  readonly own: OwnOutput;
  readonly clock: Clock;
  readonly tail: TailContext;
  /** How many files are followed at most. */
  readonly maxFiles: number;
  readonly limits: HandleLimits;
  readonly space: SpaceOptions | undefined;
  /** What the last life left. */
  readonly restored: StoredState;
  /** Whether the files of the first look are read from their end. */
  readonly skipsExisting: boolean;
  /** Called when a file is followed that the checkpoint does not hold yet. */
  readonly onNew: () => void;
}

/** What came of opening a file again; `later`: there was no handle to be had. */
export type OpenedAgain = 'open' | 'not' | 'later';

/** A look for rotated files that were never seen under their first name. */
interface Search {
  /** Only what was written after this can be newer than the file that is known. */
  afterNs: bigint;
  looksLeft: number;
}

/** A rotation renames several files, one after another: one look in its middle may miss one, the next does not. */
const LOOKS_PER_SEARCH = 2;

/**
 * The files of one source, by inode. `reconcile()` compares them with what a look at the folders found: names that came,
 * moved and went. Names are only how a file is found; a file is followed by its handle until it is finished.
 */
export class FollowedFiles {
  readonly #options: FollowedFilesOptions;
  readonly #admission: Admission;
  readonly #absent = new AbsentStreams();
  readonly #files = new Map<string, TailedFile>();
  readonly #handles: OpenHandles;
  readonly #space: SpaceLimit | undefined;
  /** The youngest file that was found under a name: what takes the name next is its successor. */
  readonly #youngestAt = new Map<string, TailedFile>();
  readonly #searches = new Map<string, Search>();
  /** Entries of the last life whose file is not found yet. */
  readonly #unsearched: Set<StreamEntry>;
  /** Those of them whose file was missing once. */
  readonly #missing = new Set<StreamEntry>();
  readonly #youngestRestored: ReadonlyMap<string, StreamEntry>;
  #byPath = new Map<string, TailedFile>();
  /** What `listSiblings()` found during one `reconcile()`, by folder. */
  readonly #siblings = new Map<string, ReadonlyMap<string, Sighting>>();
  #isFirstLook = true;
  #isClosed = false;
  #isIncomplete = false;
  /** How many files the last look found that are not followed for want of room. */
  #leftOut = 0;

  constructor(options: FollowedFilesOptions) {
    this.#options = options;
    const { restored, tail, patterns, roots, own, clock } = options;
    this.#handles = new OpenHandles(options.limits, (file, reason) => this.#giveUp(file, reason));
    const { report } = tail;
    const forget = (file: TailedFile): void => this.#forget(file);
    const giveUp = (file: TailedFile): void => this.#giveUp(file, 'space_policy');
    this.#space = options.space && new SpaceLimit(options.space, { roots, clock, report, forget, giveUp });
    for (const entry of restored.streams) this.#absent.add(entry);
    for (const { home, afterNs } of restored.searches) this.#search(home, afterNs);
    const oldestFirst = restored.streams.toSorted((a, b) => compare(a.bornNs, b.bornNs));
    this.#unsearched = new Set(oldestFirst);
    this.#youngestRestored = new Map(oldestFirst.map((entry) => [entry.home, entry]));
    this.#admission = new Admission({
      absent: this.#absent,
      report: tail.report,
      clock,
      roots,
      own,
      isFollowed: (key) => this.#files.has(key),
      isExcluded: (path) => patterns.excludes(path),
      onNoHandle: () => {
        this.#isIncomplete = true;
        this.#handles.yieldSome();
      },
    });
  }

  /** Every file that is followed, or finished and still there. */
  values(): IterableIterator<TailedFile> {
    return this.#files.values();
  }

  /** Whether any file that can be read has bytes that nobody has read. */
  haveNews(): boolean {
    return Array.from(this.#files.values()).some(({ generation, isUnreadable }) => generation.hasNews && !isUnreadable);
  }

  /** Whether there are files that could not be opened yet, so that `reconcile()` is to be called again. */
  get isIncomplete(): boolean {
    return this.#isIncomplete;
  }

  /** Whether files that were left out could be followed now. */
  get hasRoom(): boolean {
    return this.#leftOut > 0 && this.#files.size < this.#options.maxFiles;
  }

  /** Open files without a name, the one that lost it first first. */
  deleted(): TailedFile[] {
    return this.#handles.deleted();
  }

  /** The file that had that path at the last look. */
  at(path: string): TailedFile | undefined {
    return this.#byPath.get(path);
  }

  /** What the checkpoint is to hold. */
  snapshot(): unknown {
    const streams = [...Array.from(this.#files.values(), (file) => file.toEntry()), ...this.#absent.entries()];
    const searches = Array.from(this.#searches, ([home, { afterNs }]) => ({ home, afterNs }));
    return encodeState({ streams, searches });
  }

  /** Brings the files in line with a look at the folders. */
  async reconcile(listing: Listing, nowMs: number): Promise<void> {
    this.#siblings.clear();
    this.#isIncomplete = false;
    this.#admission.prune();
    const byKey = Map.groupBy(listing.sightings, ({ key }) => key);
    for (const file of [...this.#files.values()]) {
      const sightings = byKey.get(file.key);
      if (sightings !== undefined) await this.#seen(file, sightings);
      else if (knowsFolder(listing, file.folder)) await this.#unseen(file, nowMs);
    }
    await this.#findRestored(listing, byKey);
    await this.#adoptRotated();
    await this.#admitNew(listing);
    this.#absent.prune(nowMs, ({ path }) => knowsFolder(listing, dirname(path)));
    this.#closeBooks();
    this.#byPath = new Map(Array.from(this.#files.values(), (file) => [file.path, file]));
    this.#isFirstLook = false;
  }

  /** Closes a file that is finished; while it has a name, its offset is kept. */
  finish(file: TailedFile): void {
    const isDeleted = file.state.kind === 'leaving' && file.state.cause === 'deleted';
    this.#options.tail.report.finished(file);
    file.close();
    this.#handles.drop(file);
    if (isDeleted) {
      this.#forget(file);
      this.#options.tail.report.ledger.close(file.account);
    }
  }

  /** Gives files up, or removes them, that take more of the disk than allowed. */
  keepSpace(): void {
    this.#handles.limitDeleted();
    this.#space?.keep([...this.#files.values()]);
  }

  /** Gets a file ready for a turn: opens it when its handle was given back for room. */
  async wake(file: TailedFile): Promise<OpenedAgain> {
    this.#handles.use(file);
    if (!file.isParked) return 'open';
    this.#handles.makeRoom(false);
    file.isBusy = true;
    try {
      return await this.#openAgain(file, file.realPath);
    } finally {
      file.isBusy = false;
    }
  }

  /** Looks for the last time, so that it is known what stays unread, and gives all handles back. */
  close(nowMs: number): void {
    this.#isClosed = true;
    for (const file of this.#files.values()) {
      file.examine(nowMs);
      file.close();
    }
  }

  /** The file has names that match; perhaps not the one it had. */
  async #seen(file: TailedFile, sightings: readonly Sighting[]): Promise<void> {
    const named = (path: string): Sighting | undefined => sightings.find((sighting) => sighting.path === path);
    const sighting = named(file.path) ?? named(file.home) ?? sightings[0]!;
    file.moveTo(sighting.path);
    file.isLinked = sighting.isLink;
    if (sighting.path === file.home) {
      file.comeBack();
    } else {
      file.leave('renamed');
      this.#searchAfter(file);
    }
    await this.#reviveIfChanged(file, sighting);
  }

  /** The file has no name that matches. */
  async #unseen(file: TailedFile, nowMs: number): Promise<void> {
    this.#searchAfter(file);
    file.examine(nowMs);
    if (file.state.kind === 'leaving' && file.state.cause === 'deleted') return;
    file.leave('renamed');
    const sibling = (await this.#siblingsOf(file.home)).get(file.key);
    if (sibling !== undefined) {
      file.moveTo(sibling.path);
      await this.#reviveIfChanged(file, sibling);
    } else if (file.state.kind === 'closed') {
      this.#forget(file);
      this.#absent.add(file.toEntry());
    } else if (file.isParked && !file.isBusy && !file.isThere()) {
      this.#lose(file);
    }
  }

  /** Opens a finished file again when somebody wrote into it. */
  async #reviveIfChanged(file: TailedFile, { path, version }: Sighting): Promise<void> {
    const { state } = file;
    // One that is finished and has its first name again is followed again.
    if (state.kind !== 'closed' || (state.version === version && path !== file.home)) return;
    this.#handles.makeRoom(true);
    await this.#openAgain(file, path);
  }

  /** Opens a file that has no handle, if it is still what it was. */
  async #openAgain(file: TailedFile, path: string): Promise<OpenedAgain> {
    const opened = await this.#admission.openAt(path);
    if (opened.kind !== 'opened') return opened.kind === 'no_handle' ? 'later' : 'not';
    // In the meantime it may have been given up.
    if (keyOf(opened.stats) === file.key && this.#files.get(file.key) === file && !this.#isClosed) {
      try {
        const entry = file.toEntry();
        const isOther = isBornOtherwise(opened.stats, entry.bornNs);
        if (!isOther && judge(entry, await readContent(opened.file, entry.offset)) !== 'other') {
          file.reopen(opened.file);
          this.#handles.use(file);
          return 'open';
        }
        // The inode was given to another file, which is admitted as such.
        this.#lose(file);
        this.#isIncomplete = true;
      } catch (error) {
        this.#options.tail.report.trouble('A file cannot be read.', path, error);
      }
    }
    opened.file.close();
    return 'not';
  }

  /** The file is gone, and what was unread in it. */
  #lose(file: TailedFile): void {
    if (file.isParked) this.#options.tail.report.vanished(file, file.unreadBytes);
    this.#forget(file);
  }

  #giveUp(file: TailedFile, reason: GoneReason): void {
    file.examine(this.#options.clock.nowMs());
    this.#options.tail.report.givenUp(file, reason, file.unreadBytes);
    file.account.place = undefined;
    file.close();
    this.#forget(file);
  }

  /** Follows files that were found now, as far as there is room. */
  async #admitNew(listing: Listing): Promise<void> {
    const { maxFiles, tail, skipsExisting } = this.#options;
    const skipsToEnd = skipsExisting && this.#isFirstLook;
    const found = listing.sightings.filter((sighting) => !this.#files.has(sighting.key));
    let { leftOut } = listing;
    for (const sighting of this.#files.size + found.length <= maxFiles ? found.sort(byAge) : this.#inFairOrder(found)) {
      // Another name of the same file may have come first.
      if (this.#files.has(sighting.key) || this.#admission.isRefused(sighting)) continue;
      if (this.#files.size >= maxFiles) {
        leftOut++;
        continue;
      }
      await this.#admit(sighting, { home: sighting.path, kind: 'following', skipsToEnd, isKnownOnly: false });
    }
    this.#leftOut = leftOut;
    tail.report.leftOut(leftOut, maxFiles);
  }

  #inFairOrder(found: readonly Sighting[]): Sighting[] {
    const followed = new Map<string, number>();
    for (const { folder } of this.#files.values()) followed.set(folder, (followed.get(folder) ?? 0) + 1);
    return inFairOrder(found, (folder) => followed.get(folder) ?? 0);
  }

  /**
   * Looks for the files of the last life that have lost their names, among their siblings. A rotation can be under way:
   * a file that has a name in the listing may have lost it before it is opened, and one that is renamed while the
   * siblings are listed is in no listing. So an entry is done with when its file is followed, or was missing twice.
   */
  async #findRestored(listing: Listing, byKey: ReadonlyMap<string, readonly Sighting[]>): Promise<void> {
    const { patterns, tail } = this.#options;
    for (const entry of this.#unsearched) {
      const { id, key, home, offset, path, size } = entry;
      const names = byKey.get(key) ?? [];
      if (names.length === 0 && !listing.folders.has(dirname(home))) continue;
      const isIncluded = patterns.matches(home);
      const isYoungest = this.#youngestRestored.get(home) === entry;
      if (isIncluded && isYoungest && names.every((name) => name.path !== home)) this.#search(home, entry.bornNs);
      if (!isIncluded || !this.#absent.has(key)) this.#unsearched.delete(entry);
      if (names.length > 0 || !this.#unsearched.has(entry)) continue;
      const found = (await this.#siblingsOf(home)).get(key);
      const options = { home, kind: 'leaving', skipsToEnd: false, isKnownOnly: true } as const;
      if (found !== undefined && (await this.#admit(found, options))) continue;
      if (this.#missing.delete(entry)) {
        this.#unsearched.delete(entry);
        tail.report.vanished({ path, offset, account: tail.report.ledger.account(id) }, Math.max(0, size - offset));
        // Said and counted once: in the next life, too.
        this.#absent.add({ ...entry, size: offset });
      } else {
        this.#missing.add(entry);
      }
    }
  }

  /** Has the files found that took the name after `file`, and lost it before anybody looked. */
  #searchAfter(file: TailedFile): void {
    if (this.#youngestAt.get(file.home) === file) this.#search(file.home, file.bornNs);
  }

  #search(home: string, bornNs: bigint): void {
    const afterNs = this.#searches.get(home)?.afterNs ?? bornNs;
    this.#searches.set(home, { afterNs, looksLeft: LOOKS_PER_SEARCH });
  }

  /** Follows rotated files that no pattern matches, and that are younger than the one that is known. */
  async #adoptRotated(): Promise<void> {
    const { patterns } = this.#options;
    for (const [home, search] of this.#searches) {
      let isComplete = true;
      const siblings = [...(await this.#siblingsOf(home)).values()].filter(
        ({ path, modifiedNs }) => modifiedNs > search.afterNs && isRotatedName(basename(path), basename(home)),
      );
      for (const sibling of siblings.sort(byAge)) {
        const { path, key } = sibling;
        if (this.#files.has(key) || patterns.matches(path) || patterns.excludes(path)) continue;
        const options = { home, kind: 'leaving', skipsToEnd: false, isKnownOnly: false } as const;
        if (!(await this.#admit(sibling, options))) isComplete = false;
      }
      if (isComplete && --search.looksLeft === 0) this.#searches.delete(home);
    }
  }

  async #admit(sighting: Sighting, options: AdmissionOptions): Promise<boolean> {
    this.#handles.makeRoom(true);
    const start = await this.#admission.open(sighting, options);
    if (start === undefined) return false;
    const file = new TailedFile(start, this.#options.tail);
    file.isLinked = sighting.isLink;
    // At once, without a wait in between: a checkpoint may be written at any time, and must hold the one or the other.
    if (start.replaces !== undefined) this.#absent.delete(start.replaces);
    this.#files.set(file.key, file);
    if (this.#isClosed) file.close();
    this.#handles.use(file);
    const elder = this.#youngestAt.get(file.home);
    if (elder === undefined || elder.bornNs <= file.bornNs) {
      file.predecessor = elder;
      this.#youngestAt.set(file.home, file);
    }
    this.#options.tail.report.opened(file);
    if (!start.isStored) this.#options.onNew();
    return true;
  }

  /** Adds up the streams that neither a file nor an entry stands for any more. */
  #closeBooks(): void {
    const known = new Set<string>();
    for (const { id } of this.#files.values()) known.add(id);
    for (const { id } of this.#absent.entries()) known.add(id);
    this.#options.tail.report.ledger.closeExcept((id) => known.has(id));
  }

  #forget(file: TailedFile): void {
    this.#files.delete(file.key);
    this.#handles.drop(file);
    if (this.#youngestAt.get(file.home) === file) this.#youngestAt.delete(file.home);
    this.#options.tail.onChange();
  }

  /** The files beside that path. */
  async #siblingsOf(path: string): Promise<ReadonlyMap<string, Sighting>> {
    const folder = dirname(path);
    const siblings = this.#siblings.get(folder) ?? (await listSiblings(folder));
    this.#siblings.set(folder, siblings);
    return siblings;
  }
}

/** A link comes after the names of files; files that were written last come last; of two from the same moment the one with the higher number is older. */
function byAge(a: Sighting, b: Sighting): number {
  return Number(a.isLink) - Number(b.isLink) || compare(a.modifiedNs, b.modifiedNs) || compare(b.path, a.path);
}

function compare<Value extends bigint | string>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
