import { agrees, windowLength } from '../../checkpoint/file-identity.ts';
import type { Output } from '../../core/contracts.ts';
import type { KeyTable } from '../../core/key-table.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import type { Framed, Framer } from '../../framing/framer.ts';
import type { LineResume } from '../../framing/newline.ts';
import { SLICE_BYTES } from './generation.ts';
import { HeldTails, type TailHandle } from './held-tail.ts';
import type { SourceReport } from './source-report.ts';
import type { TailedFile } from './tailed-file.ts';

/** How many records one turn makes at most: lines of a byte must not blow up the columns of a batch. */
const MAX_RECORDS = 4096;
/** The smallest slice that lines of a byte shrink a turn to. */
const MIN_SLICE_BYTES = 16 * 1024;
/** A line is known to be too long two bytes behind the limit. */
const BEYOND_LIMIT = 2;

const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf);

/** How slices become records. */
export interface SliceReaderOptions {
  readonly frame: Framer<LineResume>;
  readonly maxRecordBytes: number;
  readonly hasFilePath: boolean;
  readonly keys: KeyTable;
  readonly report: SourceReport;
}

/** How a turn is taken. */
export interface TurnOptions {
  /** Whether nothing will follow the end of the file; asked when that is reached. */
  readonly isFinal: () => boolean;
  /** Nothing is sent any more once it aborts. */
  readonly stop: AbortSignal;
}

/** A slice in the arena of a batch. */
interface Slice {
  /** Where the read bytes start: `windowLength(position)` before the first new one. */
  readonly at: number;
  /** Where the new bytes start and end. */
  readonly start: number;
  readonly end: number;
  /** Whether nothing was in the file behind `end`. */
  readonly isLast: boolean;
}

interface FramedSlice {
  readonly slice: Slice;
  readonly framed: Framed<LineResume>;
  /** How much of the slice is the mark at the start of the file. */
  readonly bomBytes: number;
}

/**
 * Reads slices of files straight into the arena of a batch and frames them there.
 *
 * ```
 *  arena  app.log │ window │ line⏎ line⏎ line⏎ unfini
 *                 ^at      ^start              ^consumed up to here; the rest is read again
 * ```
 * Each read starts with the window, the bytes that were read last. When they are not what they were, the file was
 * truncated and has grown past the position in the meantime; it is the same read, so nothing can come between.
 */
export class SliceReader {
  readonly #options: SliceReaderOptions;
  readonly #nameKey: number;
  readonly #pathKey: number;
  readonly #heldTails = new HeldTails();

  constructor(options: SliceReaderOptions) {
    this.#options = options;
    this.#nameKey = options.keys.internText('log.file.name');
    this.#pathKey = options.keys.internText('log.file.path');
  }

