import type { RecordBatch } from '../core/record-batch.ts';
import type { ContainerLine } from './container-line.ts';
import { InLine, Next, type StreamResume } from './resume-word.ts';

/** A line of the application, all parts of it together. Positions are in the arena of the batch. */
export class FramedLine {
  /** Where the line of the file starts in which it begins. */
  from = 0;
  /** How long its lines of the file are, line ends included. */
  fileBytes = 0;
  /** Where what follows its last line of the file starts. */
  to = 0;
  /** Its text without the line end. */
  start = 0;
  end = 0;
  /** Marks for its record. */
  flags = 0;
  /** When it was written; only when `isTimed`. */
  isTimed = false;
  seconds = 0;
  nanos = 0;
  /** The name of its stream; empty: it has none. */
  stdioStart = 0;
  stdioEnd = 0;

  /** Gives it text, and nothing else. */
  setBare(start: number, end: number): void {
    this.start = start;
    this.end = end;
    this.isTimed = false;
    this.stdioStart = 0;
    this.stdioEnd = 0;
  }

  /** Gives it what a line of a container says. */
  setRead({ start, end, isTimed, time, stdioStart, stdioEnd }: ContainerLine): void {
    this.start = start;
    this.end = end;
    this.isTimed = isTimed;
    this.seconds = time.seconds;
    this.nanos = time.nanos;
    this.stdioStart = stdioStart;
    this.stdioEnd = stdioEnd;
  }

  /** Becomes what `other` is. */
  copyFrom(other: FramedLine): void {
    this.from = other.from;
    this.fileBytes = other.fileBytes;
    this.to = other.to;
    this.start = other.start;
    this.end = other.end;
    this.flags = other.flags;
    this.isTimed = other.isTimed;
    this.seconds = other.seconds;
    this.nanos = other.nanos;
    this.stdioStart = other.stdioStart;
    this.stdioEnd = other.stdioEnd;
  }
}

/** What one of the streams of a file holds that is no record yet: parts of a line, and lines of a group. */
export class OpenRecord {
  /** How the next part, and the next line, are taken; see `Next`. */
  part: number = Next.Fresh;
  group: number = Next.Fresh;
  /** The state of the judge. */
  state = 0;
  /** How the first line was taken of what is open, to take it like that again. */
  readonly opened = {
    inLine: InLine.None as number,
    part: Next.Fresh as number,
    group: Next.Fresh as number,
    state: 0,
  };
  /** Lines that start before this are done with. */
  skipUntil = 0;

  /** The line that the parts make so far, and how long it is. */
  readonly partial = new FramedLine();
  partBytes = 0;
  /** [start, end) pairs. */
  readonly #parts: number[] = [];

  /** The lines of the open group; only the first `lineCount` of them. */
  readonly lines: FramedLine[] = [];
  lineCount = 0;
  /** How many of them belong to it for certain. */
  certainCount = 0;
  /** The length of its text, line ends between the lines included. */
  byteLength = 0;
  /** Marks for its record. */
  flags = 0;
  readonly #isContiguous: boolean;

  /** `isContiguous`: nothing stands between two lines but their line ends. */
  constructor(isContiguous: boolean) {
    this.#isContiguous = isContiguous;
  }

  /** Starts a slice that starts at `at`. */
  begin({ part, group, state, ahead }: StreamResume, at: number): void {
    this.part = part;
    this.state = state;
    this.skipUntil = at + ahead;
    this.#parts.length = 0;
    this.partBytes = 0;
    this.clear(group);
  }

  /** Notes how the next line is taken, where nothing is open. */
  noteOpening(inLine: number): void {
    if (this.lineCount > 0 || this.hasParts) return;
    const { opened } = this;
    opened.inLine = inLine;
    opened.part = this.part;
    opened.group = this.group;
    opened.state = this.state;
  }

