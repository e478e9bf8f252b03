import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Clock } from '../core/clock.ts';
import type { CheckpointSection, SectionWrites } from '../core/contracts.ts';
import { messageOf, OperatorError } from '../core/errors.ts';
import { CheckpointFile } from './checkpoint-file.ts';
import { encodeCheckpoint } from './checkpoint-format.ts';
import { type FileSystem, makeFolder, systemFiles } from './file-system.ts';
import { StateLock } from './state-lock.ts';

/** At most one write in this time: an fsync costs the disk, and a commit that waits half a second costs only repeats. */
const WRITE_INTERVAL_MS = 500;
/** A checkpoint that takes long to make is made less often: at most this part of the time is spent on it. */
const MAX_ENCODING_PART = 1 / 40;

/** Where the store says what happens; a pino logger and the agent's own counters fit. */
export interface CheckpointReports {
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
  readonly writes: { add(amount: number): void };
  readonly failures: { add(amount: number): void };
  /** Checkpoints that nobody could use. */
  readonly unusable: { add(amount: number): void };
}

/** What a store is made of. */
export interface CheckpointStoreOptions {
  /** The state folder; it is made when it is missing. One folder belongs to one agent. */
  readonly folder: string;
  readonly clock: Clock;
  readonly reports: CheckpointReports;
  readonly files?: FileSystem;
}

interface StoredSection {
  restored: unknown;
  snapshot: (() => unknown) | undefined;
  writes: SectionWrites | undefined;
}

function contentOf({ restored, snapshot }: StoredSection): unknown {
  return snapshot === undefined ? restored : snapshot();
}

/**
 * The checkpoint of one agent: named sections in one file, written whole.
 *
 * The first change of a life is written at once, so that an agent which dies every second still gets on; then at most
 * one write in half a second, and none while nothing changes. Where there was no checkpoint, the second change is written
 * at once, too: the first one only says which files there are. A write that fails is counted, said once, and tried again
 * half a second later; until then the one before is valid.
 */
export class CheckpointStore {
  readonly #file: CheckpointFile;
  readonly #folder: FileHandle;
  readonly #lock: StateLock;
  readonly #clock: Clock;
  readonly #reports: CheckpointReports;
  readonly #sections = new Map<string, StoredSection>();
  readonly #closing = new AbortController();
  /** What a section without a stored value is given: null when there was a checkpoint that nobody could use. */
  #nothing: null | undefined;
  /** Whether no checkpoint was found, and none has been written yet. */
  #isNew = false;
  /** Since when there is a change that no write has taken up; undefined: there is none. */
  #dirtySinceMs: number | undefined;
  /** The same of the changes that a write has under way. */
  #writingSinceMs: number | undefined;
  #isFailing = false;
  #nextWriteMs = Number.NEGATIVE_INFINITY;
  #writer: Promise<void> | undefined;
  #lastWrite: Promise<boolean> = Promise.resolve(true);

  private constructor(options: CheckpointStoreOptions, folder: FileHandle, lock: StateLock) {
    this.#file = new CheckpointFile(options.folder, options.files ?? systemFiles);
    this.#folder = folder;
    this.#lock = lock;
    this.#clock = options.clock;
    this.#reports = options.reports;
  }

  /**
   * Takes the state folder and reads what the last life left in it. A checkpoint that is corrupt, or newer than this
   * agent, is set aside with one error in the log: everything is then read again. Throws an OperatorError:
   * ERR_STATE_LOCKED when another agent has the folder, ERR_STATE_WRITE when it cannot be used.
   */
  static async open(options: CheckpointStoreOptions): Promise<CheckpointStore> {
    const { folder: path, clock, reports } = options;
    let folder: FileHandle | undefined;
    let lock: StateLock | undefined;
    try {
      await makeFolder(options.files ?? systemFiles, path);
      folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
      lock = await StateLock.acquire(path, folder, clock, reports.log);
      const store = new CheckpointStore(options, folder, lock);
      await store.#restore();
      return store;
    } catch (error) {
      await lock?.release();
      await folder?.close();
      if (error instanceof OperatorError) throw error;
      throw new OperatorError({
        code: 'ERR_STATE_WRITE',
        message: `Cannot use state folder ${JSON.stringify(path)}: ${messageOf(error)}`,
        hint: 'Set "state" to a folder that this user can read and write, on a volume that survives restarts',
      });
    }
  }

  /** What is stored under that name, and below it: under names that go on with a slash. */
  peek(name: string): Map<string, unknown> {
    const found = new Map<string, unknown>();
    for (const [stored, section] of this.#sections) {
      if (stored === name || stored.startsWith(`${name}/`)) found.set(stored, contentOf(section));
    }
    return found;
  }

  /** Gives up the section of that name: the next write does not hold it, unless `section()` is asked for it again. */
  forget(name: string): void {
    this.#sections.delete(name);
  }

