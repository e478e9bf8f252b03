import { type BigIntStats, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type Evidence, HEAD_BYTES } from '../../checkpoint/file-identity.ts';
import type { Standpoint } from '../../core/contracts.ts';
import type { Resource } from '../../core/resource.ts';
import type { Stream } from '../../core/stream.ts';
import type { Place, StreamAccount } from '../../ledger/stream-account.ts';
import { entryStart, freshGeneration, Generation, type GenerationStart } from './generation.ts';
import { HeldTail } from './held-tail.ts';
import { isWritten } from './nul-search.ts';
import { fsPath } from './raw-path.ts';
import { deviceOf, keyOf, versionOf } from './sighting.ts';
import type { SourceReport } from './source-report.ts';
import type { FileStat, StreamContent } from './stream-content.ts';
import type { StreamEntry } from './stream-entry.ts';

const NS_PER_S = 1_000_000_000n;

/**
 * Where a file is in its life. A file without a handle has none to be read by mistake: a closed one is finished, of
 * another one the handle was given back for room, and it is opened again by its name for its next turn.
 */
export type TailState =
  /** It has the name under which it was found. */
  | { readonly kind: 'following'; readonly file: StreamContent | undefined }
  /** Renamed or deleted: it is read to its end, and closed when it has been silent there for long enough. */
  | {
      readonly kind: 'leaving';
      readonly file: StreamContent | undefined;
      readonly cause: 'renamed' | 'deleted';
      /** Since when there is nothing new in it; undefined: there is, or nobody has looked yet. */
      quietSinceMs: number | undefined;
    }
  /** Finished. `version` is what it was like (see `versionOf()`): when that changes, somebody has to look again. */
  | { readonly kind: 'closed'; readonly version: string }
  /** Its bytes were truncated away, or its inode is gone: only a copy can have them. */
  | { readonly kind: 'lost' };

/** How a file came to hold other bytes than those that were read: seen as such, or found at the next read. */
export type CutCause = 'truncated' | 'rewritten';

/** What the records of a file carry, whatever is in it. */
export interface StreamOrigin {
  readonly resource: Resource;
  readonly pipeline?: string;
}

/** What all files of one source share. */
export interface TailContext {
  /** What the records of the file carry that has that name: the same object as long as it is the same. */
  readonly originOf: (path: string) => StreamOrigin;
  /** Whether the file that has that name is to be read now; left out: always. */
  readonly mayRead?: (path: string) => boolean;
  readonly rotateWaitMs: number;
  /** How long lines wait for others that may belong to them. */
  readonly groupWaitMs: number;
  readonly report: SourceReport;
  /** Called when what the checkpoint holds of a file has changed. */
  readonly onChange: () => void;
  /** Called when the bytes of a generation are no longer in the file, which is read from its beginning. */
  readonly onCut: (file: TailedFile, generation: Generation, cause: CutCause) => void;
}

/** What is known of a file before it is followed. */
export interface TailStart {
  /** See `StreamEntry.id`. */
  readonly id: string;
  readonly key: string;
  readonly path: string;
  readonly home: string;
  readonly bornNs: bigint;
  readonly generation: GenerationStart | Generation;
  readonly state: TailState;
  /** Of a compressed file: its compressed bytes. Such a file never changes; one that does is looked at as another one. */
  readonly archive?: Evidence | undefined;
  /** Its path without links, when it was opened; undefined: the same. */
  readonly realPath?: string;
}

/** One stream: a file through its names and truncations, as long as its inode is there. */
export class TailedFile {
  readonly id: string;
  readonly key: string;
  readonly bornNs: bigint;
  /** See `TailStart.archive`. */
  readonly archive: Evidence | undefined;
  /** Its books. */
  readonly account: StreamAccount;
  /** The file that had this one's name before, until that one is read to its end. */
  predecessor: TailedFile | undefined;
  /** Whether its first lines may belong to the open record at the end of the file before it, and wait for more. */
  isWaitingForElder = false;
  /** Whether a turn has the file: then nobody else looks at it. */
  isBusy = false;
  /** Whether its last turn failed. */
  isUnreadable = false;
  /** Whether it may be a copy of a known stream: once it is as long as a head, it is read when that is decided. */
  isUndecided = false;
  /** Whether its name is a link, so that its folder says nothing of it. */
  isLinked = false;
  /** How many looks in a row have found nothing. */
  idleLooks = 0;
  #home: string;
  #path: string;
  /** When its content changed last, as far as anybody saw. */
  #modifiedMs: number | undefined;
  #folder: string;
  #stream: Stream;
  #origin: StreamOrigin | undefined;
  #state: TailState;
  #generation: Generation;
  #deletedMs: number | undefined;
  /** The file before it under its name, and the one after it, once that is known. */
  #elder: TailedFile | undefined;
  #heir: TailedFile | undefined;
  readonly #linkTarget: string | undefined;
  /** Since when there is nothing new in it, as far as anybody has looked. */
  #silentSinceMs: number | undefined;
  /** Bytes up to `end` that were there at `sinceMs`, and were not read then. */
  #behind: { readonly generation: Generation; readonly end: number; readonly sinceMs: number } | undefined;
  readonly #context: TailContext;

