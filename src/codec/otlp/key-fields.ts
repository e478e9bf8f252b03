import { ByteBuffer } from '../../bytes/byte-buffer.ts';
import { writeVarint } from '../../bytes/varint.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { KEY, VALUE } from './tags.ts';

/**
 * The head of a KeyValue for each attribute key: field 1 with the key, and the tag of field 2. Made once a key; a record
 * copies it.
 */
export class KeyFields {
  /** The heads, one behind the other. */
  readonly heads = new ByteBuffer(4096);
  /** Where the head lies that `locate()` found. */
  start = 0;
  end = 0;
  /** Start and end of the head of each key of the table; end 0: not made yet. */
  #bounds = new Uint32Array(1024);

  /** Sets `start` and `end` to the head of `key`, until the next call. May replace `heads.view`. */
  locate(batch: RecordBatch, key: number): void {
    const end = 2 * key + 1 < this.#bounds.length ? this.#bounds[2 * key + 1]! : 0;
    if (end === 0) {
      this.#make(batch, key);
      return;
    }
    this.start = this.#bounds[2 * key]!;
    this.end = end;
  }

  #make(batch: RecordBatch, key: number): void {
    const text = batch.keyBytes(key);
    const start = this.heads.length;
    this.heads.reserve(start, text.length + 7);
    const { bytes } = this.heads;
    bytes[start] = KEY;
    const at = writeVarint(bytes, start + 1, text.length);
    bytes.set(text, at);
    bytes[at + text.length] = VALUE;
    this.start = start;
    this.end = at + text.length + 1;
    if (key >= batch.keys.maxKeys) return; // a key of the batch alone: the next one overwrites its head
    this.heads.length = this.end;
    if (2 * key + 1 >= this.#bounds.length) {
      const grown = new Uint32Array(2 * Math.max(this.#bounds.length, key + 1));
      grown.set(this.#bounds);
      this.#bounds = grown;
    }
    this.#bounds[2 * key] = this.start;
    this.#bounds[2 * key + 1] = this.end;
  }
}
