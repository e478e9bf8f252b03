import { dirname } from 'node:path';
import type { Standpoint } from '../../core/contracts.ts';
import type { GoneReason } from '../../ledger/reasons.ts';
import { AbsentStreams } from './absent-streams.ts';
import { Admission, type AdmissionOptions } from './admission.ts';
import { CompressedFiles } from './compressed-files.ts';
import { knowsPath, type Listing } from './discovery.ts';
import { followedIn, inFairOrder } from './fair-order.ts';
import { FileIndex } from './file-index.ts';
import { type LeftFile, startLeft } from './file-legacy.ts';
import type { FollowedFilesOptions } from './follow-options.ts';
import { LostStreams } from './lost-streams.ts';
import { giveUpMissed } from './missed-files.ts';
import { OpenHandles } from './open-handles.ts';
import { PossibleCopies } from './possible-copies.ts';
import { type OpenedAgain, Reopening } from './reopening.ts';
import { RestoredEntries } from './restored-entries.ts';
import { retentionMs } from './retention.ts';
import { listSiblings, SiblingCache } from './rotated-siblings.ts';
import { byAge, RotationSearches } from './rotation-searches.ts';
import type { Sighting } from './sighting.ts';
import { SpaceLimit } from './space-limit.ts';
import { encodeState, type StreamEntry } from './stream-entry.ts';
import { StreamMoves } from './stream-moves.ts';
import { type TailContext, TailedFile, type TailStart } from './tailed-file.ts';
import { type Twin, twinsByHead } from './twins.ts';
import { UnlistedFiles } from './unlisted-files.ts';

/**
 * The files of one source, by inode. `reconcile()` compares them with what a look at the folders found: names that came,
 * moved and went. Names are only how a file is found; a file is followed by its handle until it is finished.
 */
export class FollowedFiles {
  readonly #options: FollowedFilesOptions;
  readonly #tail: TailContext;
  readonly #admission: Admission;
  readonly #absent: AbsentStreams;
  readonly #lost: LostStreams;
  readonly #copies: PossibleCopies;
  readonly #compressed: CompressedFiles;
  readonly #unlisted: UnlistedFiles;
  readonly #moves: StreamMoves;
  readonly #reopening: Reopening;
  readonly #index = new FileIndex();
  readonly #handles: OpenHandles;
  readonly #space: SpaceLimit;
  readonly #searches = new RotationSearches();
  readonly #restored: RestoredEntries;
  /** Files that were seen, and were no longer there when they were to be opened. */
  #missed = new Map<string, Sighting>();
  /** What the last look found, by inode. */
  #byKey: ReadonlyMap<string, readonly Sighting[]> = new Map();
  /** What was found beside files during one `reconcile()`. */
  readonly #siblings = new SiblingCache();
  #isFirstLook = true;
  #isClosed = false;
  #isIncomplete = false;
  /** How many files the last look found that are not followed for want of room. */
  #leftOut = 0;