  /**
   * One turn of an open file: reads at most a slice and sends its records. The batch is sent or given back. Resolves
   * with whether the file could be read; the file's generation says what is left.
   */
  async turn(file: TailedFile, batch: RecordBatch, output: Output, options: TurnOptions): Promise<boolean> {
    const { handle } = file;
    if (handle === undefined) {
      output.giveBack(batch);
      return true;
    }
    const nameStart = batch.appendText(file.name);
    const pathStart = batch.byteLength;
    if (this.#options.hasFilePath) batch.appendText(file.path);
    const pathEnd = batch.byteLength;
    let isSent = false;
    file.isBusy = true;
    try {
      // Where a whole slice is known to be there, the read itself finds out when it is not.
      if (file.generation.unreadBytes < SLICE_BYTES) file.observe(handle.stat());
      const framed = await this.#readAndFrame(file, handle, batch, options.isFinal);
      if (framed === undefined || options.stop.aborted) return true;
      for (let record = 0; record < batch.count; record++) {
        batch.addSpan(record, this.#nameKey, ValueType.String, nameStart, pathStart);
        if (pathEnd > pathStart) batch.addSpan(record, this.#pathKey, ValueType.String, pathStart, pathEnd);
      }
      isSent = this.#send(file, batch, framed, output);
      return true;
    } catch (error) {
      // Only what the system says is the file's fault.
      if ((error as NodeJS.ErrnoException).errno === undefined) throw error;
      this.#options.report.trouble('A file cannot be read.', file.path, error);
      return false;
    } finally {
      file.isBusy = false;
      if (!isSent) output.giveBack(batch);
    }
  }

  /** Reads a slice, or more where not even one line ends in it; undefined: the file turned out to be rewritten. */
  async #readAndFrame(
    file: TailedFile,
    handle: TailHandle,
    batch: RecordBatch,
    isFinal: () => boolean,
  ): Promise<FramedSlice | undefined> {
    const { frame, maxRecordBytes } = this.#options;
    const { generation } = file;
    const enoughBytes = maxRecordBytes + BEYOND_LIMIT;
    const at = batch.byteLength;
    for (let length = generation.sliceBytes; ; length = enoughBytes) {
      batch.byteLength = at;
      const slice = await this.#read(file, handle, batch, Math.min(length, generation.unreadBytes));
      if (slice === undefined) return undefined;
      const isEnd = slice.isLast && isFinal();
      const bomBytes = generation.position === 0 && startsWithMark(batch.bytes, slice) ? BYTE_ORDER_MARK.length : 0;
      const framed = frame(batch, slice.start + bomBytes, slice.end, {
        resume: generation.resume,
        maxRecordBytes,
        maxRecords: MAX_RECORDS,
        isFinal: isEnd,
      });
      if (framed.consumed > 0 || isEnd) return { slice, framed, bomBytes };
      if (slice.isLast || length >= enoughBytes) return { slice, framed, bomBytes: 0 };
    }
  }

  async #read(file: TailedFile, handle: TailHandle, batch: RecordBatch, length: number): Promise<Slice | undefined> {
    const { generation } = file;
    const { position } = generation;
    const prefixLength = windowLength(position);
    const at = batch.byteLength;
    batch.reserve(prefixLength + length);
    const count = await handle.read(batch.bytes, at, prefixLength + length, position - prefixLength);
    if (count < prefixLength || !agrees(generation.window, batch.bytes, at)) {
      file.observe(handle.stat());
      if (file.generation === generation) file.restartRewritten();
      return undefined;
    }
    file.confirmCut();
    batch.byteLength = at + count;
    const start = at + prefixLength;
    const isLast = count < prefixLength + length || position + length >= generation.size;
    return { at, start, end: at + count, isLast };
  }

  /** Claims what was consumed, counts it, and sends the records. Returns whether there were any. */
  #send(file: TailedFile, batch: RecordBatch, { slice, framed, bomBytes }: FramedSlice, output: Output): boolean {
    const { generation } = file;
    const isFull = batch.count >= MAX_RECORDS;
    if (slice.isLast && !isFull) generation.exhaust(generation.position + slice.end - slice.start);
    const consumed = bomBytes + framed.consumed;
    if (consumed === 0) {
      this.#holdTail(file, batch, slice, consumed);
      return false;
    }
    generation.sliceBytes = isFull ? Math.min(Math.max(2 * consumed, MIN_SLICE_BYTES), SLICE_BYTES) : SLICE_BYTES;
    const claimed = {
      bytes: consumed,
      skipped: { oversize_rest: framed.oversizeRestBytes, bom: bomBytes },
      records: batch.count + framed.emptyLines,
      emptyLines: framed.emptyLines,
    };
    // The file may have been truncated since the batch was rented.
    batch.stream = file.stream;
    batch.inputOffset = generation.position - slice.start;
    const lease = generation.claim(claimed, framed.resume, batch.bytes, slice.at);
    this.#holdTail(file, batch, slice, consumed);
    if (batch.count === 0) {
      lease.settle('dropped');
      return false;
    }
    output.send(batch, lease);
    return true;
  }
  /** Keeps what is left of the slice when it is an unfinished line at the end of the file. */
  #holdTail({ generation }: TailedFile, { bytes, count }: RecordBatch, slice: Slice, consumed: number): void {
    const tailStart = slice.start + consumed;
    if (slice.isLast && tailStart < slice.end && count < MAX_RECORDS) {
      const kept = bytes.subarray(tailStart - windowLength(generation.position), slice.end);
      this.#heldTails.hold(generation, kept, generation.position + slice.end - tailStart);
    } else if (generation.heldTail !== undefined) {
      this.#heldTails.release(generation);
    }
  }
}

function startsWithMark(bytes: Buffer, { start, end }: Slice): boolean {
  return (
    end - start >= BYTE_ORDER_MARK.length &&
    BYTE_ORDER_MARK.equals(bytes.subarray(start, start + BYTE_ORDER_MARK.length))
  );
}