  /**
   * The section of that name; one that is not stored starts with `restored`. One that nobody asks for in this life keeps
   * what it holds.
   */
  section(name: string, restored: unknown = this.#nothing): CheckpointSection {
    let section = this.#sections.get(name);
    if (section === undefined) {
      this.#sections.set(name, (section = { restored, snapshot: undefined, writes: undefined }));
    }
    const stored = section;
    return {
      get restored() {
        return stored.restored;
      },
      provide: (snapshot, writes) => {
        stored.snapshot = snapshot;
        stored.writes = writes;
      },
      touch: () => this.#touch(),
      forget: () => {
        stored.restored = undefined;
      },
    };
  }

  /** For how long there has been a change that the disk does not hold, in milliseconds; 0: it holds everything. */
  get unsavedMs(): number {
    const sinceMs = this.#writingSinceMs ?? this.#dirtySinceMs;
    return sinceMs === undefined ? 0 : this.#clock.nowMs() - sinceMs;
  }

  /** Writes what changed, now. Resolves with whether the disk holds everything. */
  async flush(): Promise<boolean> {
    await this.#lastWrite;
    return this.#writeNext();
  }

  /** Lets the folder go, without writing: `flush()` does that. Nothing is written afterwards. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#writer;
    await this.#lastWrite;
    await this.#lock.release();
    await this.#folder.close();
  }

  async #restore(): Promise<void> {
    if (await this.#file.prepare()) {
      const fields = { path: this.#file.path };
      this.#reports.log.warn(fields, 'Somebody put a link where the checkpoint is written: others can write there.');
    }
    const found = await this.#file.read();
    this.#isNew = found?.kind !== 'valid';
    if (found === undefined) return;
    if (found.kind === 'valid') {
      for (const [name, restored] of found.sections) {
        this.#sections.set(name, { restored, snapshot: undefined, writes: undefined });
      }
      return;
    }
    this.#nothing = null;
    this.#reports.unusable.add(1);
    const fields = { path: this.#file.path, reason: found.reason, kept: await this.#file.setAside() };
    this.#reports.log.error(fields, 'The checkpoint cannot be used: everything is read again from its beginning.');
  }

  #touch(): void {
    this.#dirtySinceMs ??= this.#clock.nowMs();
    if (this.#closing.signal.aborted) return;
    this.#writer ??= this.#writeWhileDirty();
  }

  async #writeWhileDirty(): Promise<void> {
    const closing = this.#closing.signal;
    // Lets everything that settles in the same turn of the event loop into the first write.
    await Promise.resolve();
    while (this.#dirtySinceMs !== undefined && !closing.aborted) {
      const waitMs = this.#nextWriteMs - this.#clock.nowMs();
      if (waitMs > 0) await this.#clock.sleep(waitMs, closing);
      if (!closing.aborted) await this.#writeNext();
    }
    // In the same turn as the last look: a change that comes later starts the next one.
    this.#writer = undefined;
  }

  /** Writes after the write that is under way, if there is one. */
  #writeNext(): Promise<boolean> {
    this.#lastWrite = this.#lastWrite.then(() => this.#write());
    return this.#lastWrite;
  }

  async #write(): Promise<boolean> {
    if (this.#dirtySinceMs === undefined) return true;
    this.#writingSinceMs = this.#dirtySinceMs;
    this.#dirtySinceMs = undefined;
    const startMs = this.#clock.nowMs();
    const values = new Map<string, unknown>();
    const saving: SectionWrites[] = [];
    for (const [name, section] of this.#sections) {
      section.writes?.begin();
      const value = contentOf(section);
      if (value !== undefined && value !== null) values.set(name, value);
      if (section.writes !== undefined) saving.push(section.writes);
    }
    const bytes = encodeCheckpoint(values);
    const encodingMs = this.#clock.nowMs() - startMs;
    this.#nextWriteMs = startMs + Math.max(WRITE_INTERVAL_MS, encodingMs / MAX_ENCODING_PART);
    try {
      await this.#file.write(bytes);
    } catch (error) {
      this.#dirtySinceMs = this.#writingSinceMs;
      this.#failed(error);
      return false;
    } finally {
      this.#writingSinceMs = undefined;
    }
    for (const writes of saving) writes.end();
    this.#reports.writes.add(1);
    if (this.#isNew) this.#nextWriteMs = Number.NEGATIVE_INFINITY;
    this.#isNew = false;
    if (this.#isFailing) this.#reports.log.info({ path: this.#file.path }, 'The checkpoint is written again.');
    this.#isFailing = false;
    return true;
  }

  #failed(error: unknown): void {
    this.#reports.failures.add(1);
    if (this.#isFailing) return;
    this.#isFailing = true;
    const fields = { path: this.#file.path, error: messageOf(error) };
    this.#reports.log.warn(fields, 'The checkpoint cannot be written: until it can, a restart repeats more.');
  }
}
