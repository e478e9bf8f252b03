import { crc32c } from '../bytes/crc32c.ts';
import type { OpenedFile } from '../checkpoint/file-system.ts';
import { messageOf } from '../core/errors.ts';
import { ENTRY_HEAD_BYTES, HEADER_BYTES, MAX_PAYLOAD_BYTES } from './segment-format.ts';

const BUFFER_BYTES = 4 * (ENTRY_HEAD_BYTES + MAX_PAYLOAD_BYTES);

/** What stands next in a segment. */
export type Found =
  /** The payload is the caller's. */
  | { readonly kind: 'entry'; readonly payload: Buffer }
  | { readonly kind: 'end' }
  /** Nothing behind here can be trusted: where an entry ends is known only from its start. */
  | { readonly kind: 'damaged'; readonly reason: string };

/** Reads the entries of one segment in their order. */
export class SegmentReader {
  readonly #file: OpenedFile;
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  /** What of the buffer is read from the file and not given out. */
  #start = 0;
  #end = 0;
  /** Where in the file the buffer ends. */
  #fileOffset = HEADER_BYTES;

  constructor(file: OpenedFile) {
    this.#file = file;
  }

  /** How many bytes of the file are not given out, of `limit`. */
  unreadBytes(limit: number): number {
    return limit - (this.#fileOffset - (this.#end - this.#start));
  }

  /** The next entry that ends within the first `limit` bytes of the file. */
  async next(limit: number): Promise<Found> {
    try {
      if (!this.#hasEntry()) await this.#fill(limit);
    } catch (error) {
      return { kind: 'damaged', reason: messageOf(error) };
    }
    const available = this.#end - this.#start;
    if (available === 0 && this.#fileOffset >= limit) return { kind: 'end' };
    if (available < ENTRY_HEAD_BYTES) return { kind: 'damaged', reason: 'an entry is cut off' };
    const at = this.#start;
    const end = at + ENTRY_HEAD_BYTES + this.#buffer.readUInt32LE(at + 4);
    if (end === at + ENTRY_HEAD_BYTES || end > at + ENTRY_HEAD_BYTES + MAX_PAYLOAD_BYTES) {
      return { kind: 'damaged', reason: 'an entry has a length that nobody wrote' };
    }
    if (end > this.#end) return { kind: 'damaged', reason: 'an entry is cut off' };
    if (this.#buffer.readUInt32LE(at) !== crc32c(this.#buffer, at + 4, end)) {
      return { kind: 'damaged', reason: 'the checksum of an entry is wrong' };
    }
    this.#start = end;
    return { kind: 'entry', payload: Buffer.from(this.#buffer.subarray(at + ENTRY_HEAD_BYTES, end)) };
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #hasEntry(): boolean {
    const available = this.#end - this.#start;
    if (available < ENTRY_HEAD_BYTES) return false;
    return available >= ENTRY_HEAD_BYTES + this.#buffer.readUInt32LE(this.#start + 4);
  }

  async #fill(limit: number): Promise<void> {
    this.#buffer.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    while (this.#end < BUFFER_BYTES && this.#fileOffset < limit) {
      const length = Math.min(BUFFER_BYTES - this.#end, limit - this.#fileOffset);
      const { bytesRead } = await this.#file.read(this.#buffer, this.#end, length, this.#fileOffset);
      if (bytesRead === 0) break;
      this.#end += bytesRead;
      this.#fileOffset += bytesRead;
    }
  }
}
