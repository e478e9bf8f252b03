import type { FileSystem } from '../checkpoint/file-system.ts';
import type { Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { QueueReports } from './queue-reports.ts';
import type { Segment } from './segment-folder.ts';
import { encodeEntry } from './segment-format.ts';
import { SegmentWriter } from './segment-writer.ts';

/** What a power cut takes at most: an fsync of each entry would cost more than all the rest of the agent. */
const SYNC_INTERVAL_MS = 1000;
/** How long to wait before a failed write is tried again. */
const RETRY_MS = 500;

const LF = 0x0a;

/** What the tail of a queue is made of. */
export interface QueueTailOptions {
  readonly folder: string;
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly reports: QueueReports;
  /** A segment that is this long is followed by a new one. */
  readonly segmentBytes: number;
  /** The life of the queue. */
  readonly run: string;
  /** The offset at which adding starts. */
  readonly end: number;
  /** Called with each new segment. */
  readonly onSegment: (segment: Segment) => void;
  /** Whether nothing that was added is needed any more. */
  readonly isSettled: () => boolean;
  /** Called when the segment has ended that was added to, because its room is needed. */
  readonly onEnded: () => void;
}

/** Where a queue is added to: the segment that is written now, its syncs, and what goes wrong with it. */
export class QueueTail {
  readonly #options: QueueTailOptions;
  readonly #closing = new AbortController();
  #end: number;
  #isMidLine = false;
  #current: { readonly segment: Segment; readonly writer: SegmentWriter } | undefined;
  /** After a failed fsync, for one, nobody knows what is in the file: nothing more is added to it. */
  #isSpoilt = false;
  #isFailing = false;
  #syncing: Promise<void> | undefined;

  constructor(options: QueueTailOptions) {
    this.#options = options;
    this.#end = options.end;
  }

  /** The offset behind the last byte that was added. */
  get end(): number {
    return this.#end;
  }

  /** The segment that is added to; undefined: the next entry starts a new one. */
  get segment(): Segment | undefined {
    return this.#current?.segment;
  }

  /**
   * Adds an entry, and tries again while the disk takes none. Resolves with how many bytes of the payload it holds: all,
   * or as many whole lines as there was room for; 0 when `signal` aborts first.
   */
  async append(payload: Uint8Array, signal: AbortSignal): Promise<number> {
    const { clock, isSettled } = this.#options;
    let part = payload;
    while (!(await this.#write(part, part === payload))) {
      // What ends with a line can be delivered and leave; an open line would keep its room for ever.
      const less = fewerLines(part);
      if (less !== part) {
        part = less;
        continue;
      }
      part = payload;
      if (isSettled()) await this.#endSegment();
      await clock.sleep(RETRY_MS, signal);
      if (signal.aborted) return 0;
    }
    this.#isMidLine = part.at(-1) !== LF;
    this.#syncing ??= clock.sleep(SYNC_INTERVAL_MS, this.#closing.signal).then(() => this.#sync());
    return part.length;
  }

  /** Has the next entry start a new segment: this one cannot be read. */
  spoil(): void {
    this.#isSpoilt = true;
  }

  /** Syncs and closes what is open. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#syncing;
    await this.#finishSegment();
  }

  /** `isAll`: what is written is all that there is, so the disk takes what it is given. */
  async #write(payload: Uint8Array, isAll: boolean): Promise<boolean> {
    try {
      const { writer, segment } = await this.#openSegment();
      await writer.append(encodeEntry(payload));
      segment.fileBytes = writer.fileBytes;
      this.#end += payload.length;
    } catch (error) {
      this.#failed(error);
      return false;
    }
    if (!isAll) return true;
    if (this.#isFailing)
      this.#options.reports.log.info({ folder: this.#options.folder }, 'The queue is written again.');
    this.#isFailing = false;
    return true;
  }

  async #openSegment() {
    const { folder, files, segmentBytes, run, onSegment } = this.#options;
    if (this.#current !== undefined && !this.#isSpoilt && this.#current.writer.fileBytes < segmentBytes) {
      return this.#current;
    }
    await this.#finishSegment();
    const header = { run, base: this.#end, isMidLine: this.#isMidLine };
    const writer = await SegmentWriter.create(files, folder, header);
    const segment: Segment = { ...header, path: writer.path, fileBytes: writer.fileBytes, isDamaged: false };
    this.#current = { segment, writer };
    this.#isSpoilt = false;
    onSegment(segment);
    return this.#current;
  }

  /** Ends the segment that is added to, though it is not full: nobody needs it, and the disk has no room for more. */
  async #endSegment(): Promise<void> {
    if (this.#current === undefined) return;
    await this.#finishSegment();
    this.#options.onEnded();
  }

  async #finishSegment(): Promise<void> {
    const writer = this.#current?.writer;
    if (writer === undefined) return;
    await this.#sync();
    this.#current = undefined;
    await writer.close().catch((error: unknown) => this.#failed(error));
  }

  async #sync(): Promise<void> {
    this.#syncing = undefined;
    try {
      await this.#current?.writer.sync();
    } catch (error) {
      this.#isSpoilt = true;
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const { reports, folder } = this.#options;
    reports.failures.add(1);
    if (this.#isFailing) return;
    this.#isFailing = true;
    const fields = { folder, error: messageOf(error) };
    reports.log.warn(fields, 'The queue cannot be written: its input waits until it can.');
  }
}

/** About half of the lines, at least one; all, where there is but one. */
function fewerLines(payload: Uint8Array): Uint8Array {
  const inHalf = payload.lastIndexOf(LF, (payload.length >> 1) - 1) + 1;
  const end = inHalf > 0 ? inHalf : payload.indexOf(LF) + 1;
  return end === 0 || end === payload.length ? payload : payload.subarray(0, end);
}
