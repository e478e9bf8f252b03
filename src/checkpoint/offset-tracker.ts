import { CountedLease, type Lease, type RangeTally } from '../core/lease.ts';

/** A place in a stream, and how reading goes on from there. */
export interface Position<Resume> {
  /** In bytes from the start of the stream. */
  readonly offset: number;
  readonly resume: Resume;
}

interface Range<Resume> {
  readonly end: Position<Resume>;
  readonly tally: RangeTally | undefined;
  isSettled: boolean;
  next: Range<Resume> | undefined;
}

/**
 * The low-water mark of one generation of a stream: the largest offset before which everything has settled.
 *
 * ```
 *  0         120       250       300       410
 *  | settled | settled |  open   | settled |  open …
 *                      ^ committed           ^ read up to here
 * ```
 * Answers come in any order; the mark moves only over the front. A restart goes on at the mark, so what settled behind
 * an open range is delivered again: twice is allowed, never is not.
 */
export class OffsetTracker<Resume> {
  #committed: Position<Resume>;
  #openedTo: number;
  /** Ranges that the mark has not passed, in read order. */
  #first: Range<Resume> | undefined;
  #last: Range<Resume> | undefined;
  readonly #onCommit: (position: Position<Resume>) => void;

  /** `onCommit` is called with each new mark; its offset never decreases. */
  constructor(start: Position<Resume>, onCommit: (position: Position<Resume>) => void) {
    this.#committed = start;
    this.#openedTo = start.offset;
    this.#onCommit = onCommit;
  }

  /** The low-water mark. */
  get committed(): Position<Resume> {
    return this.#committed;
  }

  /** Whether every range that was opened has been passed by the mark. */
  get isSettled(): boolean {
    return this.#first === undefined;
  }

  /**
   * Claims the bytes [start, end), which follow those claimed before; `resume` is how reading goes on at `end`. What
   * `tally` counts is committed together with the offset.
   *
   * When the lease settles, the mark moves over every settled range at its front, and `onCommit` is called at most
   * once. A range that ended as `abandoned` stops the mark for good. O(ranges passed). Throws a RangeError for a range
   * that does not follow the last one.
   */
  open(start: number, end: number, resume: Resume, tally?: RangeTally): Lease {
    if (start !== this.#openedTo || end < start) {
      throw new RangeError(`Cannot open range [${start}, ${end}): ranges are opened up to ${this.#openedTo}`);
    }
    const range: Range<Resume> = { end: { offset: end, resume }, tally, isSettled: false, next: undefined };
    this.#openedTo = end;
    if (this.#last === undefined) this.#first = range;
    else this.#last.next = range;
    this.#last = range;
    return new CountedLease((outcome) => {
      if (outcome === 'abandoned') return;
      range.isSettled = true;
      if (range === this.#first) this.#advance(range);
    }, tally);
  }

  #advance(front: Range<Resume>): void {
    let passed = front;
    passed.tally?.commit();
    while (passed.next?.isSettled) {
      passed = passed.next;
      passed.tally?.commit();
    }
    this.#first = passed.next;
    if (passed.next === undefined) this.#last = undefined;
    this.#committed = passed.end;
    this.#onCommit(passed.end);
  }
}
