import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Resource } from '../../core/resource.ts';
import type { Stream } from '../../core/stream.ts';
import type { Place, StreamAccount } from '../../ledger/stream-account.ts';
import { freshGeneration, Generation, type GenerationStart } from './generation.ts';
import type { OpenFile } from './open-file.ts';
import { fsPath } from './raw-path.ts';
import { keyOf, versionOf } from './sighting.ts';
import type { SourceReport } from './source-report.ts';
import type { StreamEntry } from './stream-entry.ts';

/**
 * Where a file is in its life. A file without a handle has none to be read by mistake: a closed one is finished, of
 * another one the handle was given back for room, and it is opened again by its name for its next turn.
 */
export type TailState =
  /** It has the name under which it was found. */
  | { readonly kind: 'following'; readonly file: OpenFile | undefined }
  /** Renamed or deleted: it is read to its end, and closed when it has been silent there for long enough. */
  | {
      readonly kind: 'leaving';
      readonly file: OpenFile | undefined;
      readonly cause: 'renamed' | 'deleted';
      /** Since when there is nothing new in it; undefined: there is, or nobody has looked yet. */
      quietSinceMs: number | undefined;
    }
  /** Finished. `version` is what it was like (see `versionOf()`): when that changes, somebody has to look again. */
  | { readonly kind: 'closed'; readonly version: string };

/** What all files of one source share. */
export interface TailContext {
  readonly resource: Resource;
  readonly rotateWaitMs: number;
  readonly report: SourceReport;
  /** Called when what the checkpoint holds of a file has changed. */
  readonly onChange: () => void;
}

/** What is known of a file before it is followed. */
export interface TailStart {
  /** See `StreamEntry.id`. */
  readonly id: string;
  readonly key: string;
  readonly path: string;
  readonly home: string;
  readonly bornNs: bigint;
  readonly generation: GenerationStart;
  readonly state: TailState;
  /** Whether the checkpoint knows it as it is. */
  readonly isStored: boolean;
  /** The key of the entry in the checkpoint that it takes the place of. */
  readonly replaces: string | undefined;
  /** Its path without links, when it was opened; undefined: the same. */
  readonly realPath?: string;
}

/** One stream: a file through its names and truncations, as long as its inode is there. */
export class TailedFile {
  readonly id: string;
  readonly key: string;
  /** The name under which it was found first; a successor appears there. */
  readonly home: string;
  readonly bornNs: bigint;
  /** Its books. */
  readonly account: StreamAccount;
  /** The file that had this one's name before, until that one is read to its end. */
  predecessor: TailedFile | undefined;
  /** Whether a turn has the file: then nobody else looks at it. */
  isBusy = false;
  /** Whether its last turn failed. */
  isUnreadable = false;
  /** Whether its name is a link, so that its folder says nothing of it. */
  isLinked = false;
  /** How many looks in a row have found nothing. */
  idleLooks = 0;
  #path: string;
  #folder: string;
  #stream: Stream;
  #state: TailState;
  #generation: Generation;
  #deletedMs: number | undefined;
  readonly #linkTarget: string | undefined;
  readonly #context: TailContext;

