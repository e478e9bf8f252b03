import type { RecordBatch } from '../core/record-batch.ts';

/** How to frame one slice of a stream. */
export interface FrameOptions<Resume> {
  /** The state in which the bytes before the slice left the framer. */
  readonly resume: Resume;
  /** The longest body in bytes of the input; what is longer is cut and its rest passed over. */
  readonly maxRecordBytes: number;
  /** How many records one call may add; then it stops at a line end. */
  readonly maxRecords: number;
  /** Nothing follows the slice: what is unfinished at its end is a record too. */
  readonly isFinal: boolean;
  /** Whether the input can have holes, as a file can: NULs where a line starts are passed over. */
  readonly hasHoles: boolean;
  /** Where in its stream the slice starts, in bytes: units of several bytes are counted from the start of the stream. */
  readonly offset: number;
}

/** What became of a slice. */
export interface Framed<Resume> {
  /** Bytes from the start of the slice that are done with. The others are read again next time. */
  readonly consumed: number;
  /** The state for the slice that starts behind the consumed bytes. */
  readonly resume: Resume;
  /** Lines without a body; they are no records. */
  readonly emptyLines: number;
  /** Consumed bytes that belong to no record: the rests of records that were cut. */
  readonly oversizeRestBytes: number;
  /** Consumed NULs that stood where a line starts: a hole, or what was never written. */
  readonly nulFillBytes: number;
}

/**
 * Adds the records in `batch.bytes[start, end)` to the batch. `end` must be at most `batch.byteLength`; bytes may be
 * appended behind it.
 *
 * A framer keeps nothing between calls. What it did not consume, such as an unfinished line, is read again from its
 * start together with what has come since; so the records do not depend on how the bytes arrived, and an offset with
 * its `resume` is all that a restart needs.
 *
 * Afterwards every body it added is valid UTF-8.
 */
export type Framer<Resume extends string> = (
  batch: RecordBatch,
  start: number,
  end: number,
  options: FrameOptions<Resume>,
) => Framed<Resume>;

/** What became of a slice, where a record may be more than a line. */
export interface FramedRecords extends Framed<string> {
  /** Bytes from the start of the slice that were looked at: to get on, the next slice must reach further. */
  readonly scanned: number;
  /** Whether whole lines wait for others that may belong to them; with `isQuiet` they would not. */
  readonly isHolding: boolean;
  /** Records that are lines outside of any group, where a pattern says how groups begin. */
  readonly ungroupedRecords: number;
  /** Records that could not be read as the container format says; each is marked. */
  readonly failedRecords: number;
}

/** How to frame one slice of a stream, where a record may be more than a line. */
export interface FramingOptions extends FrameOptions<string> {
  /** Nothing has followed the slice for as long as a group waits: whole lines at its end wait for no others. */
  readonly isQuiet: boolean;
}

/**
 * How the bytes of one stream become records: a framer that takes any word as `resume`, where one that it never gave
 * stands for the start of a line. A group that falls apart may add a few records more than `maxRecords`.
 *
 * It may add records from behind the consumed bytes, where streams are mixed in one file; `resume` then says what it
 * has added, and no call adds it again.
 */
export interface Framing {
  frame(batch: RecordBatch, start: number, end: number, options: FramingOptions): FramedRecords;
  /** A slice so long always gets on: something in it is done with, or looked at for the first time. */
  readonly enoughBytes: number;
}
