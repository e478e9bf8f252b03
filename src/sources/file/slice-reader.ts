import { endOfNuls } from '../../bytes/nul-runs.ts';
import { agrees, windowLength } from '../../checkpoint/file-identity.ts';
import type { Output } from '../../core/contracts.ts';
import type { KeyTable } from '../../core/key-table.ts';
import type { Lease } from '../../core/lease.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import { byteOrderMark } from '../../framing/byte-order-mark.ts';
import type { FramedRecords } from '../../framing/framer.ts';
import { compressionOf } from './compression.ts';
import { ENOUGH_TO_DETECT_BYTES, type FileFramings } from './file-framings.ts';
import { type NulRun, SLICE_BYTES } from './generation.ts';
import { HeldTails } from './held-tail.ts';
import { endOfData, findEndOfNuls, reachesLastNuls } from './nul-search.ts';
import type { SourceReport } from './source-report.ts';
import type { StreamContent } from './stream-content.ts';
import type { TailedFile } from './tailed-file.ts';

/** How many records one turn makes at most of a slice: lines of a byte must not blow up the columns of a batch. */
const MAX_RECORDS = 4096;
/** A batch that wants to be larger is so where so many of it wait: at the end of a file turns are as they are for all. */
const MIN_LARGE_BEHIND = 4;
/** The smallest slice that lines of a byte shrink a turn to. */
const MIN_SLICE_BYTES = 16 * 1024;
const LF = 0x0a;

const NOTHING_FRAMED = {
  consumed: 0,
  scanned: 0,
  isHolding: false,
  emptyLines: 0,
  oversizeRestBytes: 0,
  nulFillBytes: 0,
  ungroupedRecords: 0,
  failedRecords: 0,
};

/** How slices become records. */
export interface SliceReaderOptions {
  readonly framings: FileFramings;
  readonly maxRecordBytes: number;
  readonly hasFilePath: boolean;
  readonly keys: KeyTable;
  readonly report: SourceReport;
  /** Called when a file turns out to be compressed: nobody could know while it was empty. It is not read. */
  readonly onCompressed: (file: TailedFile) => void;
}

