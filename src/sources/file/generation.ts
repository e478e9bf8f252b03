import {
  type Evidence,
  type Fingerprint,
  fingerprint,
  HEAD_BYTES,
  NO_FINGERPRINT,
  WINDOW_BYTES,
  windowLength,
} from '../../checkpoint/file-identity.ts';
import { OffsetTracker } from '../../checkpoint/offset-tracker.ts';
import type { Lease } from '../../core/lease.ts';
import type { MarkedEncoding } from '../../framing/byte-order-mark.ts';
import type { Format } from '../../framing/framings.ts';
import type { Claimed, Place, StreamAccount } from '../../ledger/stream-account.ts';
import type { HeldTail, TailHolder } from './held-tail.ts';
import type { StreamEntry } from './stream-entry.ts';

/** How much of a file is read in one turn, in bytes. */
export const SLICE_BYTES = 256 * 1024;

/** What is committed beside an offset: how reading goes on there, and what lies before it. */
export interface Mark {
  readonly resume: string;
  readonly window: Fingerprint;
}

/** Where a generation begins to be read. */
export interface GenerationStart extends Evidence {
  /** How often the stream was truncated before. */
  readonly number: number;
  readonly resume: string;
  /** The format that was detected; undefined: none yet. */
  readonly format?: Format | undefined;
  /** The last size seen, in bytes. */
  readonly size: number;
  /** The encoding that a mark at its start tells. */
  readonly encoding?: MarkedEncoding;
}

/** A generation that is read from the first byte of its file. */
export function freshGeneration(number: number): GenerationStart {
  return { number, offset: 0, size: 0, resume: 'line', head: NO_FINGERPRINT, window: NO_FINGERPRINT };
}

/** A generation that goes on where its entry says. */
export function entryStart({ generation: number, ...entry }: StreamEntry): GenerationStart {
  return { ...entry, number };
}

/** NULs in a file that may be a hole, or a place that is not written yet. Offsets in bytes. */
export interface NulRun {
  /** Where the first of them is. */
  readonly from: number;
  /** Up to where nothing else was found. */
  to: number;
  /** Whether other bytes follow at `to`. */
  isOver: boolean;
}

const NO_NULS = { from: 0, to: 0 };

const NUL_WINDOW = fingerprint(Buffer.alloc(WINDOW_BYTES));

/**
 * A stream's life between two truncations, with a low-water mark of its own: a late answer for bytes that were
 * truncated away settles those, and never moves the offset in what was written since.
 */
export class Generation implements TailHolder {
  readonly number: number;
  readonly tracker: OffsetTracker<Mark>;
  /** Where the first byte is that is not done with. */
  position: number;
  /** See `GenerationStart.encoding`. */
  encoding: MarkedEncoding | undefined;
  /** What the framer said last. */
  resume: string;
  /** Whether whole lines behind the position wait for others that may belong to them. */
  isHolding = false;
  /** The format that was detected; undefined: none yet. */
  format: Format | undefined;
  /** Whether the bytes behind the position are whole lines up to the end of the file, as far as they were read. */
  endsWithLine = false;
  /** What was read first. */
  head: Fingerprint;
  /** What was read last before `position`: whoever reads on first looks whether it is still there. */
  window: Fingerprint;
  /** The unfinished line behind `position`, as long as the file still ends with it as far as anybody knows. */
  heldTail: HeldTail | undefined;
  /** NULs at or behind the position that end somewhere beyond what one turn reads, or with the file. */
  nuls: NulRun | undefined;
  /** A place in which nothing but NULs was found once, in bytes: whoever fills it does so from its start. */
  knownNuls: { readonly from: number; readonly to: number } = NO_NULS;
  /** How much the next turn reads. */
  sliceBytes = SLICE_BYTES;
  /** The size at which the last read took all it could: until it changes there is nothing new. */
  #exhaustedSize: number;
  #size: number;
  #isDoubtful = false;
  #cutBytes = 0;
  #account: StreamAccount;

