import { setUnixNano } from '../bytes/unix-nano.ts';
import { type RecordBatch, RecordFlag } from '../core/record-batch.ts';
import { ValueType } from '../core/value-type.ts';
import { type Judge, STATE_MASK, VERDICT_MASK, Verdict } from './multiline/judge.ts';
import { wholeCharacterEnd } from './newline.ts';
import type { FramedLine, OpenRecord } from './open-record.ts';
import { Next } from './resume-word.ts';

const LF = 0x0a;

/** How many lines in a row may be uncertain: a message longer than this is taken apart. */
const MAX_UNCERTAIN_LINES = 256;

/** What records are collected by. */
export interface GroupCollectorOptions {
  /** Decides which lines make a record; undefined: each is one. */
  readonly judge: Judge | undefined;
  readonly maxRecordBytes: number;
  /** The most lines that a group has; it is cut there. */
  readonly maxGroupLines: number;
  /** The key of the attribute for the stream of a container. */
  readonly stdioKey: number;
  /** Whether lines that follow each other do so in the file, with nothing but their line ends between them. */
  readonly isContiguous: boolean;
}

/** Collects lines to groups, and adds those that are complete to a batch as records. */
export class GroupCollector {
  /** Lines without a body, that are no records. */
  emptyLines = 0;
  /** Bytes that belong to no record because one was cut. */
  restBytes = 0;
  /** Records that are lines outside of any group. */
  ungroupedRecords = 0;
  readonly #options: GroupCollectorOptions;
  #batch: RecordBatch | undefined;

  constructor(options: GroupCollectorOptions) {
    this.#options = options;
  }

  /** Starts a slice, whose records go to `batch`. */
  begin(batch: RecordBatch): void {
    this.#batch = batch;
    this.emptyLines = 0;
    this.restBytes = 0;
    this.ungroupedRecords = 0;
  }

  get batch(): RecordBatch {
    if (this.#batch === undefined) throw new Error('Cannot collect lines: no slice was begun');
    return this.#batch;
  }

  /** Takes a line of a stream; it is only looked at. */
  accept(stream: OpenRecord, line: FramedLine): void {
    const { judge, maxRecordBytes } = this.#options;
    const isEmpty = line.start === line.end;
    if (judge === undefined) {
      if (isEmpty) this.emptyLines++;
      else this.addLine(line);
      return;
    }
    const isOpen = stream.lineCount > 0;
    if (isEmpty && !isOpen && stream.group !== Next.Rest) {
      this.emptyLines++;
      return;
    }
    const state = isOpen || stream.group !== Next.Fresh ? stream.state : 0;
    const result = judge(this.batch.bytes, line.start, Math.min(line.end, line.start + maxRecordBytes), state);
    const verdict = result & VERDICT_MASK;
    const isMember = verdict === Verdict.Join || verdict === Verdict.Maybe;
    if (isOpen && !isMember) {
      if (result & Verdict.Confirms) this.#confirm(stream);
      this.#endGroup(stream);
      this.accept(stream, line);
      return;
    }
    if (stream.group === Next.Rest && isMember) {
      this.restBytes += line.fileBytes;
      stream.state = result & STATE_MASK;
      if (result & Verdict.Ends) stream.group = Next.Fresh;
      return;
    }
    if (!isOpen && isMember && stream.group === Next.Continuation) stream.flags = RecordFlag.Continuation;
    stream.group = Next.Fresh;
    stream.state = result & STATE_MASK;
    if (isEmpty && !isOpen) {
      this.emptyLines++;
      return;
    }
    stream.push(line);
    if (verdict !== Verdict.Maybe || !isOpen) stream.certainCount = stream.lineCount;
    if (verdict === Verdict.Alone) this.ungroupedRecords++;
    this.#checkLimits(stream, verdict === Verdict.Alone || (result & Verdict.Ends) !== 0);
  }

  /** Takes the remainder of a line whose first part went out already. Nobody can judge it. */
  acceptRemainder(stream: OpenRecord, line: FramedLine): void {
    if (line.start === line.end) return;
    line.flags |= RecordFlag.Continuation;
    if (this.#options.judge === undefined) {
      this.addLine(line);
      return;
    }
    stream.group = Next.Fresh;
    stream.state ||= 1;
    stream.push(line);
    stream.certainCount = 1;
    this.#checkLimits(stream, false);
  }

  /** Ends a group behind which nothing came: lines that are not certain belong to it, and what comes is more of it. */
  release(stream: OpenRecord): void {
    if (stream.lineCount === 0) return;
    this.#confirm(stream);
    this.#addGroup(stream, Next.Continuation);
  }

  /** Takes lines that are not certain as certain, but for empty ones at their end. */
  #confirm(stream: OpenRecord): void {
    for (let last = stream.lineCount - 1; last >= stream.certainCount; last--) {
      if (stream.lines[last]!.start !== stream.lines[last]!.end) break;
      this.emptyLines++;
      stream.pop();
    }
    stream.certainCount = stream.lineCount;
  }

