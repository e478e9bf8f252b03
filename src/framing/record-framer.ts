import { isUtf8 } from 'node:buffer';
import { endOfNuls } from '../bytes/nul-runs.ts';
import { type RecordBatch, RecordFlag } from '../core/record-batch.ts';
import { ContainerLine, type ReadContainerLine, STDIO_COUNT, Stdio } from './container-line.ts';
import type { FramedRecords, Framing, FramingOptions } from './framer.ts';
import { GroupCollector } from './group-collector.ts';
import type { Judge } from './multiline/judge.ts';
import { isTooLong } from './newline.ts';
import { FramedLine, OpenRecord } from './open-record.ts';
import { replaceInvalidUtf8 } from './replace-invalid-utf8.ts';
import { createResumeState, decodeResume, encodeResume, InLine, Next, type ResumeState } from './resume-word.ts';

const NUL = 0;
const LF = 0x0a;
const CR = 0x0d;

/** A line of a container's file that is longer is cut, whatever it holds; the longest that Docker writes is shorter. */
const MIN_SPAN_BYTES = 256 * 1024;

/** What a framer of records is made of. */
export interface RecordFramerOptions {
  /** Reads the lines of a container's file; undefined: the lines of the file are those of the application. */
  readonly readLine: ReadContainerLine | undefined;
  /** Decides which lines make a record; undefined: each is one. */
  readonly judge: Judge | undefined;
  readonly maxRecordBytes: number;
  /** The most lines that a group has; it is cut there. */
  readonly maxGroupLines: number;
  /** A group ends when another stream of the same file was written this much later than its last line. */
  readonly groupWaitMs: number;
  /** The key of the attribute for the stream. */
  readonly stdioKey: number;
}

/**
 * Frames what is more than a line a record: the parts and streams of a container's file, and groups of lines.
 *
 * ```
 *  line of the file -> line of the container -> parts joined to a line -> lines joined to a group -> record
 *                      (readLine)               of one stream             (judge)
 * ```
 * Like every framer it keeps nothing between calls: what is open at the end of a slice is read again. The streams of a
 * container are open and done in turns, so there may be no place between two lines where nothing is open. What is
 * consumed then ends at the first line that is not done with, and the resume word says for each stream up to where its
 * lines are done with behind that place:
 *
 * ```
 *  stdout  ▪ a      ▪ b      ▪ c                 ▪ start of a record, · more of it
 *  stderr      ▪ x       · x       · x
 *              ^consumed              ^end       stdout is ahead up to its record c, x and c are open
 * ```
 * That distance is bounded: an open record reaches over `maxSpanBytes` of the file at most, then it ends, and what
 * follows of it is a continuation.
 *
 * A group that lies in one piece in the file is a span of it. Where prefixes stand between its lines, they are joined
 * behind the slice.
 */
export class RecordFramer implements Framing {
  readonly enoughBytes: number;
  readonly #options: RecordFramerOptions;
  readonly #maxSpanBytes: number;
  readonly #resume: ResumeState;
  readonly #container = new ContainerLine();
  readonly #line = new FramedLine();
  /** By `Stdio`; the lines of a file that is no container's are all in the first. */
  readonly #streams: readonly OpenRecord[];
  readonly #groups: GroupCollector;
  #failedRecords = 0;
  /** NULs where a line starts, as [start, end) pairs. */
  readonly #nulRuns: number[] = [];

