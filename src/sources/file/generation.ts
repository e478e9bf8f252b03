import {
  type Evidence,
  type Fingerprint,
  fingerprint,
  HEAD_BYTES,
  NO_FINGERPRINT,
  windowLength,
} from '../../checkpoint/file-identity.ts';
import { OffsetTracker } from '../../checkpoint/offset-tracker.ts';
import type { Lease } from '../../core/lease.ts';
import type { LineResume } from '../../framing/newline.ts';
import type { Claimed, StreamAccount } from '../../ledger/stream-account.ts';

/** How much of a file is read in one turn, in bytes. */
export const SLICE_BYTES = 256 * 1024;

/** What is committed beside an offset: how reading goes on there, and what lies before it. */
export interface Mark {
  readonly resume: LineResume;
  readonly window: Fingerprint;
}

/** Where a generation begins to be read. */
export interface GenerationStart extends Evidence {
  /** How often the stream was truncated before. */
  readonly number: number;
  readonly resume: LineResume;
  /** The last size seen, in bytes. */
  readonly size: number;
}

/** A generation that is read from the first byte of its file. */
export function freshGeneration(number: number): GenerationStart {
  return { number, offset: 0, size: 0, resume: 'line', head: NO_FINGERPRINT, window: NO_FINGERPRINT };
}

/**
 * A stream's life between two truncations, with a low-water mark of its own: a late answer for bytes that were
 * truncated away settles those, and never moves the offset in what was written since.
 */
export class Generation {
  readonly number: number;
  readonly tracker: OffsetTracker<Mark>;
  /** Where the first byte is that is not done with. */
  position: number;
  resume: LineResume;
  /** What was read first. */
  head: Fingerprint;
  /** What was read last before `position`: whoever reads on first looks whether it is still there. */
  window: Fingerprint;
  /** How much the next turn reads. */
  sliceBytes = SLICE_BYTES;
  #size: number;
  /** The size at which the last read took all it could: until it changes there is nothing new. */
  #exhaustedSize: number;
  readonly #account: StreamAccount;

  constructor(start: GenerationStart, account: StreamAccount, onCommit: () => void) {
    const { number, offset, size, resume, head, window } = start;
    this.#account = account;
    this.number = number;
    this.position = offset;
    this.resume = resume;
    this.head = head;
    this.window = window;
    this.#size = size;
    this.#exhaustedSize = offset;
    this.tracker = new OffsetTracker<Mark>({ offset, resume: { resume, window } }, onCommit);
  }

  /** The last size seen, in bytes. What it grows by is counted as seen; who makes it smaller says why it is. */
  get size(): number {
    return this.#size;
  }

  set size(size: number) {
    if (size > this.#size) this.#account.saw(size - this.#size);
    this.#size = size;
  }

  /** Bytes seen and not done with, an unfinished last line included. */
  get unreadBytes(): number {
    return Math.max(0, this.size - this.position);
  }

  /** Whether there are bytes that no read has looked at. */
  get hasNews(): boolean {
    return this.size > this.position && this.size !== this.#exhaustedSize;
  }

  /** Whether every byte that was seen is done with, and settled. */
  get isSettled(): boolean {
    return this.unreadBytes === 0 && this.tracker.isSettled;
  }

  /** Notes that a read looked at everything up to `size`, and what is not done with by now needs more bytes. */
  exhaust(size: number): void {
    this.#exhaustedSize = size;
  }

  /**
   * Claims the next bytes, and moves on. `read` holds the file's bytes from `windowLength(position)` before
   * the position on, at `at`; it is only looked at.
   */
  claim(claimed: Claimed, resume: LineResume, read: Buffer, at: number): Lease {
    const start = this.position;
    const end = start + claimed.bytes;
    const readFrom = start - windowLength(start);
    const indexOf = (offset: number): number => at + offset - readFrom;
    if (readFrom === 0 && this.head.length < HEAD_BYTES) {
      this.head = fingerprint(read, at, indexOf(Math.min(end, HEAD_BYTES)));
    }
    this.window = fingerprint(read, indexOf(end - windowLength(end)), indexOf(end));
    this.position = end;
    this.resume = resume;
    return this.tracker.open(start, end, { resume, window: this.window }, this.#account.claim(claimed));
  }
}