  /** Adds a line as a record of its own. */
  addLine(line: FramedLine): void {
    const { maxRecordBytes } = this.#options;
    if (line.end - line.start <= maxRecordBytes) {
      this.#addRecord(line, line.start, line.end, line.flags);
      return;
    }
    const cut = wholeCharacterEnd(this.batch.bytes, line.start, line.start + maxRecordBytes);
    this.#addRecord(line, line.start, cut, line.flags | RecordFlag.Truncated);
    this.restBytes += this.#restOf(line, cut);
  }

  /** Cuts a group that has become too long; else ends it when its last line says so. */
  #checkLimits(stream: OpenRecord, isEnd: boolean): void {
    const { maxRecordBytes, maxGroupLines } = this.#options;
    const uncertain = stream.lineCount - stream.certainCount;
    const isOver = stream.byteLength > maxRecordBytes || stream.lineCount > maxGroupLines;
    if (uncertain > 0) {
      if (isOver || uncertain > MAX_UNCERTAIN_LINES) this.#endGroup(stream);
    } else if (isOver) {
      this.#cutGroup(stream, isEnd ? Next.Fresh : Next.Rest);
    } else if (isEnd) {
      this.#addGroup(stream, Next.Fresh);
    }
  }

  /** Ends the group before the lines that are not certain to belong to it; those are taken anew. */
  #endGroup(stream: OpenRecord): void {
    const others = stream.takeUncertain();
    this.#addGroup(stream, Next.Fresh);
    for (const line of others) this.accept(stream, line);
  }

  /** Adds the lines up to the limits; `next`: how what follows is taken. */
  #cutGroup(stream: OpenRecord, next: number): void {
    const { maxRecordBytes, maxGroupLines } = this.#options;
    if (stream.lineCount > maxGroupLines) {
      this.restBytes += stream.lines[stream.lineCount - 1]!.fileBytes;
      stream.pop();
    }
    stream.flags |= RecordFlag.Truncated;
    if (stream.byteLength <= maxRecordBytes) {
      this.#addGroup(stream, next);
      return;
    }
    const last = stream.lines[stream.lineCount - 1]!;
    const cut = last.end - (stream.byteLength - maxRecordBytes);
    // The limit may be reached by the line end before the last line.
    if (cut <= last.start) {
      this.restBytes += last.fileBytes;
      stream.pop();
    } else {
      const keptEnd = wholeCharacterEnd(this.batch.bytes, last.start, cut);
      this.restBytes += this.#restOf(last, keptEnd);
      stream.byteLength -= last.end - keptEnd;
      last.end = keptEnd;
    }
    this.#addGroup(stream, next);
  }

  /** How many bytes of the line are passed over when it is cut at `cut`. */
  #restOf({ to, end }: FramedLine, cut: number): number {
    return (this.#options.isContiguous ? to : end) - cut;
  }

  #addGroup(stream: OpenRecord, next: number): void {
    const { lines, lineCount, flags } = stream;
    const first = lines[0]!;
    const last = lines[lineCount - 1]!;
    if (stream.isSpan) {
      this.#addRecord(first, first.start, last.end, flags);
    } else {
      const start = this.#join(stream);
      this.#addRecord(first, start, this.batch.byteLength, flags);
    }
    stream.clear(next);
  }

  /** Appends the lines of the group to the batch, and returns where. */
  #join({ lines, lineCount }: OpenRecord): number {
    const { batch } = this;
    const start = batch.byteLength;
    for (let i = 0; i < lineCount; i++) {
      const line = lines[i]!;
      batch.reserve(line.end - line.start + 1);
      if (i > 0) batch.bytes[batch.byteLength++] = LF;
      batch.bytes.copyWithin(batch.byteLength, line.start, line.end);
      batch.byteLength += line.end - line.start;
    }
    return start;
  }

  #addRecord(first: FramedLine, start: number, end: number, flags: number): void {
    const { batch } = this;
    const record = batch.addRecord(first.from, first.from, flags);
    batch.setBody(record, ValueType.String, start, end);
    if (first.isTimed) setUnixNano(batch.time, record, first.seconds, first.nanos);
    if (first.stdioEnd > first.stdioStart) {
      batch.addSpan(record, this.#options.stdioKey, ValueType.String, first.stdioStart, first.stdioEnd);
    }
  }
}
