import { COPY_SLACK } from './copy-words.ts';

/**
 * Bytes that are being written, in memory that grows. Hot code keeps `bytes`, `view` and `length` in locals and reads
 * them again after `reserve()`.
 */
export class ByteBuffer {
  bytes: Buffer<ArrayBuffer>;
  /** The same memory as `bytes`. */
  view: DataView;
  /** How much is written. */
  length = 0;

  constructor(initialBytes = 1024) {
    this.bytes = Buffer.allocUnsafeSlow(initialBytes + COPY_SLACK);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for `count` bytes at offset `at`. May replace `bytes` and `view`; keeps what lies before `at`. */
  reserve(at: number, count: number): void {
    const needed = at + count + COPY_SLACK;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length));
    this.bytes.copy(grown, 0, 0, at);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  /** Appends `source`. */
  append(source: Uint8Array): void {
    this.reserve(this.length, source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** What is written; a view that is valid until the next `reserve()`. */
  written(): Buffer<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }
}
