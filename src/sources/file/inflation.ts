import type { Gunzip } from 'node:zlib';
import type { OpenFile } from './open-file.ts';

/** The largest piece of output. More than the runtime's pool of buffers, so that each is memory of its own. */
const PIECE_BYTES = 128 * 1024;
/** How much is read of the file at once. */
const BLOCK_BYTES = 64 * 1024;
/** How much is inflated in one step. */
const STEP_BYTES = 16 * 1024;

/** Where a compressed file cannot be inflated any further. */
export interface Fault {
  /** How much of the file was good, in compressed bytes. */
  readonly at: number;
  readonly error: Error;
}

/**
 * Inflates a gzip file once, with all its members, piece by piece. The work is done on the threads of libuv, a step at a
 * time and only when a piece is asked for: what expands a thousandfold takes no more memory than anything else.
 *
 * A step that meets a fault keeps to itself what it made before that. So the file is then inflated again from its start,
 * and from that step on byte by byte: nothing before the fault is missing.
 */
export class Inflation {
  readonly #file: OpenFile;
  readonly #compressedSize: number;
  readonly #block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  /** What of `#block` is still to be inflated. */
  #rest = this.#block.subarray(0, 0);
  /** Where the block, and where `#rest` starts in the file. */
  #blockEnd = 0;
  #position = 0;
  /** From where on steps are of one byte. */
  #carefulFrom = Number.POSITIVE_INFINITY;
  /** How much `next()` has given; and how much it has to pass over, since it gave that before. */
  #given = 0;
  #repeated = 0;
  #gunzip: Gunzip;
  /** Whether a step, or the end, was given to zlib and is not done with. */
  #isAtWork = false;
  #isOver = false;
  #fault: Fault | undefined;
  #wake: () => void = () => undefined;

  /** `compressedSize`: how much of the file there is, in bytes. The file stays the caller's. */
  constructor(file: OpenFile, compressedSize: number) {
    this.#file = file;
    this.#compressedSize = compressedSize;
    this.#gunzip = this.#open();
  }

  /** What stopped it before the end of the file. */
  get fault(): Fault | undefined {
    return this.#fault;
  }

  /**
   * The next piece, or undefined at the end: then `fault` says whether that is the end of the file. Rejects when the
   * file cannot be read. See `free()`.
   */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const piece = this.#gunzip.read() as Buffer | null;
      if (piece !== null) {
        const fresh = piece.subarray(Math.min(piece.length, this.#repeated));
        this.#repeated -= piece.length - fresh.length;
        this.#given += fresh.length;
        if (fresh.length > 0) return fresh;
        free(piece);
      } else if (this.#isOver) return undefined;
      else if (this.#isAtWork) await this.#change();
      else await this.#step();
    }
  }

  close(): void {
    this.#gunzip.destroy();
  }

  #open(): Gunzip {
    // Loaded only here, since it takes 2 MB. One piece at a time lies in the stream, as an object: else it would be copied.
    const zlib = process.getBuiltinModule('node:zlib');
    const options = { chunkSize: PIECE_BYTES, readableObjectMode: true, readableHighWaterMark: 1 };
    const gunzip = zlib.createGunzip(options);
    const end = (): void => {
      if (gunzip === this.#gunzip) this.#end();
    };
    gunzip
      .on('readable', () => this.#wake())
      .on('end', end)
      .on('close', end);
    gunzip.on('error', (error) => this.#fail(error, gunzip.bytesWritten));
    return gunzip;
  }

  async #step(): Promise<void> {
    if (this.#rest.length === 0) await this.#readBlock();
    this.#isAtWork = true;
    if (this.#rest.length === 0) {
      this.#gunzip.end();
      return;
    }
    const beforeCareful = this.#carefulFrom - this.#position;
    const step = this.#rest.subarray(0, beforeCareful > 0 ? Math.min(STEP_BYTES, beforeCareful) : 1);
    this.#rest = this.#rest.subarray(step.length);
    this.#position += step.length;
    this.#gunzip.write(step, () => {
      this.#isAtWork = false;
      this.#wake();
    });
  }

  async #readBlock(): Promise<void> {
    const length = Math.min(BLOCK_BYTES, this.#compressedSize - this.#blockEnd);
    const count = await this.#file.read(this.#block, 0, length, this.#blockEnd);
    this.#blockEnd += count;
    this.#rest = this.#block.subarray(0, count);
  }

  #fail(error: Error, at: number): void {
    const isCutOff = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
    if (isCutOff || this.#carefulFrom <= at) {
      this.#fault = { at, error };
      this.#end();
      return;
    }
    this.#carefulFrom = at;
    this.#repeated = this.#given;
    this.#given = 0;
    this.#blockEnd = 0;
    this.#position = 0;
    this.#rest = this.#block.subarray(0, 0);
    this.#gunzip = this.#open();
    this.#isAtWork = false;
    this.#wake();
  }

  #end(): void {
    this.#isOver = true;
    this.#wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/**
 * Gives the memory of a piece back, when nobody needs it or a piece before it any more: the garbage collector does not
 * see these bytes until there are tens of megabytes of them.
 */
export function free(piece: Buffer): void {
  const { buffer, byteOffset, length } = piece;
  // zlib fills a buffer with one piece or more: the last of them frees it.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === PIECE_BYTES && byteOffset + length === PIECE_BYTES) {
    buffer.transfer(0);
  }
}