  /** Writes how reading goes on in this stream at `undoneFrom()`, which is `ahead` bytes behind the offset. */
  writeResume(into: StreamResume, ahead: number): void {
    const isOpen = this.lineCount > 0 || this.hasParts;
    const { part, group, state } = isOpen ? this.opened : this;
    into.part = part;
    into.group = group;
    into.state = group === Next.Fresh ? 0 : state;
    into.ahead = ahead;
  }

  /** Where the first line of the file starts that is not done with; `otherwise` when nothing is open. */
  undoneFrom(otherwise: number): number {
    if (this.lineCount > 0) return this.lines[0]!.from;
    return this.hasParts ? this.partial.from : otherwise;
  }

  // --- parts of a line ---------------------------------------------------------------------------------------------

  get hasParts(): boolean {
    return this.#parts.length > 0;
  }

  /** Adds a part. */
  pushPart(line: FramedLine): void {
    const { partial } = this;
    if (this.hasParts) {
      partial.flags |= line.flags;
      partial.fileBytes += line.fileBytes;
      partial.to = line.to;
    } else {
      partial.copyFrom(line);
    }
    this.partBytes += line.end - line.start;
    this.#parts.push(line.start, line.end);
  }

  /** Takes the parts out as one line, which is valid until the next part comes. Several are appended to the batch. */
  joinParts(batch: RecordBatch): FramedLine {
    const parts = this.#parts;
    this.partial.start = parts[0]!;
    this.partial.end = parts[1]!;
    if (parts.length > 2) {
      this.partial.start = batch.byteLength;
      batch.reserve(this.partBytes);
      for (let i = 0; i < parts.length; i += 2) {
        batch.bytes.copyWithin(batch.byteLength, parts[i]!, parts[i + 1]!);
        batch.byteLength += parts[i + 1]! - parts[i]!;
      }
      this.partial.end = batch.byteLength;
    }
    parts.length = 0;
    this.partBytes = 0;
    return this.partial;
  }

  // --- lines of a group --------------------------------------------------------------------------------------------

  /** Adds a line to the group, whether it belongs to it for certain or not. */
  push(line: FramedLine): void {
    const own = (this.lines[this.lineCount] ??= new FramedLine());
    own.copyFrom(line);
    this.lineCount++;
    this.flags |= line.flags;
    this.byteLength += this.#lengthOf(own);
  }

  /** Takes the last line out again. */
  pop(): void {
    this.byteLength -= this.#lengthOf(this.lines[this.lineCount - 1]!);
    this.lineCount--;
  }

  /** By how much the last line makes the text longer. */
  #lengthOf({ from, start, end }: FramedLine): number {
    if (this.lineCount === 1) return end - start;
    const before = this.lines[this.lineCount - 2]!;
    return end - (this.#isContiguous && before.to === from ? before.end : start - 1);
  }

  /** Takes the lines out that do not belong to it for certain: copies of them, in their order. */
  takeUncertain(): FramedLine[] {
    const taken: FramedLine[] = [];
    for (let i = this.certainCount; i < this.lineCount; i++) {
      const line = new FramedLine();
      line.copyFrom(this.lines[i]!);
      taken.push(line);
    }
    while (this.lineCount > this.certainCount) this.pop();
    return taken;
  }

  /** Whether the group is one span of the file: nothing stands between its lines but their ends. */
  get isSpan(): boolean {
    const length = this.lines[this.lineCount - 1]!.end - this.lines[0]!.start;
    return this.lineCount === 1 || (this.#isContiguous && length === this.byteLength);
  }

  /** Forgets the group; `next`: how the line behind it is taken. */
  clear(next: number): void {
    this.lineCount = 0;
    this.certainCount = 0;
    this.byteLength = 0;
    this.flags = 0;
    this.group = next;
    // The line that ended it, or a part that waits, is what is open next.
    const { opened, state } = this;
    opened.inLine = InLine.None;
    opened.part = Next.Fresh;
    opened.group = next;
    opened.state = state;
  }
}
