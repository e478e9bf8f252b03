import { OffsetTracker } from '../../checkpoint/offset-tracker.ts';
import type { Output } from '../../core/contracts.ts';
import type { Resource } from '../../core/resource.ts';
import type { Stream } from '../../core/stream.ts';
import { frameLines, LINE_RESUMES, type LineResume } from '../../framing/newline.ts';
import type { StreamAccount } from '../../ledger/stream-account.ts';
import type { DiskQueue } from '../../queue/disk-queue.ts';
import type { QueuePosition, QueueStart } from '../../queue/restore-queue.ts';
import { claimedLines } from './claimed-lines.ts';

/** How much is gathered for a batch at most, as long as lines are shorter. */
const BATCH_BYTES = 256 * 1024;
/** How many records a batch gets at most. */
const MAX_RECORDS = 4096;
/** A line is known to be too long two bytes behind the limit. */
const BEYOND_LIMIT = 2;

const LF = 0x0a;

/** What the checkpoint holds: up to where everything is settled, and how reading goes on there. */
export interface QueueEntry extends QueuePosition {
  readonly resume: LineResume;
}

/** Reads what a checkpoint holds; undefined: nothing, or nothing that can be used. */
export function parseQueueEntry(section: unknown): QueueEntry | undefined {
  if (typeof section !== 'object' || section === null) return undefined;
  const { run, offset, resume } = section as Record<string, unknown>;
  const known = LINE_RESUMES.find((word) => word === resume);
  if (typeof run !== 'string' || known === undefined) return undefined;
  return Number.isSafeInteger(offset) && (offset as number) >= 0
    ? { run, offset: offset as number, resume: known }
    : undefined;
}

/** What a delivery works on. */
export interface QueueDeliveryOptions {
  readonly queue: DiskQueue;
  /** What the last life stored. */
  readonly restored: QueueEntry | undefined;
  readonly resource: Resource;
  readonly maxRecordBytes: number;
  readonly account: StreamAccount;
  /** Called when the entry has changed. */
  readonly onCommit: () => void;
}

/**
 * Turns the bytes of a queue into batches of lines, and follows what settles.
 *
 * ```
 *   queue  | line⏎ line⏎ line⏎ | unfini |
 *          ^committed          ^claimed ^read: pending until its line ends
 * ```
 */
export class QueueDelivery {
  readonly #options: QueueDeliveryOptions;
  readonly #tracker: OffsetTracker<{ readonly run: string; readonly resume: LineResume }>;
  #claimed: number;
  #stream: Stream;
  #run: string;
  #resume: LineResume;
  /** What was read from `#claimed` on. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #hasLineEnd = false;
  /** Up to where the queue is in the books. */
  #seenEnd: number;

