import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { codeOf, type FileSystem, makeFolder, systemFiles } from '../checkpoint/file-system.ts';
import { StateLock } from '../checkpoint/state-lock.ts';
import type { Clock } from '../core/clock.ts';
import { messageOf, OperatorError } from '../core/errors.ts';
import { DAMAGED, type QueueReports } from './queue-reports.ts';
import { QueueTail } from './queue-tail.ts';
import { type QueuePosition, type QueueStart, type Restored, restore } from './restore-queue.ts';
import { type Segment, SegmentFolder } from './segment-folder.ts';
import { ENTRY_HEAD_BYTES, HEADER_BYTES, MAX_PAYLOAD_BYTES, type SegmentHeader } from './segment-format.ts';
import type { SegmentReader } from './segment-reader.ts';

/** A segment that is this long is followed by a new one: settled bytes leave the disk in such pieces. */
const MAX_SEGMENT_BYTES = 16 * 1024 * 1024;
/** Of how many segments a small queue consists. */
const MIN_SEGMENTS = 8;
/** How long to wait before a segment is opened again for which there was no handle. */
const RETRY_MS = 500;
const NO_HANDLE = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

/** What comes next in the queue; `end` is the place behind it. */
export type QueueRead =
  /** `bytes` are the caller's. */
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly end: QueuePosition }
  /**
   * What follows does not go on with what came before: it is of another input, or something between is damaged.
   * `isMidLine`: it starts in the middle of a line.
   */
  | { readonly kind: 'break'; readonly isMidLine: boolean; readonly end: QueuePosition }
  | { readonly kind: 'nothing' };

/** What a queue is made of. */
export interface DiskQueueOptions {
  /** Its folder, made when it is missing. One folder belongs to one source of one agent. */
  readonly folder: string;
  /** How much disk it takes at most, in bytes; at least 1 MiB. */
  readonly maxBytes: number;
  /** What the checkpoint holds; undefined: nothing. */
  readonly position: QueuePosition | undefined;
  readonly clock: Clock;
  readonly reports: QueueReports;
  readonly files?: FileSystem;
}

/**
 * Bytes that wait on disk, of an input that has no file behind it.
 *
 * ```
 *   append() ->  | 0…0.segment | 0…4096.segment | 0…8192.segment |  -> read()
 *                  ^ settled: removed    ^ read              ^ added
 * ```
 * What `append()` has taken survives the process: the system has it. Once a second, and at its end, a segment is synced;
 * so much a power cut takes. When the queue or the disk is full `append()` waits: that is the back-pressure. Damage costs
 * the rest of its segment, which is counted, and kept for a person to look at.
 */
export class DiskQueue {
  /** Where reading starts: at the position of the checkpoint, or at the oldest segment there is. */
  readonly start: QueueStart;
  readonly #options: DiskQueueOptions;
  readonly #folder: SegmentFolder;
  readonly #tail: QueueTail;
  readonly #unlock: () => Promise<void>;
  readonly #run: string;
  /** Those that are not settled, oldest first. */
  readonly #segments: Segment[];
  #reading: { readonly segment: Segment; readonly reader: SegmentReader } | undefined;
  /** The one that was read to its end last. */
  #finished: Segment | undefined;
  /** Whether bytes are missing before the next segment. */
  #isInterrupted = false;
  #readTo: QueuePosition;
  #settledOffset = 0;
  #isFull = false;
  #removing: Promise<void> = Promise.resolve();
  #onSpace: () => void = () => {};
  #onNews: () => void = () => {};

  private constructor(options: DiskQueueOptions, found: Restored, folder: SegmentFolder, unlock: () => Promise<void>) {
    const { folder: path, maxBytes, clock, reports, files = systemFiles } = options;
    const { segments, start, run, end } = found;
    this.#options = options;
    this.#folder = folder;
    this.#unlock = unlock;
    this.#segments = segments;
    this.#run = run;
    this.start = start;
    this.#readTo = { run: start.run, offset: segments[0]?.base ?? start.offset };
    const segmentBytes = Math.min(MAX_SEGMENT_BYTES, Math.floor(maxBytes / MIN_SEGMENTS));
    const onSegment = (segment: Segment): void => void segments.push(segment);
    const isSettled = (): boolean => this.#settledOffset >= this.end;
    const onEnded = (): void => this.#leaveSettled();
    const of = { folder: path, files, clock, reports, segmentBytes, run, end };
    this.#tail = new QueueTail({ ...of, onSegment, isSettled, onEnded });
  }