  constructor(start: TailStart, context: TailContext) {
    this.id = start.id;
    this.key = start.key;
    this.home = start.home;
    this.bornNs = start.bornNs;
    this.account = context.report.ledger.account(start.id);
    this.account.resume(start.generation);
    this.account.place = () => this.#place();
    this.#context = context;
    this.#path = start.path;
    this.#folder = dirname(start.path);
    this.#linkTarget = start.realPath;
    this.#state = start.state;
    this.#generation = new Generation(start.generation, this.account, context.onChange);
    this.#stream = this.#makeStream();
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

  get stream(): Stream {
    return this.#stream;
  }

  get state(): TailState {
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#state.kind !== 'closed';
  }

  /** The handle; undefined: it is closed, or has none for now. */
  get handle(): OpenFile | undefined {
    return this.#state.kind === 'closed' ? undefined : this.#state.file;
  }

  /** Whether it has to be opened for its next turn. */
  get isParked(): boolean {
    return this.#state.kind !== 'closed' && this.#state.file === undefined;
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

  get offset(): number {
    return this.#generation.position;
  }

  get unreadBytes(): number {
    return this.#generation.unreadBytes;
  }

  // --- looking -----------------------------------------------------------------------------------------------------

  /** Looks at the file, by its handle or its name: its size, and whether it still has a name. */
  examine(nowMs: number): void {
    this.#releasePredecessor();
    if (this.#state.kind === 'closed' || this.isBusy) return;
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
      this.observe(size);
    } catch (error) {
      this.#context.report.trouble('A file cannot be examined.', this.#path, error);
      return;
    }
    if (this.#state.kind === 'leaving' && !this.#generation.hasNews) this.#state.quietSinceMs ??= nowMs;
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
  #statByName(): { readonly size: number; readonly nlink: number; readonly version: string } | undefined {
    const stats = statSync(fsPath(this.realPath), { bigint: true, throwIfNoEntry: false });
    if (stats === undefined || keyOf(stats) !== this.key) return undefined;
    return { size: Number(stats.size), nlink: Number(stats.nlink), version: versionOf(stats) };
  }

  /** Takes note of a size: the file grew, lost bytes that were not read yet, or was truncated. */
  observe(size: number): void {
    const generation = this.#generation;
    if (size < generation.position) {
      this.#context.report.truncated(this, generation.unreadBytes);
      this.#restart();
    } else if (size < generation.size) {
      this.account.lose('truncated', generation.size - size);
    } else if (size > generation.size && this.#state.kind === 'leaving') {
      this.#state.quietSinceMs = undefined;
    }
    this.#generation.size = size;
  }

  /** The bytes before the position are others now: the file was truncated and has grown past it. */
  restartRewritten(): void {
    const { size, unreadBytes } = this.#generation;
    this.#context.report.rewritten(this);
    // What was seen behind the position is of the new content, and is not seen twice.
    this.#restart(unreadBytes);
    this.#generation.size = size;
  }

  /** Whether a turn would find something: bytes that nobody has read; or, at the end, an unfinished line. */
  wantsTurn(nowMs: number, isEnding: boolean): boolean {
    if (this.#state.kind === 'closed') return false;
    return this.#generation.hasNews || (this.unreadBytes > 0 && (isEnding || this.isQuiet(nowMs)));
  }

  /** Whether it was renamed or deleted, and there has been nothing new in it for `rotate_wait`. */
  isQuiet(nowMs: number): boolean {
    const state = this.#state;
    if (state.kind !== 'leaving' || state.quietSinceMs === undefined || this.#generation.hasNews) return false;
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
    if (state.kind === 'closed' || (state.kind === 'leaving' && (state.cause === cause || cause === 'renamed'))) return;
    const quietSinceMs = state.kind === 'leaving' ? state.quietSinceMs : undefined;
    this.#state = { kind: 'leaving', file: state.file, cause, quietSinceMs };
    if (cause === 'renamed') this.#context.report.renamed(this);
    else this.#context.report.deleted(this);
  }

  /** It has its first name again. */
  comeBack(): void {
    if (this.#state.kind === 'leaving') this.#state = { kind: 'following', file: this.#state.file };
  }

  /** It was finished, and there is more in it; or it has a turn, and no handle. */
  reopen(file: OpenFile): void {
    const state = this.#state;
    if (state.kind !== 'closed') {
      if (state.file !== undefined) throw new Error('Cannot reopen file: it is open');
      this.#state = { ...state, file };
      return;
    }
    this.#state = { kind: 'leaving', file, cause: 'renamed', quietSinceMs: undefined };
    if (this.#path === this.home) this.comeBack();
  }

  /** Gives the handle back for room, if the file can be opened again by its name. Returns whether it did. */
  park(): boolean {
    const state = this.#state;
    if (this.isBusy || state.kind === 'closed' || state.file === undefined) return false;
    if (!this.isThere()) return false;
    state.file.close();
    this.#state = { ...state, file: undefined };
    return true;
  }

  /** Closes it, and gives the handle back; one that a read still uses is left to the end of the process. */
  close(): void {
    if (this.#state.kind === 'closed') return;
    const { file } = this.#state;
    // Where the version cannot be told, the file is opened and compared when it is seen again.
    let version = '';
    try {
      const now = file === undefined ? (this.#statByName()?.version ?? '') : file.version();
      if (now.startsWith(`${this.#generation.size}:`)) version = now;
    } catch (error) {
      this.#context.report.trouble('A file cannot be examined.', this.#path, error);
    }
    if (!this.isBusy) file?.close();
    this.#state = { kind: 'closed', version };
  }

  /** What the checkpoint is to hold of it: what is settled, not what is read. */
  toEntry(): StreamEntry {
    const { tracker, number, head, size } = this.#generation;
    const { offset, resume } = tracker.committed;
    return {
      id: this.id,
      key: this.key,
      path: this.#path,
      home: this.home,
      bornNs: this.bornNs,
      generation: number,
      offset,
      resume: resume.resume,
      size,
      head,
      window: resume.window,
    };
  }

  #releasePredecessor(): void {
    const before = this.predecessor;
    if (before?.generation.hasNews && !before.isUnreadable && before.isOpen) return;
    this.predecessor = undefined;
  }

  #restart(seenBytes = 0): void {
    const { onChange } = this.#context;
    const start = { ...freshGeneration(this.#generation.number + 1), size: seenBytes };
    this.#generation = new Generation(start, this.account, onChange);
    this.#stream = this.#makeStream();
    onChange();
  }

  #makeStream(): Stream {
    const { path: name, id } = this;
    this.account.name = name;
    return { id: `${id}-${this.#generation.number}`, name, resource: this.#context.resource };
  }

  #place(): Place {
    const { size, position, tracker } = this.#generation;
    return { size, offset: position, committedOffset: tracker.committed.offset };
  }
}