  constructor(options: QueueDeliveryOptions) {
    const { queue, restored, account, onCommit } = options;
    const { run, offset } = queue.start;
    this.#options = options;
    this.#seenEnd = queue.end;
    this.#claimed = offset;
    this.#run = run;
    this.#stream = this.#streamOf(run);
    this.#resume = resumeAt(queue.start, restored);
    this.#tracker = new OffsetTracker({ offset, resume: { run, resume: this.#resume } }, (position) => {
      queue.release(position.offset);
      onCommit();
    });
    account.begin(offset);
    account.places.add(() => {
      this.#noteSize();
      return { size: this.#seenEnd, offset: this.#claimed, committedOffset: this.#tracker.committed.offset };
    });
    account.agree('corrupt');
  }

  /** What the checkpoint is to hold. */
  get entry(): QueueEntry {
    const { offset, resume } = this.#tracker.committed;
    return { offset, ...resume };
  }

  /** Bytes in the queue that no batch has got. */
  get unreadBytes(): number {
    return this.#options.queue.end - this.#claimed;
  }

  /** Sends batches until the queue is empty and `ended` has aborted, or `stop` does. */
  async run(output: Output, ended: AbortSignal, stop: AbortSignal): Promise<void> {
    const { queue } = this.#options;
    while (!stop.aborted) {
      // What was added before the input ended is there when this is true.
      const isEnded = ended.aborted;
      const read = await queue.read();
      switch (read.kind) {
        case 'bytes':
          this.#setRun(read.end.run);
          this.#add(read.bytes);
          if (this.#pendingBytes >= BATCH_BYTES) await this.#send(output, stop, false);
          break;
        case 'break':
          await this.#send(output, stop, true);
          this.#cross(read.end.offset, read.isMidLine);
          break;
        case 'nothing':
          await this.#send(output, stop, isEnded);
          if (isEnded) return;
          await queue.untilNews(ended);
          break;
        default:
          read satisfies never;
      }
    }
  }

  #add(bytes: Buffer): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.#hasLineEnd ||= bytes.includes(LF);
  }

  /** Sends what can be framed; `isFinal`: an unfinished line too, because nothing follows it. */
  async #send(output: Output, stop: AbortSignal, isFinal: boolean): Promise<void> {
    const enoughBytes = this.#options.maxRecordBytes + BEYOND_LIMIT;
    const canFrame = (): boolean =>
      isFinal ? this.#pendingBytes > 0 : this.#hasLineEnd || this.#pendingBytes >= enoughBytes;
    while (canFrame()) this.#sendBatch(await output.rent(this.#stream, stop), output, isFinal);
  }

  #sendBatch(batch: Awaited<ReturnType<Output['rent']>>, output: Output, isFinal: boolean): void {
    const { maxRecordBytes, account } = this.#options;
    const start = batch.byteLength;
    for (const bytes of this.#pending) batch.appendBytes(bytes, 0, bytes.length);
    const end = batch.byteLength;
    const framed = frameLines(batch, start, end, {
      resume: this.#resume,
      maxRecordBytes,
      maxRecords: MAX_RECORDS,
      isFinal,
      hasHoles: false,
      offset: 0,
    });
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#hasLineEnd = false;
    if (start + framed.consumed < end) this.#add(Buffer.from(batch.bytes.subarray(start + framed.consumed, end)));
    const from = this.#claimed;
    this.#claimed += framed.consumed;
    this.#resume = framed.resume;
    batch.inputOffset = from - start;
    this.#noteSize();
    const tally = account.claim(claimedLines(batch.count, framed));
    const lease = this.#tracker.open(from, this.#claimed, { run: this.#run, resume: framed.resume }, tally);
    if (batch.count > 0) {
      output.send(batch, lease);
      return;
    }
    lease.settle('dropped');
    output.giveBack(batch);
  }

  /** Goes on at `offset`, behind what cannot be read, or at another input. */
  #cross(offset: number, isMidLine: boolean): void {
    this.#resume = isMidLine ? 'continuation' : 'line';
    this.#tracker.open(this.#claimed, offset, { run: this.#run, resume: this.#resume }).settle('dropped');
    this.#claimed = offset;
    this.#noteSize();
    this.#options.account.agree('corrupt');
  }

  /** Has the books see what was added to the queue since they looked. */
  #noteSize(): void {
    const { account, queue } = this.#options;
    account.saw(queue.end - this.#seenEnd);
    this.#seenEnd = queue.end;
  }

  #setRun(run: string): void {
    if (run === this.#run) return;
    this.#run = run;
    this.#stream = this.#streamOf(run);
  }

  #streamOf(run: string): Stream {
    return { id: `${run}-0`, name: 'stdin', resource: this.#options.resource };
  }
}

function resumeAt(start: QueueStart, restored: QueueEntry | undefined): LineResume {
  if (restored?.run === start.run && restored.offset === start.offset) return restored.resume;
  // The start of the line was settled, and so was its end: what is settled ends with a line.
  return start.isMidLine ? 'oversize_rest' : 'line';
}
