import { resolve } from 'node:path';
import type { SourceContext } from '../../component/definition.ts';
import type { Clock } from '../../core/clock.ts';
import type { CheckpointSection, Legacy, Lifetime, Output, Source, Standpoint } from '../../core/contracts.ts';
import type { KeyTable } from '../../core/key-table.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { Framings } from '../../framing/framings.ts';
import { createPodStreams } from '../../kubernetes/create-pod-streams.ts';
import type { PodStreams } from '../../kubernetes/pod-streams.ts';
import { Alarm } from './alarm.ts';
import { AllowedRoots, isBelow } from './allowed-roots.ts';
import { Discovery } from './discovery.ts';
import { FileFramings } from './file-framings.ts';
import { FileLegacy, type LeftFile } from './file-legacy.ts';
import { FolderWatch } from './folder-watch.ts';
import { FollowedFiles } from './followed-files.ts';
import { processHandleLimit } from './handle-limit.ts';
import { createGrouping } from './multiline-options.ts';
import type { FileOptions } from './options.ts';
import { OwnOutput } from './own-output.ts';
import { Patterns } from './patterns.ts';
import { SliceReader, type TurnOptions } from './slice-reader.ts';
import { SourceReport } from './source-report.ts';
import { parseState } from './stream-entry.ts';
import type { TailContext, TailedFile } from './tailed-file.ts';
import { TurnQueue } from './turn-queue.ts';

/** After a hint, more of the same kind follow: they are waited for, so that a batch is more than a line. */
const HINT_DELAY_MS = 20;
/** Hints make it look for a tenth of the time at most. */
const LOOK_PAUSE_FACTOR = 10;

/** Sockets, the checkpoint and other sources need handles too: of those that the process may have a source takes a part. */
const HANDLE_PART = 2;
/** When there is no handle to be had, a file waits this long for its next attempt. */
const NO_HANDLE_PAUSE_MS = 100;

/** How long nothing must come at the end until nobody seems to write any more; the poll interval if that is shorter. */
const MAX_QUIET_MS = 250;

/** A file in which nothing happened for so many looks is idle … */
const IDLE_AFTER_LOOKS = 20;
/** … and looked at only every so many looks (4 s) as long as its folder is watched, or it has no handle. */
const LOOKS_PER_IDLE_LOOK = 16;

/** A source that takes the place of this one waits no longer for a read or a look of it. */
const MAX_BEQUEATHING_MS = 5000;

/**
 * Reads files as they grow.
 *
 * Two loops run side by side. One looks: at the folders for names that came and went, at the open files for bytes that
 * came. The other reads, a slice a turn, and waits whenever no batch is free; so files are found and held open also
 * while nothing can be read. Polls are the truth; hints of the system only make them come sooner.
 */
export class FileSource implements Source {
  readonly #clock: Clock;
  readonly #pollIntervalMs: number;
  readonly #checkpoint: CheckpointSection;
  readonly #report: SourceReport;
  readonly #discovery: Discovery;
  readonly #files: FollowedFiles;
  readonly #reader: SliceReader;
  readonly #queue: TurnQueue;
  readonly #watch: FolderWatch;
  readonly #alarm: Alarm;
  /** Of the logs of the containers of a node. */
  readonly #pods: PodStreams | undefined;
  readonly #skipsExisting: boolean;
  /** Files that a hint was about. */
  readonly #hinted = new Set<TailedFile>();
  #hasNews = false;
  /** Whether files are followed that the checkpoint does not hold. */
  #hasUnstored = false;
  /** Whether nothing in the checkpoint would lead to one of them if it were renamed while the agent is down. */
  #hasUntraceable = false;
  #looks = 0;
  /** How long the last look took. */
  #lookMs = 0;
  /** When a look last found something new in a file, in milliseconds of the clock. */
  #grownMs = Number.NEGATIVE_INFINITY;
  #isFirstLook = true;
  readonly #include: readonly string[];
  readonly #allowedRoots: readonly string[];
  #isBequeathing = false;
  #following: Promise<void> = Promise.resolve();