  constructor(start: TailStart, context: TailContext) {
    this.id = start.id;
    this.key = start.key;
    this.bornNs = start.bornNs;
    this.archive = start.archive;
    this.account = context.report.ledger.account(start.id);
    this.#context = context;
    this.#home = start.home;
    this.#path = start.path;
    this.#folder = dirname(start.path);
    this.#linkTarget = start.realPath;
    this.#state = start.state;
    const { generation } = start;
    if (generation instanceof Generation) {
      this.#generation = generation;
    } else {
      this.account.begin(generation.offset);
      this.#generation = new Generation(generation, this.account, context.onChange);
    }
    this.account.places.add(this.#place);
    this.#stream = this.#makeStream();
  }

  /** The name under which it was found first; a successor appears there. */
  get home(): string {
    return this.#home;
  }

  /** The name that led to it last. */
  get path(): string {
    return this.#path;
  }

  /** The path under which it can be opened again, whatever a link at its name leads to by then. */
  get realPath(): string {
    return this.isLinked ? (this.#linkTarget ?? this.#path) : this.#path;
  }

  get folder(): string {
    return this.#folder;
  }

  /** Without its folders. */
  get name(): string {
    return basename(this.#path);
  }

  /** Another object when its name, its content or its resource has become another one. */
  get stream(): Stream {
    if (this.#context.originOf(this.#path) !== this.#origin) this.#stream = this.#makeStream();
    return this.#stream;
  }

  get state(): TailState {
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#state.kind !== 'closed' && this.#state.kind !== 'lost';
  }

  /** The handle; undefined: it is closed, or has none for now. */
  get handle(): StreamContent | undefined {
    return 'file' in this.#state ? this.#state.file : undefined;
  }

  /** The file system that it lies on, by its number. */
  get device(): string {
    return deviceOf(this.key);
  }

  /** What it takes of its volume, as far as it was seen, in bytes. */
  get diskBytes(): number {
    return this.archive?.offset ?? this.#generation.size;
  }

  /** Whether it has to be opened for its next turn. */
  get isParked(): boolean {
    return 'file' in this.#state && this.#state.file === undefined;
  }

  get isDeleted(): boolean {
    return this.#state.kind === 'leaving' && this.#state.cause === 'deleted';
  }

  /** Since when it has had no name, as far as anybody has looked; undefined: it has one. */
  get deletedMs(): number | undefined {
    return this.#deletedMs;
  }

  get generation(): Generation {
    return this.#generation;
  }

  /** Whether it has bytes that nobody has read, and a turn could read them. */
  get hasNews(): boolean {
    return this.#generation.hasNews && !this.isUnreadable && !this.isUndecided;
  }

  get offset(): number {
    return this.#generation.position;
  }

  get unreadBytes(): number {
    return this.#generation.unreadBytes;
  }

  /** How long ago bytes were seen that are not read yet, to within a look; 0: there are none. */
  lagMs(nowMs: number): number {
    return this.#behind === undefined || this.#hasCaughtUp(this.#behind) ? 0 : nowMs - this.#behind.sinceMs;
  }

  // --- looking -----------------------------------------------------------------------------------------------------

  /** Looks at the file, by its handle or its name: its size, and whether it still has a name. */
  examine(nowMs: number): void {
    this.#releasePredecessor();
    if (!('file' in this.#state)) return;
    if (this.isBusy) {
      this.#noteLag(nowMs);
      return;
    }
    try {
      const stats = this.#state.file?.stat() ?? this.#statByName();
      // Where the name no longer leads to it, the next listing says what became of it.
      if (stats === undefined) return;
      const { size, nlink } = stats;
      this.idleLooks = size === this.#generation.size && nlink > 0 ? this.idleLooks + 1 : 0;
      if (nlink === 0) {
        this.#deletedMs ??= nowMs;
        this.leave('deleted');
      }
      this.observe(stats);
      this.#noteLag(nowMs);
      this.#lookBehindNuls();
    } catch (error) {
      this.#context.report.trouble('A file cannot be examined.', this.#path, error);
      return;
    }
    if (this.#generation.hasNews) return;
    this.#silentSinceMs ??= nowMs;
    if (this.#state.kind === 'leaving') this.#state.quietSinceMs ??= nowMs;
  }

  /** Whether it could be opened again by its name. */
  isThere(): boolean {
    try {
      return this.#statByName() !== undefined;
    } catch {
      return false;
    }
  }

  /** Whether it is finished, and its name leads to it as it was then. */
  isAsFinished(): boolean {
    try {
      return this.#state.kind === 'closed' && this.#statByName()?.version === this.#state.version;
    } catch {
      return false;
    }
  }

  /** What its name leads to, as long as that is the file itself; opens nothing. Throws where that cannot be told. */
  #statByName(): (FileStat & { readonly version: string }) | undefined {
    const stats: BigIntStats | undefined = statSync(fsPath(this.realPath), { bigint: true, throwIfNoEntry: false });
    if (stats === undefined || keyOf(stats) !== this.key) return undefined;
    // Exactly as `fstat` of an open file gives it.
    const mtimeMs = Number(stats.mtimeNs / NS_PER_S) * 1000 + Number(stats.mtimeNs % NS_PER_S) / 1e6;
    return { size: Number(stats.size), nlink: Number(stats.nlink), mtimeMs, version: versionOf(stats) };
  }

  #noteLag(nowMs: number): void {
    if (this.#behind !== undefined && !this.#hasCaughtUp(this.#behind)) return;
    const generation = this.#generation;
    this.#behind = generation.unreadBytes === 0 ? undefined : { generation, end: generation.size, sinceMs: nowMs };
  }

  #hasCaughtUp({ generation, end }: { readonly generation: Generation; readonly end: number }): boolean {
    return generation !== this.#generation || generation.position >= end || generation.unreadBytes === 0;
  }

  /**
   * Takes note of what the file is like: it grew, lost bytes that were not read yet, or was truncated. One that changed
   * and has the size that it had may have been truncated too: the next turn looks at its content.
   */
  observe({ size, mtimeMs }: Pick<FileStat, 'size' | 'mtimeMs'>): void {
    const generation = this.#generation;
    const isTouched = this.#modifiedMs !== undefined && mtimeMs !== this.#modifiedMs;
    this.#modifiedMs = mtimeMs;
    if (isTouched && size === generation.size) generation.doubt();
    if (size !== generation.size) this.#silentSinceMs = undefined;
    if (size < generation.size) generation.cutNuls(size);
    if (size < generation.position) {
      this.#restart('truncated');
    } else if (size < generation.size) {
      generation.cut(generation.size - size);
    } else if (size > generation.size && this.#state.kind === 'leaving') {
      this.#state.quietSinceMs = undefined;
    }
    this.#generation.size = size;
  }

  /** The bytes before the position are what they were, so those that were cut off behind it are gone. */
  confirmCut(): void {
    const { cutBytes } = this.#generation;
    if (cutBytes > 0) this.account.lose('truncated', this.#generation.takeCutBytes());
  }

  /** The bytes before the position are others now: the file was truncated and has grown past it. */
  restartRewritten(): void {
    const before = this.#generation;
    const { size } = before;
    // What was seen behind the held line is of the new content, and is not seen twice.
    this.#restart('rewritten', before.shrinkToHeldTail());
    this.#generation.size = size;
  }

  /** Whether a turn would find something: bytes that nobody has read; or, at the end, an unfinished line. */
  wantsTurn(nowMs: number, isEnding: boolean): boolean {
    if (!this.isOpen || this.predecessor?.state.kind === 'lost') return false;
    if (this.#context.mayRead?.(this.#path) === false) return false;
    if (this.isUndecided && this.#generation.size >= HEAD_BYTES) return false;
    if (this.#generation.hasNews) return true;
    if (this.unreadBytes === 0) return false;
    // What it holds goes out with the first lines of its heir, unless nothing more comes there.
    if (this.#heir?.isWaitingForElder) return this.isQuiet(nowMs);
    const isFree = this.isWaitingForElder && this.openElder === undefined;
    return isFree || isEnding || this.isQuiet(nowMs) || this.isOverdue(nowMs);
  }

  /** The file before it under its name, while the whole lines at its end may go on in this one. */
  get openElder(): TailedFile | undefined {
    const elder = this.#elder;
    const isReadable = elder?.handle !== undefined && !(elder.handle instanceof HeldTail) && !elder.isBusy;
    if (elder === undefined || !isReadable || this.offset > 0) return undefined;
    const { hasNews, endsWithLine, unreadBytes } = elder.generation;
    return endsWithLine && unreadBytes > 0 && !hasNews ? elder : undefined;
  }

  /** Whether lines wait for others, and nothing has come for as long as they do. */
  isOverdue(nowMs: number): boolean {
    if (!this.#generation.isHolding || this.#generation.hasNews || this.#silentSinceMs === undefined) return false;
    return nowMs - this.#silentSinceMs >= this.#context.groupWaitMs;
  }

  /** Whether it was renamed or deleted, and there has been nothing new in it for `rotate_wait`. */
  isQuiet(nowMs: number): boolean {
    const state = this.#state;
    if (state.kind !== 'leaving' || state.quietSinceMs === undefined || this.#generation.hasNews) return false;
    // Before it came in it was whole, or silent for long enough.
    if (this.archive !== undefined) return true;
    return nowMs - state.quietSinceMs >= this.#context.rotateWaitMs;
  }

  /** Whether it can be closed: quiet, read to its end, and everything of it settled. */
  isFinished(nowMs: number): boolean {
    return !this.isBusy && this.isQuiet(nowMs) && this.#generation.isSettled;
  }

  /** Whether another file must be read first. */
  mustWait(): boolean {
    this.#releasePredecessor();
    return this.predecessor !== undefined;
  }

  // --- changing state ----------------------------------------------------------------------------------------------

  /** Takes note of another name of the file. */
  moveTo(path: string): void {
    if (path === this.#path) return;
    this.#path = path;
    this.#folder = dirname(path);
    this.#stream = this.#makeStream();
    this.#context.onChange();
  }

  /** Its name no longer leads to it. */
  leave(cause: 'renamed' | 'deleted'): void {
    const state = this.#state;
    if (state.kind === 'closed' || state.kind === 'lost') return;
    if (state.kind === 'leaving' && (state.cause === cause || cause === 'renamed')) return;
    const quietSinceMs = state.kind === 'leaving' ? state.quietSinceMs : undefined;
    this.#state = { kind: 'leaving', file: state.file, cause, quietSinceMs };
    if (cause === 'renamed') this.#context.report.renamed(this);
    else this.#context.report.deleted(this);
  }

  /** It has its first name again. */
  comeBack(): void {
    if (this.archive !== undefined || this.#state.kind !== 'leaving') return;
    this.#state = { kind: 'following', file: this.#state.file };
  }

  /** It was finished, and there is more in it; or it has a turn, and no handle. */
  reopen(file: StreamContent): void {
    const state = this.#state;
    if (state.kind === 'lost') throw new Error('Cannot reopen file: it is lost');
    if (state.kind !== 'closed') {
      if (state.file !== undefined) throw new Error('Cannot reopen file: it is open');
      this.#state = { ...state, file };
      return;
    }
    this.#state = { kind: 'leaving', file, cause: 'renamed', quietSinceMs: undefined };
    if (this.#path === this.#home) this.comeBack();
  }

  /** Gives the handle back for room, if the file can be opened again by its name. Returns whether it did. */
  park(): boolean {
    const state = this.#state;
    // What a compressed file holds is read forward: there are few of them, and soon over.
    if (this.isBusy || !('file' in state) || state.file === undefined || this.archive !== undefined) return false;
    if (!this.isThere()) return false;
    state.file.close();
    this.#state = { ...state, file: undefined };
    return true;
  }

  /** Goes on with the bytes of a generation of another file, which this one holds too, in the place of that file. */
  continueAs(generation: Generation, home: string): void {
    this.account.pass('already_delivered', generation.position);
    generation.moveTo(this.#generation.size, this.account);
    this.#generation = generation;
    this.#home = home;
    this.#stream = this.#makeStream();
    this.isUndecided = false;
    this.#context.onChange();
  }

  /** It was in no copy: what is left of it is the unfinished line that was read. Returns how many bytes are not. */
  giveUp(): number {
    const goneBytes = this.#generation.shrinkToHeldTail();
    const { heldTail } = this.#generation;
    this.#state =
      heldTail === undefined
        ? { kind: 'closed', version: '' }
        : { kind: 'leaving', file: heldTail, cause: 'deleted', quietSinceMs: Number.NEGATIVE_INFINITY };
    return goneBytes;
  }

  /** Takes it out of the books: nobody will read it again under its name. */
  leaveBooks(): void {
    this.account.places.delete(this.#place);
  }

  /** Leaves it, with its handle, to another source; undefined: it is finished, or a turn still has it. */
  bequeath(from: Standpoint): TailStart | undefined {
    const { id, key, home, bornNs, archive } = this;
    if (this.isBusy || !('file' in this.#state)) return undefined;
    const generation = from === 'read' ? this.#generation : entryStart(this.toEntry());
    this.#generation.heldTail = undefined;
    this.#generation.renew();
    const realPath = this.#linkTarget;
    const start = { id, key, path: this.#path, home, bornNs, generation, state: this.#state, archive };
    this.#state = { kind: 'closed', version: '' };
    return { ...start, ...(realPath !== undefined && { realPath }) };
  }

  /** Closes it, and gives the handle back; one that a read still uses is left to the end of the process. */
  close(): void {
    if (!('file' in this.#state)) return;
    const { file } = this.#state;
    // Where the version cannot be told, the file is opened and compared when it is seen again.
    let version = '';
    try {
      const { size } = this.#generation;
      const byName = file === undefined ? this.#statByName() : undefined;
      if (file !== undefined) version = file.versionAt(size);
      else if (byName?.size === size) version = byName.version;
    } catch (error) {
      this.#context.report.trouble('A file cannot be examined.', this.#path, error);
    }
    if (!this.isBusy) file?.close();
    this.#state = { kind: 'closed', version };
  }

  /** What the checkpoint is to hold of it: what is settled, not what is read. */
  toEntry(): StreamEntry {
    const { tracker, number, head, size, encoding, format } = this.#generation;
    const { offset, resume } = tracker.committed;
    const entry = {
      id: this.id,
      key: this.key,
      path: this.#path,
      home: this.#home,
      bornNs: this.bornNs,
      generation: number,
      offset,
      resume: resume.resume,
      ...(format === undefined ? {} : { format }),
      size,
      head,
      window: resume.window,
    };
    return { ...entry, ...(this.archive && { archive: this.archive }), ...(encoding && { encoding }) };
  }

  /** Has the place read that was not written yet: writing there changes no size, and through a mapping not even a time. */
  #lookBehindNuls(): void {
    const { nuls, endsWithNuls } = this.#generation;
    const { handle } = this;
    if (nuls === undefined || handle === undefined || !endsWithNuls || !isWritten(handle, nuls)) return;
    this.#generation.renew();
    this.idleLooks = 0;
  }

  #releasePredecessor(): void {
    if (this.offset > 0) this.#elder = undefined;
    const before = this.predecessor;
    if (before?.state.kind === 'lost') return;
    if (before?.generation.hasNews && !before.isUnreadable && before.isOpen) return;
    if (before !== undefined && this.offset === 0) {
      this.#elder = before;
      before.#heir = this;
    }
    this.predecessor = undefined;
  }

  #restart(cause: CutCause, seenBytes = 0): void {
    const before = this.#generation;
    const { onChange, onCut } = this.#context;
    const start = { ...freshGeneration(before.number + 1), size: seenBytes };
    this.#generation = new Generation(start, this.account, onChange);
    this.#stream = this.#makeStream();
    onCut(this, before, cause);
    onChange();
  }

  #makeStream(): Stream {
    const name = this.#path;
    this.account.name = name;
    this.#origin = this.#context.originOf(this.#path);
    return { id: `${this.id}-${this.#generation.number}`, name, sequence: this.#home, ...this.#origin };
  }

  readonly #place = (): Place => this.#generation.place;
}