  constructor(options: RecordFramerOptions) {
    const { maxRecordBytes, readLine } = options;
    this.#options = options;
    const isContiguous = readLine === undefined;
    this.#resume = createResumeState(isContiguous ? 1 : STDIO_COUNT);
    this.#streams = this.#resume.streams.map(() => new OpenRecord(isContiguous));
    this.#groups = new GroupCollector({ ...options, isContiguous });
    this.#maxSpanBytes = Math.max(2 * maxRecordBytes, MIN_SPAN_BYTES);
    // An open record and a line behind it, each as long as it can be without being cut.
    this.enoughBytes = 2 * (readLine === undefined ? maxRecordBytes : this.#maxSpanBytes) + 4;
  }

  /** See `Framer`. */
  frame(batch: RecordBatch, start: number, end: number, options: FramingOptions): FramedRecords {
    const firstRecord = batch.count;
    const lastRecord = firstRecord + options.maxRecords;
    decodeResume(options.resume, this.#resume);
    this.#groups.begin(batch);
    this.#groups.restBytes = this.#resume.uncountedRestBytes;
    this.#failedRecords = 0;
    this.#nulRuns.length = 0;
    for (const [index, stream] of this.#streams.entries()) stream.begin(this.#resume.streams[index]!, start);
    const at = this.#takeLines(batch, start, end, lastRecord, options);
    if (batch.count < lastRecord && (options.isFinal || options.isQuiet)) this.#release(options.isFinal);
    // Line ends are ASCII, so the whole is valid when each line is; parts that split a character are not valid alone.
    if (!isUtf8(batch.bytes.subarray(start, at))) replaceInvalidUtf8(batch, firstRecord);
    return this.#result(start, at);
  }

  /** Takes line after line, and returns where it stopped. */
  #takeLines(
    batch: RecordBatch,
    start: number,
    end: number,
    lastRecord: number,
    { isFinal, hasHoles }: FramingOptions,
  ): number {
    const resume = this.#resume;
    const input = batch.bytes.subarray(0, end);
    let at = start;
    while (at < end && batch.count < lastRecord) {
      if (input[at] === NUL && hasHoles && resume.inLine !== InLine.Rest) {
        const fillEnd = endOfNuls(input, at, end);
        if (fillEnd === end && !isFinal) break;
        this.#nulRuns.push(at, fillEnd);
        at = fillEnd;
        continue;
      }
      if (at - start > this.#maxSpanBytes) this.#releaseFar(at);
      const lineFeed = input.indexOf(LF, at);
      if (lineFeed !== -1) {
        this.#takeLine(batch, at, lineFeed, lineFeed + 1, 0);
        resume.inLine = InLine.None;
        at = lineFeed + 1;
        continue;
      }
      if (resume.inLine === InLine.Rest || this.#isTooLong(input, at, isFinal)) {
        this.#takeLine(batch, at, end, end, 0);
        resume.inLine = InLine.Rest;
      } else if (isFinal) {
        this.#takeLine(batch, at, end, end, RecordFlag.Unterminated);
        resume.inLine = InLine.Remainder;
      } else break;
      at = end;
    }
    return at;
  }

  #isTooLong(input: Buffer, at: number, isFinal: boolean): boolean {
    const { readLine, maxRecordBytes } = this.#options;
    if (readLine === undefined) return isTooLong(input, at, maxRecordBytes, isFinal);
    return input.length - at > this.#maxSpanBytes;
  }

  /** Takes `[from, end)`, a line of the file without its LF; `to`: where what follows it starts. */
  #takeLine(batch: RecordBatch, from: number, end: number, to: number, flags: number): void {
    const { readLine } = this.#options;
    const line = this.#line;
    line.from = from;
    line.to = to;
    line.fileBytes = to - from;
    line.flags = flags;
    if (this.#resume.inLine === InLine.Rest) {
      this.#groups.restBytes += to - from;
      return;
    }
    if (readLine !== undefined && this.#resume.inLine === InLine.None) {
      // Of a line that is cut the same part is read, however much of it has come.
      const readEnd = Math.min(end, from + this.#maxSpanBytes + 1);
      if (readEnd < end) this.#groups.restBytes += to - readEnd;
      readLine(batch, from, readEnd, this.#container);
      this.#takeContainerLine(batch, this.#container, readEnd);
      return;
    }
    line.setBare(from, withoutReturn(batch, from, end));
    const stream = this.#streams[Stdio.Stdout]!;
    stream.noteOpening(this.#resume.inLine);
    if (this.#resume.inLine === InLine.None) this.#groups.accept(stream, line);
    else if (readLine === undefined) this.#groups.acceptRemainder(stream, line);
    else this.#addRaw(line, RecordFlag.Continuation);
  }

  #takeContainerLine(batch: RecordBatch, read: ContainerLine, end: number): void {
    const line = this.#line;
    const stream = this.#streams[read.isReadable ? read.stdio : Stdio.None]!;
    if (line.from < stream.skipUntil) {
      // It was cut before its end had come.
      this.#groups.restBytes += Math.max(0, line.to - stream.skipUntil);
      return;
    }
    if (!read.isReadable) {
      line.setBare(line.from, withoutReturn(batch, line.from, end));
      this.#addRaw(line, RecordFlag.ParseFailed);
      return;
    }
    line.setRead(read);
    if (read.isTimeBroken) {
      line.flags |= RecordFlag.ParseFailed;
      this.#failedRecords++;
    }
    stream.noteOpening(InLine.None);
    if (read.isTimed && this.#options.judge !== undefined) this.#releaseSilent(stream, line);
    if (read.isPartial || stream.part !== Next.Fresh || stream.hasParts) {
      this.#takePart(batch, stream, line, read.isPartial);
    } else {
      line.end = withoutReturn(batch, line.start, line.end);
      this.#groups.accept(stream, line);
    }
  }

  /** Adds a line as it stands in the file: nobody can say which stream it belongs to. */
  #addRaw(line: FramedLine, flag: number): void {
    if (line.end > line.start) {
      line.flags |= flag;
      if (flag === RecordFlag.ParseFailed) this.#failedRecords++;
      this.#groups.addLine(line);
    } else if (flag === RecordFlag.ParseFailed) {
      this.#groups.emptyLines++;
    }
  }

  #takePart(batch: RecordBatch, stream: OpenRecord, line: FramedLine, isPartial: boolean): void {
    if (stream.part === Next.Rest) {
      this.#groups.restBytes += line.fileBytes;
      if (!isPartial) stream.part = Next.Fresh;
      return;
    }
    stream.pushPart(line);
    if (!isPartial) this.#finishLine(batch, stream, Next.Fresh);
    else if (stream.partBytes > this.#options.maxRecordBytes) this.#finishLine(batch, stream, Next.Rest);
  }

  /** Makes a line of the parts that there are; `next`: how the parts behind them are taken. */
  #finishLine(batch: RecordBatch, stream: OpenRecord, next: number): void {
    const isRemainder = stream.part === Next.Continuation;
    const line = stream.joinParts(batch);
    stream.part = next;
    if (next === Next.Fresh) line.end = withoutReturn(batch, line.start, line.end);
    if (isRemainder) this.#groups.acceptRemainder(stream, line);
    else this.#groups.accept(stream, line);
  }

  // --- what ends without a line that says so -----------------------------------------------------------------------

  /** Nothing follows for now, or at all: then parts are records, too. */
  #release(isFinal: boolean): void {
    const oldestFirst = this.#streams.toSorted((a, b) => a.undoneFrom(0) - b.undoneFrom(0));
    for (const stream of oldestFirst) {
      if (isFinal) this.#releaseParts(stream);
      this.#groups.release(stream);
    }
  }

  /** Ends what is open since too far before `at`. */
  #releaseFar(at: number): void {
    for (const stream of this.#streams) {
      if (at - stream.undoneFrom(at) <= this.#maxSpanBytes) continue;
      this.#releaseParts(stream);
      this.#groups.release(stream);
    }
  }

  #releaseParts(stream: OpenRecord): void {
    if (!stream.hasParts) return;
    stream.partial.flags |= RecordFlag.Unterminated;
    this.#finishLine(this.#groups.batch, stream, Next.Continuation);
  }

  /** Ends the groups of the other streams that were silent for long when `line` was written. */
  #releaseSilent(current: OpenRecord, { seconds, nanos }: FramedLine): void {
    for (const stream of this.#streams) {
      if (stream === current || stream.lineCount === 0) continue;
      const last = stream.lines[stream.lineCount - 1]!;
      const silentMs = 1e3 * (seconds - last.seconds) + 1e-6 * (nanos - last.nanos);
      if (last.isTimed && silentMs >= this.#options.groupWaitMs) this.#groups.release(stream);
    }
  }

  #result(start: number, at: number): FramedRecords {
    const resume = this.#resume;
    const { emptyLines, restBytes, ungroupedRecords } = this.#groups;
    const undone = this.#streams.map((stream) => stream.undoneFrom(Math.max(at, stream.skipUntil)));
    const consumedTo = Math.min(at, ...undone);
    if (consumedTo !== at) resume.inLine = this.#streams[undone.indexOf(consumedTo)]!.opened.inLine;
    for (const [index, stream] of this.#streams.entries()) {
      stream.writeResume(resume.streams[index]!, undone[index]! - consumedTo);
    }
    const consumed = consumedTo - start;
    const oversizeRestBytes = Math.min(restBytes, consumed);
    resume.uncountedRestBytes = restBytes - oversizeRestBytes;
    return {
      consumed,
      scanned: at - start,
      resume: encodeResume(resume),
      isHolding: this.#streams.some(({ lineCount }) => lineCount > 0),
      emptyLines,
      oversizeRestBytes,
      nulFillBytes: this.#nulBytesBefore(consumedTo),
      ungroupedRecords,
      failedRecords: this.#failedRecords,
    };
  }

  /** NULs behind an open record are counted when it is done with. */
  #nulBytesBefore(consumedTo: number): number {
    let sum = 0;
    for (let i = 0; i < this.#nulRuns.length; i += 2) {
      if (this.#nulRuns[i]! < consumedTo) sum += this.#nulRuns[i + 1]! - this.#nulRuns[i]!;
    }
    return sum;
  }
}

/** Where the text ends without the CR before its line end. */
function withoutReturn({ bytes }: RecordBatch, start: number, end: number): number {
  return end > start && bytes[end - 1] === CR ? end - 1 : end;
}