  constructor(options: FileOptions, context: SourceContext) {
    const { clock, logger, metrics, keys, ledger, checkpoint } = context;
    const patterns = new Patterns(options.include, options.exclude);
    this.#clock = clock;
    this.#pollIntervalMs = options.poll_interval;
    this.#include = options.include;
    this.#checkpoint = checkpoint;
    this.#allowedRoots = options.allowed_roots;
    this.#report = new SourceReport(ledger, metrics, logger, clock, context.name);
    const roots = new AllowedRoots(
      patterns.bases.map(({ folder }) => folder),
      options.allowed_roots.map((folder) => resolve(folder)),
    );
    const maxFiles = options.max_files;
    this.#discovery = new Discovery({ patterns, roots, clock, maxFiles });
    this.#alarm = new Alarm(clock);
    // A checkpoint that could not be used (null) is not a first start: nobody knows what was delivered.
    this.#skipsExisting = options.start_at === 'end' && checkpoint.restored === undefined;
    this.#pods = createPods(options, context);
    const pods = this.#pods;
    this.#files = new FollowedFiles({
      patterns,
      roots,
      own: new OwnOutput([
        ...(context.stateFolder === undefined ? [] : [context.stateFolder]),
        ...(context.ownPaths ?? []),
      ]),
      clock,
      encoding: new TextDecoder(options.encoding).encoding,
      maxFiles,
      removal: { space: options.space, removeAfterMs: options.remove_after },
      limits: {
        maxOpenFiles: maxOpenFiles(options.max_open_files, context.readers),
        maxDeletedBytes: options.max_deleted_size,
      },
      tail: {
        ...originsOf(context, this.#pods),
        rotateWaitMs: options.rotate_wait,
        groupWaitMs: options.multiline?.flush_after ?? Number.POSITIVE_INFINITY,
        report: this.#report,
        onChange: () => checkpoint.touch(),
      },
      ...(pods === undefined ? {} : { isExcluded: (path: string) => pods.verdict(path) === 'exclude' }),
      restored: parseState(checkpoint.restored),
      left: takeLeft(context.predecessor, patterns, options.allowed_roots),
      skipsExisting: this.#skipsExisting,
      onNew: (isKnownName) => {
        this.#hasUnstored = true;
        this.#hasUntraceable ||= !isKnownName;
      },
      onNews: () => this.#lookSoon(),
      onStale: (folder) => this.#discovery.markChanged(folder),
    });
    this.#reader = createReader(options, keys, this.#report, (file) => this.#files.leaveCompressed(file));
    this.#queue = new TurnQueue({ turn: (...turn) => this.#turn(...turn) }, clock);
    this.#watch = new FolderWatch(clock, {
      onHint: (folder, path, isNews) => this.#onHint(folder, path, isNews),
      onUnavailable: (error) =>
        this.#report.trouble('Folders cannot be watched: new lines are found by polling alone.', '', error),
    });
    this.#report.observe(
      () => this.#files.values(),
      () => this.#files.deleted(),
    );
    // Others write the checkpoint, too: before the first look it does not say that this was the first start.
    checkpoint.provide(() => (this.#isFirstLook && this.#skipsExisting ? undefined : this.#files.snapshot()));
    this.#reportExposedState(patterns, context.stateFolder);
  }

  /** Its folders are listed, and watched where that works. */
  get hasStarted(): boolean {
    return !this.#isFirstLook;
  }

  bequeath(): (from: Standpoint) => Promise<FileLegacy> {
    this.#isBequeathing = true;
    return async (from) => {
      // Until then files come in and are read.
      const timer = new AbortController();
      const quiet = Promise.all([this.#following, this.#queue.turnless()]);
      await Promise.race([quiet, this.#clock.sleep(MAX_BEQUEATHING_MS, timer.signal)]);
      timer.abort();
      return new FileLegacy(this.#files.bequeath(from), this.#allowedRoots);
    };
  }

  async run(output: Output, { drain, stop }: Lifetime): Promise<void> {
    const reading = this.#queue.run(output, stop);
    const over = new AbortController();
    const following = this.#pods?.run(over.signal);
    this.#following = this.#follow(drain, stop);
    try {
      await Promise.race([reading, this.#following]);
      if (!stop.aborted) await Promise.race([reading, this.#drain(stop)]);
    } finally {
      over.abort();
      await following;
      this.#watch.close();
      if (!this.#isBequeathing) {
        for (const file of this.#queue.slow) this.#report.stuck(file);
        this.#files.close(this.#clock.nowMs());
      }
    }
  }

  #reportExposedState(patterns: Patterns, stateFolder: string | undefined): void {
    const state = stateFolder === undefined ? undefined : resolve(stateFolder);
    if (state !== undefined && patterns.bases.some(({ folder }) => isBelow(state, folder))) {
      this.#report.exposedState(state);
    }
  }

  /** A turn of a file, which is opened first when it had to give its handle back. See `SliceReader.turn()`. */
  async #turn(file: TailedFile, batch: RecordBatch, output: Output, options: TurnOptions): Promise<boolean> {
    const isOpen = await this.#files.wake(file);
    if (isOpen === 'open') return this.#reader.turn(file, batch, output, options);
    output.giveBack(batch);
    if (isOpen === 'later') await this.#clock.sleep(NO_HANDLE_PAUSE_MS, options.stop);
    return isOpen === 'later';
  }

  /** Looks until one of the signals aborts. */
  async #follow(drain: AbortSignal, stop: AbortSignal): Promise<void> {
    for (const signal of [drain, stop]) signal.addEventListener('abort', () => this.#alarm.ring(), { once: true });
    const isEnding = (): boolean => drain.aborted || stop.aborted;
    while (!isEnding()) {
      await this.#look(false);
      const nextLookMs = this.#clock.nowMs() + this.#pollIntervalMs;
      const leftMs = (): number => nextLookMs - this.#clock.nowMs();
      while (!isEnding() && leftMs() > 0) {
        if (!(await this.#alarm.sleep(leftMs())) || isEnding()) break;
        const pauseMs = Math.max(HINT_DELAY_MS, LOOK_PAUSE_FACTOR * this.#lookMs);
        await this.#clock.sleep(Math.min(pauseMs, leftMs()), drain);
        if (this.#hasNews) break;
        await this.#examine(this.#hinted);
        this.#hinted.clear();
      }
    }
  }

  /**
   * Reads everything to its end; then takes unfinished last lines. Beside an application that still writes it reads on
   * until nothing came for a poll.
   */
  async #drain(stop: AbortSignal): Promise<void> {
    const quietMs = Math.min(this.#pollIntervalMs, MAX_QUIET_MS);
    for (;;) {
      await this.#look(true);
      const isQuiet = this.#clock.nowMs() - this.#grownMs >= quietMs && !this.#files.isIncomplete;
      if (stop.aborted || isQuiet) break;
      await this.#queue.idle();
      await this.#clock.sleep(quietMs, stop);
    }
    this.#files.takeUndecided();
    this.#queue.takeUnfinishedLines();
    for (const file of this.#files.values()) this.#queue.offer(file);
    await this.#queue.idle();
  }

  /** Looks at the folders, then at every open file. */
  async #look(isThorough: boolean): Promise<void> {
    const startMs = this.#clock.nowMs();
    // A new file alone is stored a look later, if another entry leads to it: the first answer, which mostly comes before,
    // is then stored at once.
    if (this.#hasUnstored) this.#checkpoint.touch();
    this.#hasUnstored = false;
    this.#hasNews = false;
    this.#hinted.clear();
    const listing = await this.#discovery.look(isThorough, {
      isFollowed: (path) => this.#files.at(path) !== undefined,
      hasRoom: this.#files.hasRoom,
    });
    this.#watch.follow(listing.folders);
    for (const [path, error] of listing.unlisted) this.#report.trouble('A path cannot be examined.', path, error);
    const mayForget = listing.isRelisted && this.#files.isRemembering;
    if (listing.isChanged || mayForget || this.#isFirstLook || this.#files.isIncomplete || this.#files.hasRoom) {
      await this.#files.reconcile(listing, this.#clock.nowMs());
      if (this.#hasUntraceable) this.#checkpoint.touch();
      this.#hasUntraceable = false;
      for (const { path, reason, error } of listing.refusals) this.#report.refused(path, reason, error);
      const names = new Set([...listing.refusals, ...listing.sightings].map(({ path }) => path));
      this.#report.forgetRefusals((path) => names.has(path));
    }
    this.#files.leaveExcluded();
    this.#files.advance(this.#clock.nowMs(), isThorough);
    // That this was the first start must be known at the second, also when there was no file yet.
    if (this.#isFirstLook && this.#skipsExisting) this.#checkpoint.touch();
    if (this.#isFirstLook && listing.sightings.length === 0) this.#report.nothingYet(this.#include);
    this.#isFirstLook = false;
    await this.#examine(isThorough ? this.#files.values() : this.#dueFiles());
    if (isThorough && this.#files.haveNews()) this.#grownMs = this.#clock.nowMs();
    this.#files.keepSpace();
    this.#lookMs = this.#clock.nowMs() - startMs;
  }

  /** The files to look at now: idle ones only every few looks where a hint would come first. */
  #dueFiles(): readonly TailedFile[] {
    const due: TailedFile[] = [];
    let index = this.#looks++;
    let folder = '';
    let isWatched = false;
    this.#files.forEach((file) => {
      // Files of one folder mostly follow each other.
      if (file.folder !== folder) isWatched = this.#watch.watches((folder = file.folder));
      const isIdle = file.idleLooks >= IDLE_AFTER_LOOKS;
      const mayWait = file.isParked || (isWatched && !file.isLinked);
      if (!isIdle || !mayWait || ++index % LOOKS_PER_IDLE_LOOK === 0) due.push(file);
    });
    return due;
  }

  async #examine(files: Iterable<TailedFile>): Promise<void> {
    const nowMs = this.#clock.nowMs();
    for (const file of files) {
      file.examine(nowMs);
      if (file.hasNews) this.#grownMs = nowMs;
      if (file.isFinished(nowMs)) this.#files.finish(file);
      else this.#queue.offer(file);
    }
    for (const file of await this.#files.settle(nowMs)) this.#queue.offer(file);
  }

  #onHint(folder: string, path: string, isNews: boolean): void {
    const file = this.#files.at(path);
    // Somebody writes into a file that is not read.
    if (!isNews && file === undefined) return;
    if (isNews || !file?.isOpen) {
      this.#discovery.markChanged(folder);
      this.#lookSoon();
    } else {
      file.idleLooks = 0; // or a look that comes before would pass it over
      this.#hinted.add(file);
      this.#alarm.ring();
    }
  }

  /** Looks before the next poll. */
  #lookSoon(): void {
    this.#hasNews = true;
    this.#alarm.ring();
  }
}

/** What says of files which pods they are of; undefined: nobody, they are those of the agent's own pod. */
function createPods(options: FileOptions, context: SourceContext): PodStreams | undefined {
  if (options.kubernetes === undefined) return undefined;
  const { name, clock, logger, metrics } = context;
  const written = (): SourceContext['writtenAttributes'] => context.writtenAttributes;
  return createPodStreams(options.kubernetes, { name, clock, logger, metrics, env: process.env, written });
}

function originsOf(context: SourceContext, pods: PodStreams | undefined): Pick<TailContext, 'originOf' | 'mayRead'> {
  if (pods !== undefined) {
    return { originOf: (path) => pods.origin(path), mayRead: (path) => pods.verdict(path) === 'read' };
  }
  let own = { resource: context.resource };
  return {
    originOf: () => {
      if (own.resource !== context.resource) own = { resource: context.resource };
      return own;
    },
  };
}

/** How many files one of the `readers` of a source may hold open. */
function maxOpenFiles(limit: number, readers: number): number {
  return Math.max(1, Math.floor(Math.min(limit, processHandleLimit() / HANDLE_PART) / readers));
}

/** The files of a source before this one that are its own now. */
function takeLeft(predecessor: Legacy | undefined, patterns: Patterns, allowedRoots: readonly string[]): LeftFile[] {
  if (!(predecessor instanceof FileLegacy)) return [];
  return predecessor.take(({ home, path }) => patterns.matches(home) || patterns.matches(path), allowedRoots);
}

function createReader(
  options: FileOptions,
  keys: KeyTable,
  report: SourceReport,
  onCompressed: (file: TailedFile) => void,
): SliceReader {
  const { format, multiline, max_record_size: maxRecordBytes, file_path: hasFilePath } = options;
  const { encoding } = new TextDecoder(options.encoding);
  const grouping = multiline && createGrouping(multiline);
  const framings = new FileFramings(new Framings({ maxRecordBytes, grouping, keys }), format, encoding);
  return new SliceReader({ framings, maxRecordBytes, hasFilePath, keys, report, onCompressed });
}