  /**
   * Takes the folder, and goes on with what the last life left in it. Throws an OperatorError: ERR_STATE_LOCKED when
   * another agent has the folder, ERR_STATE_WRITE when it cannot be used.
   */
  static async open(options: DiskQueueOptions): Promise<DiskQueue> {
    const { folder: path, files = systemFiles, clock, reports } = options;
    let unlock = (): Promise<void> => Promise.resolve();
    try {
      await makeFolder(files, path);
      unlock = await lockFolder(path, clock, reports);
      const folder = new SegmentFolder(path, files);
      return new DiskQueue(options, await restore(folder, options.position, reports), folder, unlock);
    } catch (error) {
      await unlock();
      if (error instanceof OperatorError) throw error;
      throw new OperatorError({
        code: 'ERR_STATE_WRITE',
        message: `Cannot use queue folder ${JSON.stringify(path)}: ${messageOf(error)}`,
        hint: 'Set "path" of the queue to a folder that this user can read and write',
      });
    }
  }

  /** How much disk the queue takes, in bytes. */
  get diskBytes(): number {
    return this.#segments.reduce((sum, { fileBytes }) => sum + fileBytes, 0);
  }

  /** The offset behind the last byte that was added. */
  get end(): number {
    return this.#tail.end;
  }

  /** Adds bytes; waits while there is no room. Resolves with how many were taken before `signal` aborted. */
  async append(bytes: Uint8Array, signal: AbortSignal): Promise<number> {
    for (let at = 0; at < bytes.length; ) {
      const payload = bytes.subarray(at, at + MAX_PAYLOAD_BYTES);
      if (!(await this.#untilRoom(ENTRY_HEAD_BYTES + payload.length, signal))) return at;
      const taken = await this.#tail.append(payload, signal);
      if (taken === 0) return at;
      at += taken;
      this.#onNews();
    }
    return bytes.length;
  }

  /** What comes next; never waits for more to be added. */
  async read(): Promise<QueueRead> {
    for (;;) {
      if (this.#reading === undefined) {
        const segment = this.#segments[this.#segments.indexOf(this.#finished as Segment) + 1];
        const start = segment ?? this.#startOfRun();
        if (start === undefined) return { kind: 'nothing' };
        // The place behind what was read is one of its life: of the next one there may be no segment yet.
        const end = { run: this.#readTo.run, offset: start.base };
        const isBreak = this.#enter(start);
        if (segment !== undefined) await this.#open(segment);
        if (isBreak) return { kind: 'break', isMidLine: start.isMidLine, end };
        continue;
      }
      const { segment, reader } = this.#reading;
      const limit = segment.fileBytes;
      const found = await reader.next(limit);
      if (found.kind === 'entry') {
        const bytes = this.#pass(found.payload);
        if (bytes.length > 0) return { kind: 'bytes', bytes, end: this.#readTo };
        continue;
      }
      // More was added while it was read.
      if (found.kind === 'end' && limit < segment.fileBytes) continue;
      if (found.kind === 'end' && segment === this.#tail.segment) return { kind: 'nothing' };
      if (found.kind === 'damaged') this.#damaged(segment, found.reason, reader.unreadBytes(limit));
      this.#reading = undefined;
      this.#finished = segment;
      await reader.close();
    }
  }

  /** Resolves when there is something that was not read, or `signal` aborts. */
  async untilNews(signal: AbortSignal): Promise<void> {
    while (this.end <= this.#readTo.offset && !signal.aborted) {
      await untilCalled((call) => (this.#onNews = call), signal);
    }
  }

  /** Says that everything before `offset` is settled: segments that lie before it are removed, also after `close()`. */
  release(offset: number): void {
    this.#settledOffset = offset;
    for (let first = this.#segments[0]; first !== undefined; first = this.#segments[0]) {
      const isLast = this.#segments.length === 1;
      if (first === this.#tail.segment || (isLast ? this.end : this.#segments[1]!.base) > offset) return;
      this.#segments.shift();
      this.#remove(first);
    }
  }

  /** Ends reading and adding. What is in the queue and not settled stays there for the next life. */
  async close(): Promise<void> {
    await this.#tail.close();
    this.release(this.#settledOffset);
    await this.#removing;
    const { reader } = this.#reading ?? {};
    this.#reading = undefined;
    try {
      await reader?.close();
    } finally {
      await this.#unlock();
    }
  }

  /** Lets go all segments, of which everything is settled, and so was read. */
  #leaveSettled(): void {
    this.release(this.#settledOffset);
    const reading = this.#reading;
    if (reading === undefined || this.#segments.includes(reading.segment)) return;
    this.#reading = undefined;
    this.#finished = reading.segment;
    // A file that is open keeps its room.
    void reading.reader.close().catch(() => undefined);
  }

  /** Goes on at the start of a segment. Returns whether that does not continue what was read. */
  #enter({ run, base }: SegmentHeader): boolean {
    const before = this.#readTo;
    const lostBytes = base - Math.max(before.offset, this.start.offset);
    if (lostBytes > 0) this.#lost(lostBytes, 'a segment is missing');
    this.#readTo = { run, offset: base };
    const isBreak = run !== before.run || base !== before.offset || this.#isInterrupted;
    this.#isInterrupted = false;
    return isBreak;
  }

  async #open(segment: Segment): Promise<void> {
    for (;;) {
      try {
        this.#reading = { segment, reader: await this.#folder.open(segment) };
        return;
      } catch (error) {
        if (!NO_HANDLE.has(codeOf(error) ?? '')) {
          this.#damaged(segment, messageOf(error), segment.fileBytes - HEADER_BYTES);
          this.#finished = segment;
          return;
        }
        await this.#options.clock.sleep(RETRY_MS);
      }
    }
  }

  /** Where this life starts, when all that was left by others is read and nothing is added yet. */
  #startOfRun(): SegmentHeader | undefined {
    return this.#readTo.run === this.#run ? undefined : { run: this.#run, base: this.end, isMidLine: false };
  }

  /** Moves over a payload. Returns what of it is not settled since the last life. */
  #pass(payload: Buffer): Buffer {
    const { run, offset } = this.#readTo;
    this.#readTo = { run, offset: offset + payload.length };
    return payload.subarray(Math.max(0, this.start.offset - offset));
  }

  #damaged(segment: Segment, reason: string, unreadBytes: number): void {
    segment.isDamaged = true;
    this.#isInterrupted = true;
    const next = this.#segments[this.#segments.indexOf(segment) + 1];
    if (segment.run === this.#run && next === undefined) {
      this.#tail.spoil();
      this.#lost(this.end - this.#readTo.offset, reason);
      this.#readTo = { run: this.#run, offset: this.end };
      return;
    }
    // Where the next one starts tells how much is missing.
    if (next?.run === segment.run) this.#options.reports.log.error(this.#fields({ reason }), DAMAGED);
    else this.#lost(unreadBytes, reason);
  }

  #lost(bytes: number, reason: string): void {
    this.#options.reports.corrupt.add(bytes);
    this.#options.reports.log.error(this.#fields({ bytes, reason }), DAMAGED);
  }

  #remove(segment: Segment): void {
    this.#removing = this.#removing
      .then(() => (segment.isDamaged ? this.#folder.setAside(segment.path) : this.#folder.remove(segment)))
      .catch((error: unknown) => {
        const fields = this.#fields({ path: segment.path, error: messageOf(error) });
        this.#options.reports.log.warn(
          fields,
          'A segment of the queue cannot be removed: a restart delivers it again.',
        );
      })
      .then(() => this.#onSpace());
  }

  async #untilRoom(bytes: number, signal: AbortSignal): Promise<boolean> {
    const { maxBytes, reports } = this.#options;
    const isFull = (): boolean => this.diskBytes + bytes + HEADER_BYTES > maxBytes;
    while (isFull() && !signal.aborted) {
      if (!this.#isFull) reports.log.warn(this.#fields({ maxBytes }), 'The queue is full: its input waits.');
      this.#isFull = true;
      await untilCalled((call) => (this.#onSpace = call), signal);
    }
    if (this.diskBytes < maxBytes / 2) this.#isFull = false;
    return !signal.aborted;
  }

  #fields(fields: object): object {
    return { folder: this.#options.folder, ...fields };
  }
}

/** Takes the folder; resolves with what lets it go. */
async function lockFolder(path: string, clock: Clock, { log }: QueueReports): Promise<() => Promise<void>> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const lock = await StateLock.acquire(path, handle, clock, log);
    return async () => {
      await lock.release();
      await handle.close();
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Resolves when the function that `register` is given was called, or `signal` aborts. */
function untilCalled(register: (call: () => void) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done, { once: true });
    register(done);
  });
}
