import { type Content, type Evidence, HEAD_BYTES, WINDOW_BYTES, windowLength } from '../../checkpoint/file-identity.ts';
import { type Fault, free, Inflation } from './inflation.ts';
import type { OpenFile } from './open-file.ts';
import { fingerprintsAt } from './read-content.ts';

/** What inflating a gzip file once has shown. */
export interface Survey {
  /** How much can be inflated, in bytes. */
  readonly size: number;
  /** What stops it before the end of the file. */
  readonly fault: Fault | undefined;
  /** What the file was like; see `versionOf()`. */
  readonly version: string;
  /** The compressed bytes: what tells at the next start that the file is still what it was. */
  readonly compressed: Evidence;
  /** What lies before `offset`, which is the end or one of those that were asked for, and lies before the end. */
  contentAt(offset: number): Content | undefined;
}

/**
 * Inflates a file to its end, keeping nothing but its head and what lies before a few offsets. `offsetsOf` is called
 * with the head, up to HEAD_BYTES, and gives them. undefined: the file changed meanwhile. Rejects when the file cannot
 * be read. O(bytes); memory is bounded, whatever it expands to.
 */
export async function surveyGzip(
  file: OpenFile,
  offsetsOf: (head: Buffer) => readonly number[],
  isOver: () => boolean,
): Promise<Survey | undefined> {
  const version = file.version();
  const compressedSize = file.stat().size;
  const windows = new Windows(offsetsOf);
  const inflation = new Inflation(file, compressedSize);
  try {
    for (let piece = await inflation.next(); piece !== undefined; piece = await inflation.next()) {
      if (isOver()) return undefined;
      windows.add(piece);
      free(piece);
    }
  } finally {
    inflation.close();
  }
  windows.end();
  const { fault } = inflation;
  const { head, window } = await fingerprintsAt(file, compressedSize);
  const compressed = { offset: compressedSize, head, window };
  if (file.version() !== version) return undefined;
  return { size: windows.size, fault, version, compressed, contentAt: (offset) => windows.contentAt(offset) };
}

interface Window {
  readonly start: number;
  readonly bytes: Buffer;
  length: number;
}

/** Keeps the head of what passes, its end, and what lies before some offsets. */
class Windows {
  readonly #offsetsOf: (head: Buffer) => readonly number[];
  readonly #head = Buffer.alloc(HEAD_BYTES);
  readonly #tail = Buffer.alloc(WINDOW_BYTES);
  readonly #windows = new Map<number, Window>();
  #isAsked = false;
  size = 0;

  constructor(offsetsOf: (head: Buffer) => readonly number[]) {
    this.#offsetsOf = offsetsOf;
  }

  add(piece: Buffer): void {
    if (this.size < HEAD_BYTES) piece.copy(this.#head, this.size);
    if (!this.#isAsked && this.size + piece.length >= HEAD_BYTES) this.#ask(HEAD_BYTES);
    for (const window of this.#windows.values()) {
      const from = window.start + window.length - this.size;
      if (window.length < window.bytes.length && from < piece.length)
        window.length += piece.copy(window.bytes, window.length, from);
    }
    const kept = Math.max(0, WINDOW_BYTES - piece.length);
    this.#tail.copyWithin(0, WINDOW_BYTES - kept);
    piece.copy(this.#tail, kept, Math.max(0, piece.length - WINDOW_BYTES));
    this.size += piece.length;
  }

  end(): void {
    if (!this.#isAsked) this.#ask(this.size);
  }

  contentAt(offset: number): Content | undefined {
    const head = this.#head.subarray(0, Math.min(this.size, HEAD_BYTES));
    const { size } = this;
    if (offset > size) return undefined;
    if (offset <= HEAD_BYTES) return { size, head, window: head.subarray(0, offset) };
    if (offset === size) return { size, head, window: this.#tail };
    const window = this.#windows.get(offset);
    return window === undefined ? undefined : { size, head, window: window.bytes };
  }

  #ask(length: number): void {
    this.#isAsked = true;
    for (const offset of this.#offsetsOf(this.#head.subarray(0, length))) {
      // What lies before a smaller offset is the head.
      if (offset <= HEAD_BYTES) continue;
      const bytes = Buffer.alloc(windowLength(offset));
      const start = offset - bytes.length;
      this.#windows.set(offset, {
        start,
        bytes,
        length: this.#head.copy(bytes, 0, Math.min(start, HEAD_BYTES), length),
      });
    }
  }
}