  constructor(start: GenerationStart, account: StreamAccount, onCommit: () => void) {
    const { number, offset, size, resume, head, window } = start;
    this.#account = account;
    this.number = number;
    this.position = offset;
    this.resume = resume;
    this.encoding = start.encoding;
    this.format = start.format;
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

  /** Where it is, for the books: what was cut off and not confirmed counts as unread. */
  get place(): Place {
    const { position, tracker } = this;
    return { size: this.#size + this.#cutBytes, offset: position, committedOffset: tracker.committed.offset };
  }

  /** Bytes seen and not done with, an unfinished last line included. */
  get unreadBytes(): number {
    return Math.max(0, this.size - this.position);
  }

  /** What is known of everything that was read. */
  get evidence(): Evidence {
    return { offset: this.position, head: this.head, window: this.window };
  }

  /** Whether nothing but NULs was found up to the end of the file: they are read when something is written there. */
  get endsWithNuls(): boolean {
    return this.nuls !== undefined && !this.nuls.isOver && this.nuls.to >= this.size;
  }

  /** Passes over the place at the end that was never written, as far as it lies behind `size`: the file lost it. */
  cutNuls(size: number): void {
    if (this.endsWithNuls && this.nuls !== undefined) {
      const end = Math.max(size, this.nuls.from);
      this.#account.pass('nul_fill', this.#size - end);
      this.#size = end;
    }
    this.nuls = undefined;
    this.knownNuls = NO_NULS;
  }

  /** Whether there are bytes that no read has looked at, or that may be others by now. */
  get hasNews(): boolean {
    return this.#isDoubtful || (this.size > this.position && this.size !== this.#exhaustedSize);
  }

  /** Whether every byte that was seen is done with, and settled. */
  get isSettled(): boolean {
    return this.unreadBytes === 0 && this.tracker.isSettled;
  }

  /**
   * Goes on in another file, which holds the same bytes up to the position, has `size`, and books of its own. What was
   * seen in the old file and not read there is passed over: it is read here.
   */
  moveTo(size: number, account: StreamAccount): void {
    this.#account.pass('already_delivered', this.unreadBytes + this.#cutBytes);
    this.#account = account;
    this.#size = size;
    this.#cutBytes = 0;
    this.#isDoubtful = false;
    this.#exhaustedSize = this.position;
    this.heldTail = undefined;
    this.nuls = undefined;
    this.knownNuls = NO_NULS;
  }

  /**
   * Notes that nothing is left but the held line: whatever else was not read cannot be read any more. Returns how many
   * bytes that is, which the caller has to account for.
   */
  shrinkToHeldTail(): number {
    const seenBytes = this.unreadBytes + this.#cutBytes;
    this.#size = this.heldTail?.end ?? this.position;
    this.#cutBytes = 0;
    this.exhaust(this.#size);
    return Math.max(0, seenBytes - this.unreadBytes);
  }

  /** Notes that a read looked at everything up to `size`, and what is not done with by now needs more bytes. */
  exhaust(size: number): void {
    this.#exhaustedSize = size;
    this.#isDoubtful = false;
  }

  /** Notes that the file lost bytes that nobody had read; or all, and it has grown again: the next read looks. */
  cut(bytes: number): void {
    this.#cutBytes += bytes;
    this.doubt();
  }

  /** How many bytes were cut off, as far as nobody has looked whether it was only those. */
  get cutBytes(): number {
    return this.#cutBytes;
  }

  /** Confirms it. Returns how many they are; they no longer count as unread. */
  takeCutBytes(): number {
    const bytes = this.#cutBytes;
    this.#cutBytes = 0;
    return bytes;
  }

  /** Notes that the bytes that were read may no longer be there: the next read looks. */
  doubt(): void {
    this.#isDoubtful = true;
  }

  /** Has what lies behind the position looked at again. */
  renew(): void {
    this.nuls = undefined;
    this.#exhaustedSize = this.position;
  }

  /**
   * Claims the next bytes, and moves on; 0 where all that was done with lies behind what is not. `read` holds the file's
   * bytes from `windowLength(position)` before the position on, at `at`; it is only looked at.
   */
  claim(claimed: Claimed, resume: string, read: Buffer, at: number): Lease {
    const start = this.position;
    const end = start + claimed.bytes;
    const readFrom = start - windowLength(start);
    const indexOf = (offset: number): number => at + offset - readFrom;
    if (readFrom === 0 && this.head.length < HEAD_BYTES) {
      this.head = fingerprint(read, at, indexOf(Math.min(end, HEAD_BYTES)));
    }
    this.window = fingerprint(read, indexOf(end - windowLength(end)), indexOf(end));
    return this.#moveOn(end, resume, claimed);
  }

  /** The same for a run of NULs that is longer than the slice of `readLength` in `read`, which holds nothing else. */
  claimNuls(claimed: Claimed, read: Buffer, at: number, readLength: number): Lease {
    const { position, resume } = this;
    const readFrom = position - windowLength(position);
    if (readFrom === 0 && this.head.length < HEAD_BYTES) {
      this.head = fingerprint(read, at, at + Math.min(position + readLength, HEAD_BYTES));
    }
    this.window = NUL_WINDOW;
    return this.#moveOn(position + claimed.bytes, resume, claimed);
  }

  /** Claims bytes that may still change: no checkpoint must pass them, so the lease is to be abandoned. */
  holdBack(claimed: Claimed): Lease {
    return this.#moveOn(this.position + claimed.bytes, this.resume, claimed);
  }

  #moveOn(end: number, resume: string, claimed: Claimed): Lease {
    const start = this.position;
    this.position = end;
    this.resume = resume;
    if (this.nuls !== undefined && this.nuls.to <= end) this.nuls = undefined;
    return this.tracker.open(start, end, { resume, window: this.window }, this.#account.claim(claimed));
  }
}
