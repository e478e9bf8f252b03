import type { FileStat, StreamContent } from './stream-content.ts';

/** How much of unfinished lines a source keeps at most, in bytes. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

/**
 * The unfinished line at the end of a file, with the window before it, as it was read last. When the file is truncated,
 * nobody else has it any more; it is read like the file whose end it was.
 */
export class HeldTail implements StreamContent {
  /** The offset at which the kept bytes end. */
  readonly end: number;
  readonly byteLength: number;
  readonly #bytes: Buffer;

  /** Copies `bytes`, which end at the offset `end` of the file. */
  constructor(bytes: Buffer, end: number) {
    this.#bytes = Buffer.from(bytes);
    this.byteLength = bytes.length;
    this.end = end;
  }

  stat(): FileStat {
    return { size: this.end, nlink: 0, mtimeMs: 0 };
  }

  versionAt(): string {
    return '';
  }

  read(buffer: Buffer, at: number, length: number, position: number): Promise<number> {
    const start = position - (this.end - this.#bytes.length);
    return Promise.resolve(this.#bytes.copy(buffer, at, start, Math.min(start + length, this.#bytes.length)));
  }

  peek(): undefined {
    return undefined;
  }

  duplicate(): HeldTail {
    return this;
  }

  close(): void {
    // Memory alone.
  }
}

/** Who holds an unfinished line. */
export interface TailHolder {
  heldTail: HeldTail | undefined;
}

/** The unfinished lines of all files of a source, up to a bound: beyond it those that were read first are let go. */
export class HeldTails {
  readonly #holders = new Map<TailHolder, HeldTail>();
  #byteLength = 0;

  /** Keeps `bytes`, which end at the offset `end` of the holder's file, in place of what it held. */
  hold(holder: TailHolder, bytes: Buffer, end: number): void {
    this.release(holder);
    if (bytes.length > MAX_HELD_BYTES) return;
    if (this.#byteLength + bytes.length > MAX_HELD_BYTES) this.#makeRoom(MAX_HELD_BYTES - bytes.length);
    holder.heldTail = new HeldTail(bytes, end);
    this.#holders.set(holder, holder.heldTail);
    this.#byteLength += bytes.length;
  }

  /** Lets go of what the holder held: its line has ended. */
  release(holder: TailHolder): void {
    holder.heldTail = undefined;
    this.#byteLength -= this.#holders.get(holder)?.byteLength ?? 0;
    this.#holders.delete(holder);
  }

  #makeRoom(byteLength: number): void {
    for (const holder of this.#holders.keys()) {
      if (this.#byteLength <= byteLength) return;
      this.release(holder);
    }
  }
}