/** How a turn is taken. */
export interface TurnOptions {
  /** Whether nothing will follow the end of the file; asked when that is reached. */
  readonly isFinal: () => boolean;
  /** Whether nothing has come for as long as lines wait for others; asked when the end is reached. */
  readonly isQuiet: () => boolean;
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

/** What another file ends with, in the arena of a batch. */
interface Tail {
  readonly file: TailedFile;
  readonly slice: Slice;
}

interface FramedSlice {
  readonly slice: Slice;
  readonly framed: FramedRecords;
  /** The end of the file before it, directly in front of the slice; undefined: the slice is framed alone. */
  readonly tail?: Tail | undefined;
  /** How much of the slice is the mark at the start of the file. */
  readonly bomBytes: number;
  /** Where the data in the slice ends; NULs that may be more than that follow. */
  readonly dataEnd: number;
  /** Whether nothing is in the file behind the data, or nothing but NULs. */
  readonly isAll: boolean;
  /** How many records were made of it at most. */
  readonly maxRecords: number;
  /** Whether the checkpoint is to stay before it. */
  readonly isHeldBack?: boolean;
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
    let isCompressed = false;
    file.isBusy = true;
    try {
      // Where a whole slice is known to be there, the read itself finds out when it is not.
      if (file.generation.unreadBytes < SLICE_BYTES) file.observe(handle.stat());
      // It was truncated while it waited for its turn: what it had before comes first.
      if (file.mustWait()) return true;
      const wanted = wantedBytes(file, output);
      const framed = await this.#readAndFrame(file, handle, batch, wanted, options);
      isCompressed = framed === 'compressed';
      if (typeof framed === 'string' || options.stop.aborted) return true;
      batch.addSpanToAll(this.#nameKey, ValueType.String, nameStart, pathStart);
      if (pathEnd > pathStart) batch.addSpanToAll(this.#pathKey, ValueType.String, pathStart, pathEnd);
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
      if (isCompressed) this.#options.onCompressed(file);
    }
  }

  /** Reads a slice, or more where not even one line ends in it; a word: what came of it instead. */
  async #readAndFrame(
    file: TailedFile,
    handle: StreamContent,
    batch: RecordBatch,
    wanted: number,
    options: TurnOptions,
  ): Promise<FramedSlice | 'rewritten' | 'compressed' | 'searching'> {
    const { generation } = file;
    const at = batch.byteLength;
    if (!(await findEndOfNuls(generation, handle, batch, this.#options.framings.unitBytesOf(generation))))
      return 'searching';
    const { nuls } = generation;
    const isAtNuls = nuls?.from === generation.position;
    if (isAtNuls && (nuls.isOver ? !generation.resume.startsWith('oversize_rest') : options.isFinal())) {
      return this.#passNuls(file, handle, batch, nuls);
    }
    file.isWaitingForElder = false;
    let elder = file.openElder;
    const maxRecords = wanted > generation.sliceBytes ? (MAX_RECORDS * wanted) / SLICE_BYTES : MAX_RECORDS;
    for (let length = Math.max(wanted, generation.sliceBytes); ; ) {
      batch.byteLength = at;
      const tail = elder && (await this.#readTail(elder, batch));
      const slice = await this.#read(file, handle, batch, Math.min(length, generation.unreadBytes));
      if (slice === undefined) return 'rewritten';
      const isStart = generation.position === 0;
      if (isStart && file.archive === undefined && isCompressed(batch.bytes, slice)) return 'compressed';
      const mark = isStart ? byteOrderMark(batch.bytes, slice.start, slice.end) : undefined;
      if (isStart) generation.encoding = mark?.encoding;
      const framed = this.#frame(file, batch, slice, { bomBytes: mark?.length ?? 0, tail, maxRecords }, options);
      if (framed === 'another_form') {
        elder = undefined;
        continue;
      }
      const isEnough = slice.isLast || length >= framed.enoughBytes || framed.dataEnd === slice.start;
      if (framed.isDone) return framed;
      if (isEnough) return { ...framed, tail: undefined, bomBytes: 0 };
      length = framed.enoughBytes;
    }
  }

  /** Frames a slice, together with the end of the file before where there is one in front of it. */
  #frame(
    file: TailedFile,
    batch: RecordBatch,
    slice: Slice,
    { bomBytes, tail, maxRecords }: Pick<FramedSlice, 'bomBytes' | 'tail' | 'maxRecords'>,
    options: TurnOptions,
  ): (FramedSlice & { readonly isDone: boolean; readonly enoughBytes: number }) | 'another_form' {
    const { generation } = file;
    const dataEnd = endOfData(generation, batch.bytes, slice, this.#options.framings.unitBytesOf(generation));
    const isAll = slice.isLast || reachesLastNuls(generation, dataEnd - slice.start);
    const isEnd = isAll && options.isFinal();
    const start = slice.start + bomBytes;
    const end = Math.max(dataEnd, start);
    const framing = this.#options.framings.of(generation, batch, start, end, isEnd);
    const isAnotherForm = bomBytes > 0 || generation.format !== tail?.file.generation.format;
    if (tail !== undefined && isAnotherForm) return 'another_form';
    const { resume } = (tail?.file ?? file).generation;
    const tailBytes = tail === undefined ? 0 : lengthOf(tail.slice);
    const framed = framing?.frame(batch, start - tailBytes, end, {
      resume,
      maxRecordBytes: this.#options.maxRecordBytes,
      maxRecords,
      isFinal: isEnd,
      isQuiet: isAll && options.isQuiet(),
      hasHoles: true,
      offset: generation.position + bomBytes,
    }) ?? { ...NOTHING_FRAMED, resume };
    const common = { slice, tail, bomBytes, dataEnd, isAll, maxRecords };
    const enoughBytes = framing?.enoughBytes ?? ENOUGH_TO_DETECT_BYTES;
    if (framed.consumed >= tailBytes) {
      const isMarkAlone = bomBytes > 0 && start === dataEnd;
      const isDone = framed.consumed > 0 || framed.resume !== resume || isEnd || isMarkAlone;
      return { ...common, framed, isDone, enoughBytes };
    }
    // Of two files either both are claimed, or none: the word to resume with is about one.
    batch.clearRecords();
    file.isWaitingForElder = slice.isLast;
    const nothing = { ...NOTHING_FRAMED, isHolding: framed.isHolding, resume: generation.resume };
    return { ...common, framed: nothing, isDone: false, enoughBytes };
  }

  /** Reads what is not done with at the end of the file before; undefined: there is nothing to go on with. */
  async #readTail(elder: TailedFile, batch: RecordBatch): Promise<Tail | undefined> {
    const { handle, unreadBytes } = elder;
    if (handle === undefined) return undefined;
    const at = batch.byteLength;
    elder.isBusy = true;
    try {
      const slice = await this.#read(elder, handle, batch, unreadBytes);
      if (slice !== undefined && lengthOf(slice) === unreadBytes) return { file: elder, slice };
    } finally {
      elder.isBusy = false;
    }
    batch.byteLength = at;
    return undefined;
  }

  async #read(file: TailedFile, handle: StreamContent, batch: RecordBatch, length: number): Promise<Slice | undefined> {
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

  /** Passes over a run of NULs from the position on. At the end of a file that is not finished a restart waits there again. */
  async #passNuls(
    file: TailedFile,
    handle: StreamContent,
    batch: RecordBatch,
    nuls: NulRun,
  ): Promise<FramedSlice | 'rewritten' | 'searching'> {
    const { generation } = file;
    const fillBytes = nuls.to - nuls.from;
    const length = Math.min(SLICE_BYTES, fillBytes);
    const slice = await this.#read(file, handle, batch, length);
    if (slice === undefined) return 'rewritten';
    const nulCount = endOfNuls(batch.bytes, slice.start, slice.end) - slice.start;
    if (nulCount < length) {
      // Somebody wrote there after all, or the file has become shorter, which the next look sees.
      generation.renew();
      if (slice.end - slice.start < length) generation.exhaust(generation.size);
      return 'searching';
    }
    const framed = { ...NOTHING_FRAMED, consumed: fillBytes, nulFillBytes: fillBytes, resume: generation.resume };
    return {
      slice,
      framed,
      bomBytes: 0,
      dataEnd: slice.start,
      isAll: false,
      maxRecords: MAX_RECORDS,
      isHeldBack: !nuls.isOver && file.state.kind === 'following',
    };
  }

  /** Claims what was consumed, counts it, and sends the records. Returns whether there were any. */
  #send(file: TailedFile, batch: RecordBatch, framedSlice: FramedSlice, output: Output): boolean {
    const { slice, tail, framed, bomBytes, dataEnd, isAll, isHeldBack } = framedSlice;
    const { generation } = file;
    const isFull = batch.count >= framedSlice.maxRecords;
    const sliceBytes = slice.end - slice.start;
    if (isAll && !isFull) generation.exhaust(slice.isLast ? generation.position + sliceBytes : generation.size);
    const tailBytes = tail === undefined ? 0 : lengthOf(tail.slice);
    const consumed = bomBytes + framed.consumed - tailBytes;
    generation.isHolding = framed.isHolding;
    generation.endsWithLine = isAll && dataEnd > slice.start && batch.bytes[dataEnd - 1] === LF;
    if (consumed === 0 && tail === undefined && framed.resume === generation.resume) {
      this.#holdTail(file, batch, framedSlice, consumed);
      return false;
    }
    // What was looked at and is not done with is read again, and as much as a turn reads behind it.
    const aheadBytes = Math.max(0, framed.scanned - framed.consumed);
    const newBytes = isFull ? Math.min(Math.max(2 * consumed, MIN_SLICE_BYTES), SLICE_BYTES) : SLICE_BYTES;
    generation.sliceBytes = aheadBytes + newBytes;
    const { oversizeRestBytes, nulFillBytes } = framed;
    const ownRestBytes = Math.min(oversizeRestBytes, Math.max(0, consumed - nulFillBytes));
    const claimed = {
      bytes: consumed,
      skipped: { oversize_rest: ownRestBytes, nul_fill: nulFillBytes, bom: bomBytes },
      records: batch.count + framed.emptyLines,
      emptyLines: framed.emptyLines,
    };
    // The file may have been truncated since the batch was rented.
    batch.stream = file.stream;
    batch.inputOffset = generation.position - slice.start;
    const lease = isHeldBack
      ? generation.holdBack(claimed)
      : consumed > sliceBytes
        ? generation.claimNuls(claimed, batch.bytes, slice.at, sliceBytes)
        : generation.claim(claimed, framed.resume, batch.bytes, slice.at);
    if (tail !== undefined) claimTail(tail, oversizeRestBytes - ownRestBytes, batch, lease);
    this.#options.report.ungroupedRecords.add(framed.ungroupedRecords);
    this.#options.report.failedRecords.add(framed.failedRecords);
    this.#holdTail(file, batch, framedSlice, consumed);
    if (batch.count === 0) {
      lease.settle(isHeldBack ? 'abandoned' : 'dropped');
      return false;
    }
    batch.bytesBehind = generation.unreadBytes;
    output.send(batch, lease);
    return true;
  }

  /** Keeps what is left of the data when it is an unfinished line at the end of the file. */
  #holdTail(file: TailedFile, { bytes, count }: RecordBatch, framed: FramedSlice, consumed: number): void {
    const { generation } = file;
    const { slice, dataEnd, isAll, maxRecords } = framed;
    const tailStart = slice.start + consumed;
    if (isAll && tailStart < dataEnd && count < maxRecords) {
      const kept = bytes.subarray(tailStart - windowLength(generation.position), dataEnd);
      this.#heldTails.hold(generation, kept, generation.position + dataEnd - tailStart);
    } else if (generation.heldTail !== undefined) {
      this.#heldTails.release(generation);
    }
  }
}

/** How much a turn is to read at least; 0: what the file says. */
function wantedBytes({ generation, archive }: TailedFile, { largeBatchBytes = 0 }: Output): number {
  const isFarBehind = generation.unreadBytes >= MIN_LARGE_BEHIND * largeBatchBytes;
  // Lines that are so short that a batch was full of them are read in smaller slices.
  return isFarBehind && archive === undefined && generation.sliceBytes >= SLICE_BYTES ? largeBatchBytes : 0;
}

function isCompressed(bytes: Buffer, { start, end }: Slice): boolean {
  return compressionOf(bytes, start, end) !== undefined;
}

function lengthOf({ start, end }: Slice): number {
  return end - start;
}

/** Claims the end of the file before; it settles when `lease` does. */
function claimTail({ file, slice }: Tail, restBytes: number, batch: RecordBatch, lease: Lease): void {
  const claimed = { bytes: lengthOf(slice), skipped: { oversize_rest: restBytes }, records: 0, emptyLines: 0 };
  const other = file.generation.claim(claimed, 'line', batch.bytes, slice.at);
  lease.carry(other);
  other.settle('delivered');
  file.generation.isHolding = false;
}