  constructor(options: FollowedFilesOptions) {
    this.#options = options;
    const { tail, patterns, roots, own, clock, encoding, left } = options;
    const { searches, lost } = options.restored;
    const leftKeys = new Set(left.map(({ start }) => start.key));
    const streams = options.restored.streams.filter(({ key }) => !leftKeys.has(key));
    this.#handles = new OpenHandles(options.limits, (file, reason) => this.#giveUp(file, reason));
    const { report } = tail;
    const forget = (file: TailedFile): void => this.#forget(file);
    const giveUp = (file: TailedFile): void => this.#giveUp(file, 'space_policy');
    this.#space = new SpaceLimit(options.removal, { roots, clock, report, forget, giveUp });
    this.#tail = { ...tail, onCut: (file, generation, cause) => this.#moves.cut(file, generation, cause) };
    this.#lost = new LostStreams(this.#tail, options.onNews);
    this.#moves = new StreamMoves(this.#index, this.#lost, report, tail.onChange);
    this.#absent = new AbsentStreams(report.ledger);
    for (const entry of streams) this.#absent.add(entry);
    for (const { home, afterNs } of searches) this.#searches.start(home, afterNs);
    for (const entry of lost) this.#lost.addEntry(entry, 'truncated');
    this.#restored = new RestoredEntries(streams, {
      patterns,
      absent: this.#absent,
      searches: this.#searches,
      siblings: this.#siblings,
      admit: (sighting, home) => this.#admit(sighting, { home, kind: 'leaving', skipsToEnd: false, isKnownOnly: true }),
      onGone: (entry) => {
        // The entry stays for a while, in case the inode comes back; the lost stream has what was seen and not read.
        this.#absent.add(entry, entry.offset);
        this.#lost.addEntry(entry, 'deleted', true);
      },
    });
    this.#admission = new Admission({
      absent: this.#absent,
      report: tail.report,
      clock,
      roots,
      own,
      encoding,
      isFollowed: (key) => this.#isKnown(key),
      takeCompressed: (arrival, how) => this.#compressed.take(arrival, how),
      isExcluded: (path) => patterns.excludes(path),
      onNoHandle: () => {
        this.#isIncomplete = true;
        this.#handles.yieldSome();
      },
    });
    this.#reopening = this.#createReopening();
    this.#compressed = new CompressedFiles({
      report,
      rotateWaitMs: tail.rotateWaitMs,
      files: () => this.values(),
      absent: this.#absent,
      lost: this.#lost,
      isIncluded: (path) => patterns.matches(path),
      onNews: options.onNews,
    });
    this.#unlisted = this.#createUnlistedFiles();
    this.#copies = new PossibleCopies({
      waitMs: tail.rotateWaitMs,
      report,
      open: async ({ key, realPath }) => (await this.#admission.openSame({ path: realPath, key }))?.file,
      onChange: tail.onChange,
    });
    const entries = new Map(options.restored.streams.map((entry) => [entry.key, entry]));
    for (const { start, isLinked } of left) {
      const file = this.#follow(startLeft(start, entries.get(start.key)), isLinked);
      this.#index.succeed(file);
      file.account.agree();
    }
  }

  /** Every file that is followed, or finished and still there; and every stream that has lost its file. */
  *values(): IterableIterator<TailedFile> {
    yield* this.#index.values();
    for (const { file } of this.#lost) yield file;
  }

  /** The same as `values()`, without garbage: a look does it with many files. */
  forEach(visit: (file: TailedFile) => void): void {
    this.#index.forEach(visit);
    for (const { file } of this.#lost) visit(file);
  }

  /** Whether there are bytes to be read that nobody has read, but for those of files that wait for a decision. */
  haveNews(): boolean {
    if (this.#compressed.haveNews()) return true;
    for (const { hasNews } of this.#index.values()) if (hasNews) return true;
    return false;
  }

  /** Whether `reconcile()` is to be called again though no name has changed: something was not found or not opened. */
  get isIncomplete(): boolean {
    const isSearching = this.#unlisted.isIncomplete || this.#lost.sought().length > 0;
    return this.#isIncomplete || this.#missed.size > 0 || this.#restored.isIncomplete || isSearching;
  }

  /** Whether it remembers what is forgotten after a while: streams without a file, searches. */
  get isRemembering(): boolean {
    return this.#absent.size > 0 || this.#searches.homes().length > 0;
  }

  /** Whether files that were left out could be followed now. */
  get hasRoom(): boolean {
    return this.#leftOut > 0 && this.#index.size < this.#options.maxFiles;
  }

  /** Open files without a name, the one that lost it first first. */
  deleted(): TailedFile[] {
    return this.#handles.deleted();
  }

  /** The file that had that path at the last look. */
  at(path: string): TailedFile | undefined {
    return this.#index.at(path);
  }

  /** What the checkpoint is to hold. */
  snapshot(): unknown {
    const files = Array.from(this.#index.values(), (file) => file.toEntry());
    const streams = [...files, ...this.#absent.entries(), ...this.#compressed.passedOver];
    const sought = Array.from(this.#lost).flatMap(({ file, isAbsent }) => (isAbsent ? [] : file.toEntry()));
    const lost = [...sought, ...this.#compressed.finished];
    return encodeState({ streams, searches: this.#searches.entries(), lost });
  }

  /** Brings the files in line with a look at the folders. */
  async reconcile(listing: Listing, nowMs: number): Promise<void> {
    this.#siblings.clear();
    this.#isIncomplete = false;
    this.#admission.prune();
    const missed = this.#missed;
    this.#missed = new Map();
    this.#byKey = Map.groupBy(listing.sightings, ({ key }) => key);
    for (const file of [...this.#index.values()]) {
      const sightings = this.#byKey.get(file.key);
      if (sightings !== undefined) await this.#seen(file, sightings);
      else if (knowsPath(listing, file.path)) await this.#unseen(file, nowMs);
    }
    await this.#restored.find(listing, this.#byKey);
    await this.#unlisted.adoptRotated(listing, nowMs);
    await this.#admitNew(listing);
    this.#giveUpMissed(missed);
    await this.#unlisted.findCopies(listing, nowMs);
    await this.#unlisted.findCompressed();
    this.#absent.prune(nowMs, (entry) => {
      if (this.#byKey.has(entry.key)) return undefined;
      const keptMs = retentionMs(entry, listing, this.#options.patterns);
      // A compressed file may turn out to hold it.
      return keptMs !== undefined && this.#compressed.areUnknown ? Number.POSITIVE_INFINITY : keptMs;
    });
    this.#closeBooks();
    this.#index.indexPaths();
    this.#isFirstLook = false;
  }

  /**
   * Decides what new files are that may be copies, and gives up the streams that are in none. Returns files that can be
   * read now.
   */
  async settle(nowMs: number): Promise<readonly TailedFile[]> {
    const ready: TailedFile[] = [];
    for await (const { file, continued } of this.#copies.decide(() => this.#twins(), nowMs)) {
      if (continued !== undefined) this.#moves.continue(file, continued.generation, continued.home);
      ready.push(file);
    }
    const givenUp = this.#lost.settle({
      hasReturned: ({ file, isAbsent }) => isAbsent && !this.#absent.has(file.key),
      mayBeFound: (file) => this.#compressed.mayHold(file),
    });
    if (givenUp.length === 0) return ready;
    for (const { key, id } of givenUp) this.#absent.giveUp(key, id);
    this.#tail.onChange();
    const waiting = [...this.#index.values()].filter(({ predecessor }) => predecessor && givenUp.includes(predecessor));
    return [...ready, ...givenUp, ...waiting];
  }

  /** Takes every file for a stream of its own that may be a copy: nothing will come that decides it. */
  takeUndecided(): void {
    this.#copies.release();
  }

  /** Follows compressed files of which it is known by now what they hold. `isEnding`: whoever writes has stopped. */
  advance(nowMs: number, isEnding: boolean): void {
    for (const { start, lost } of this.#compressed.advance(nowMs, isEnding)) {
      const file = this.#follow(start);
      if (lost !== undefined) this.#moves.replace(lost, file);
      file.account.agree();
    }
  }

  /** Leaves a file that turned out to be compressed: it comes in anew, as such. */
  leaveCompressed(file: TailedFile): void {
    file.close();
    this.#forget(file);
    this.#options.onStale(file.folder);
    this.#options.onNews();
  }

  /** Leaves the files that others are to read; one that is to be read again after all is read from its beginning. */
  leaveExcluded(): void {
    const { isExcluded } = this.#options;
    if (isExcluded === undefined) return;
    for (const file of [...this.#index.values()]) {
      if (file.isBusy || !isExcluded(file.path)) continue;
      this.#tail.report.excluded(file);
      file.close();
      this.#forget(file);
    }
  }

  /** Closes a file that is finished; while it has a name, its offset is kept. */
  finish(file: TailedFile): void {
    const isDeleted = file.state.kind === 'leaving' && file.state.cause === 'deleted';
    this.#tail.report.finished(file);
    file.close();
    this.#handles.drop(file);
    // It changed while it was closed; or there is room for the next compressed file.
    if (file.state.kind === 'closed' && file.state.version === '') this.#options.onStale(file.folder);
    if (file.archive !== undefined) this.#options.onNews();
    if (!isDeleted || !this.#index.holds(file)) return;
    this.#awaitCompressed(file);
    this.#forget(file);
    // A file that waits may hold its bytes.
    if (this.#copies.areThere) this.#lost.add(file, 'deleted').looksLeft = 0;
    else if (file.account.places.size === 0) this.#tail.report.ledger.close(file.account);
  }

  /** Gives files up, or removes them, that take more of the disk than allowed. */
  keepSpace(): void {
    this.#handles.limitDeleted();
    this.#space.keep(this.#index.values());
  }

  /** Gets a file ready for a turn: opens it when its handle was given back for room. */
  async wake(file: TailedFile): Promise<OpenedAgain> {
    // What was read of a lost stream needs no handle; a file that was forgotten gets none.
    if (!this.#index.holds(file)) return file.handle === undefined ? 'not' : 'open';
    this.#handles.use(file);
    if (!file.isParked) return 'open';
    this.#handles.makeRoom(false);
    file.isBusy = true;
    try {
      return await this.#reopening.open(file, file.realPath);
    } finally {
      file.isBusy = false;
    }
  }

  /** Looks for the last time, so that it is known what stays unread, and gives all handles back. */
  close(nowMs: number): void {
    this.#isClosed = true;
    for (const file of this.#index.values()) {
      file.examine(nowMs);
      file.close();
    }
    this.#compressed.close();
  }

  /** Leaves the files to another source, as they are; what it cannot take is closed. */
  bequeath(from: Standpoint): LeftFile[] {
    this.#isClosed = true;
    this.#compressed.close();
    return Array.from(this.#index.values()).flatMap((file) => {
      const { isLinked } = file;
      const start = file.bequeath(from);
      file.close();
      return start === undefined ? [] : [{ start, isLinked }];
    });
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
      this.#searchAfter(file);
      file.leave('renamed');
    }
    await this.#reviveIfChanged(file, sighting);
  }

  /** The file has no name that matches. */
  async #unseen(file: TailedFile, nowMs: number): Promise<void> {
    this.#searchAfter(file);
    file.examine(nowMs);
    if (file.state.kind === 'leaving' && file.state.cause === 'deleted') return;
    file.leave('renamed');
    const places = [await this.#siblings.of(file.path), await this.#siblings.of(file.home)];
    // The source has ended meanwhile: what has not settled stays with the file.
    if (this.#isClosed) return;
    const sibling = places[0]?.get(file.key)?.[0] ?? places[1]?.get(file.key)?.[0];
    if (sibling !== undefined) {
      file.moveTo(sibling.path);
      await this.#reviveIfChanged(file, sibling);
    } else if (places.includes(undefined)) {
      return;
    } else if (file.state.kind === 'closed' || this.#isDoneAndGone(file)) {
      this.#forget(file);
      this.#absent.add(file.toEntry());
      this.#unlisted.seekCompressed(file);
    } else if (file.isParked && !file.isBusy && !file.isThere()) {
      this.#lose(file);
    }
  }

  /** Whether all of the file is delivered, and its handle was given back; should it return, nothing of it is read again. */
  #isDoneAndGone(file: TailedFile): boolean {
    return file.isParked && !file.isBusy && file.generation.isSettled && !file.isThere();
  }

  /** Opens a finished file again when somebody wrote into it. */
  async #reviveIfChanged(file: TailedFile, sighting: Sighting): Promise<void> {
    const { path, version } = sighting;
    const { state } = file;
    // One that is finished and has its first name again is followed again.
    const isArchive = file.archive !== undefined;
    if (state.kind !== 'closed' || (state.version === version && (path !== file.home || isArchive))) return;
    if (isArchive) {
      this.#forget(file);
      this.#absent.add(file.toEntry());
      await this.#admit(sighting, { home: file.home, kind: 'leaving', skipsToEnd: false, isKnownOnly: false });
      return;
    }
    this.#handles.makeRoom(true);
    await this.#reopening.open(file, path);
  }

  /** The file is gone. What is known of its stream is not: another file may hold the same bytes, compressed or not. */
  #lose(file: TailedFile): void {
    this.#forget(file);
    this.#moves.lose(file);
  }

  #giveUp(file: TailedFile, reason: GoneReason): void {
    file.examine(this.#options.clock.nowMs());
    this.#tail.report.givenUp(file, reason, file.unreadBytes);
    if (file.isDeleted && file.generation.isSettled) this.#awaitCompressed(file);
    file.leaveBooks();
    file.close();
    this.#forget(file);
  }

  /** The file was delivered and deleted: perhaps because it was compressed. */
  #awaitCompressed(file: TailedFile): void {
    this.#compressed.keep(file.toEntry());
    this.#unlisted.seekCompressed(file);
  }

  /** Follows files that were found now, as far as there is room. */
  async #admitNew(listing: Listing): Promise<void> {
    const { maxFiles, tail, skipsExisting } = this.#options;
    const skipsToEnd = skipsExisting && this.#isFirstLook;
    const { isExcluded } = this.#options;
    const found = listing.sightings.filter(({ key, path }) => {
      if (this.#isKnown(key, path)) return false;
      if (isExcluded?.(path) !== true) return true;
      tail.report.leftAlone(path);
      return false;
    });
    let { leftOut } = listing;
    for (const sighting of this.#index.size + found.length <= maxFiles
      ? found.sort(byAge)
      : inFairOrder(found, followedIn(this.#index.values()))) {
      // Another name of the same file may have come first.
      if (this.#isKnown(sighting.key) || this.#admission.isRefused(sighting)) continue;
      if (this.#index.size >= maxFiles) {
        leftOut++;
        continue;
      }
      await this.#admit(sighting, { home: sighting.path, kind: 'following', skipsToEnd, isKnownOnly: false });
    }
    this.#leftOut = leftOut;
    tail.report.leftOut(leftOut, maxFiles);
  }

  /**
   * Has the files found that took the name after `file`, and lost it before anybody looked. A file that has the name now
   * may have come in first.
   */
  #searchAfter(file: TailedFile): void {
    const isLeaving = file.state.kind === 'following' || this.#index.youngestOf(file.home) === file;
    if (isLeaving) this.#searches.start(file.home, file.bornNs);
  }

  #twins(): ReadonlyMap<string, readonly Twin[]> {
    return twinsByHead({
      files: this.#index.values(),
      lost: this.#lost,
      absent: this.#absent,
      isGone: (entry) => this.#isGone(entry),
      ledger: this.#tail.report.ledger,
      onChange: this.#tail.onChange,
    });
  }

  /** Whether the file of an absent stream was looked for everywhere. */
  #isGone(entry: StreamEntry): boolean {
    return !this.#restored.has(entry) && !this.#byKey.has(entry.key) && this.#options.patterns.matches(entry.home);
  }

  async #admit(sighting: Sighting, options: AdmissionOptions): Promise<boolean> {
    this.#handles.makeRoom(true);
    let result = await this.#admission.open(sighting, options);
    if (result === 'gone') {
      // Renamed since it was seen, or deleted. In the first case another file may have its name now.
      const { path, key, isLink } = sighting;
      this.#isIncomplete = true;
      this.#options.onStale(dirname(path));
      const moved = (await listSiblings(dirname(path)))?.get(key)?.[0];
      if (moved !== undefined) result = await this.#admission.open(moved, { ...options, kind: 'leaving' });
      if (result === 'gone' && !isLink) this.#missed.set(key, sighting);
    }
    if (typeof result === 'string') return false;
    const { start, isStored, replaces, loss } = result;
    // At once, without a wait in between: a checkpoint may be written at any time, and must hold the one or the other.
    if (replaces !== undefined) this.#absent.delete(replaces.key);
    const file = this.#follow(start, sighting.isLink);
    const elder = this.#index.succeed(file);
    if (replaces !== undefined && loss !== undefined) {
      const { file: lost } = this.#lost.addEntry(replaces, loss);
      if (loss !== 'deleted') this.#tail.report[loss](lost);
      lost.predecessor = file.predecessor;
      file.predecessor = lost;
    }
    file.account.agree();
    if (!isStored) this.#options.onNew(elder !== undefined || this.#restored.knows(file.home));
    return true;
  }

  #follow(start: TailStart, isLinked = false): TailedFile {
    this.#vacate(start);
    const file = new TailedFile(start, this.#tail);
    file.isLinked = isLinked;
    this.#index.add(file);
    if (this.#isClosed) file.close();
    this.#handles.use(file);
    const { position, number, head } = file.generation;
    // One of which something was read, though nothing is settled, is known: it would be taken for a copy of itself.
    if (position === 0 && number === 0 && head.length === 0 && file.archive === undefined) this.#copies.add(file);
    this.#tail.report.opened(file);
    return file;
  }

  /** The checkpoint holds one entry of an inode: a stream whose inode the file has got is looked for elsewhere. */
  #vacate({ key, id }: TailStart): void {
    const before = this.#absent.get(key);
    if (before === undefined) return;
    this.#absent.delete(key);
    if (before.id !== id) this.#lost.addEntry(before, 'deleted');
  }

  /** What was seen and could not be opened is gone, unless it was found in the meantime. */
  #giveUpMissed(missed: ReadonlyMap<string, Sighting>): void {
    for (const [key, sighting] of missed) {
      // What becomes of a stream of the last life is found out elsewhere.
      if (this.#isKnown(key) || this.#byKey.has(key) || this.#absent.has(key)) continue;
      giveUpMissed(sighting, this.#tail.report);
    }
  }

  /** Adds up the streams that neither a file nor an entry stands for any more. */
  #closeBooks(): void {
    const known = new Set([...this.values(), ...this.#absent.entries()].map(({ id }) => id));
    this.#tail.report.ledger.closeExcept((id) => known.has(id));
  }

  /** Whether somebody has the file already; takes note of the path of a compressed one. */
  #isKnown(key: string, path?: string): boolean {
    return this.#index.has(key) || this.#compressed.has(key, path);
  }

  #createReopening(): Reopening {
    return new Reopening({
      admission: this.#admission,
      handles: this.#handles,
      report: this.#tail.report,
      isWanted: (file) => this.#index.holds(file) && !this.#isClosed,
      onReplaced: (file) => {
        this.#lose(file);
        this.#isIncomplete = true;
      },
    });
  }

  #createUnlistedFiles(): UnlistedFiles {
    const { patterns, tail } = this.#options;
    const { report, rotateWaitMs } = tail;
    return new UnlistedFiles({
      patterns,
      index: this.#index,
      siblings: this.#siblings,
      searches: this.#searches,
      lost: this.#lost,
      compressed: this.#compressed,
      candidates: {
        admission: this.#admission,
        report,
        isCandidate: ({ path, key }) => !(this.#isKnown(key) || patterns.matches(path) || patterns.excludes(path)),
      },
      waitMs: rotateWaitMs,
      isKnown: (key) => this.#isKnown(key),
      admit: (sighting, how) => this.#admit(sighting, how),
      makeRoom: () => this.#handles.makeRoom(true),
      onNews: this.#options.onNews,
      onCopy: (lost, start) => {
        const copy = this.#follow(start);
        copy.account.agree();
        this.#moves.replace(lost, copy);
        report.copied(copy);
      },
    });
  }

  #forget(file: TailedFile): void {
    this.#index.delete(file);
    file.leaveBooks();
    this.#copies.delete(file);
    this.#handles.drop(file);
    this.#tail.onChange();
  }
}
