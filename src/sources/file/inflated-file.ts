import { free, Inflation } from './inflation.ts';
import type { OpenFile } from './open-file.ts';
import type { FileStat, StreamContent } from './stream-content.ts';

/**
 * What a gzip file holds, as if it were a file: read forward, as one reads a stream. Only what was read last is kept, so
 * a read before that inflates once more from the start.
 *
 * ```
 *  content  0 ────────────┬───────┬───────┬──────────── size
 *           let go        │ piece │ piece │ not inflated yet
 *                         ^start          ^end
 * ```
 */
export class InflatedFile implements StreamContent {
  readonly #file: OpenFile;
  readonly #version: string;
  readonly #compressedSize: number;
  #size: number;
  #inflation: Inflation | undefined;
  readonly #pieces: Buffer[] = [];
  #start = 0;
  #end = 0;
  #isClosed = false;

  /** `size`: how much can be inflated while the file is what `version` says (see `versionOf()`). Takes the file over. */
  constructor(
    file: OpenFile,
    known: { readonly size: number; readonly version: string; readonly compressedSize: number },
  ) {
    this.#file = file;
    this.#version = known.version;
    this.#compressedSize = known.compressedSize;
    this.#size = known.size;
  }

  stat(): FileStat {
    const { nlink, mtimeMs } = this.#file.stat();
    return { size: this.#size, nlink, mtimeMs };
  }

  versionAt(size: number): string {
    return size === this.#size && this.#file.version() === this.#version ? this.#version : '';
  }

  async read(buffer: Buffer, at: number, length: number, position: number): Promise<number> {
    if (position < this.#start) this.#reset();
    const end = Math.min(position + length, this.#size);
    this.#letGo(position);
    while (this.#end < end && (await this.#inflate())) this.#letGo(position);
    // What comes next is mostly nothing, and zlib's tables take memory.
    if (this.#end >= this.#size) this.#inflation?.close();
    let count = 0;
    let pieceStart = this.#start;
    for (const piece of this.#pieces) {
      const from = Math.max(0, position - pieceStart);
      const to = Math.min(piece.length, end - pieceStart);
      if (from < to) count += piece.copy(buffer, at + count, from, to);
      pieceStart += piece.length;
    }
    return count;
  }

  peek(): undefined {
    return undefined;
  }

  /** What was inflated is in memory once: whoever wants it, too, opens the file. */
  duplicate(): undefined {
    return undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.#inflation?.close();
    this.#file.close();
  }

  /** Adds a piece; false: there is none. */
  async #inflate(): Promise<boolean> {
    this.#inflation ??= new Inflation(this.#file, this.#compressedSize);
    const piece = await this.#inflation.next();
    if (piece === undefined) {
      // The file is not what it was when somebody found out its size: whoever follows it sees it shrink.
      if (!this.#isClosed) this.#size = this.#end;
      return false;
    }
    this.#pieces.push(piece);
    this.#end += piece.length;
    return true;
  }

  /** Lets the pieces before `position` go. */
  #letGo(position: number): void {
    for (
      let first = this.#pieces[0];
      first !== undefined && this.#start + first.length <= position;
      first = this.#pieces[0]
    ) {
      this.#pieces.shift();
      this.#start += first.length;
      free(first);
    }
  }

  #reset(): void {
    this.#inflation?.close();
    this.#inflation = undefined;
    this.#letGo(this.#end);
    this.#start = 0;
    this.#end = 0;
  }
}
