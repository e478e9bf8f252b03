import { ByteBuffer } from '../../bytes/byte-buffer.ts';
import { grown } from '../../bytes/grown.ts';
import { writeVarint } from '../../bytes/varint.ts';
import { LOCAL_KEY_BASE } from '../../core/key-table.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { KEY, VALUE } from './tags.ts';

/** Heads up to this length have a place in `KeyFields.places`. */
const MAX_PLACED = 127;

/**
 * The head of a KeyValue for each attribute key: field 1 with the key, and the tag of field 2. Made once a key; a record
 * copies it.
 */
export class KeyFields {
  /** The heads, one behind the other. */
  readonly heads = new ByteBuffer(4096);
  /**
   * Where the head of each key lies: start << 7 | length. 0: it is not made yet, or longer than that has room for; keys
   * that are known to one batch only have no place.
   */
  places = new Int32Array(1024);
  /** Start and end of the head of each key of the table; end 0: not made yet. */
  #bounds = new Uint32Array(2048);
  /** The same for a key that is known to one batch only, until the next such key. */
  #localStart = 0;

  /** Where the head of `key` starts in `heads`; after `endOf()` of the same key. */
  startOf(key: number): number {
    return key < LOCAL_KEY_BASE ? this.#bounds[2 * key]! : this.#localStart;
  }

  /** Where the head of `key` ends in `heads`; makes it when it is new, which may replace `heads.view` and `places`. */
  endOf(batch: RecordBatch, key: number): number {
    const end = 2 * key + 1 < this.#bounds.length ? this.#bounds[2 * key + 1]! : 0;
    return end === 0 ? this.#make(batch, key) : end;
  }

  #make(batch: RecordBatch, key: number): number {
    const text = batch.keyBytes(key);
    const start = this.heads.length;
    this.heads.reserve(start, text.length + 7);
    const { bytes } = this.heads;
    bytes[start] = KEY;
    const at = writeVarint(bytes, start + 1, text.length);
    bytes.set(text, at);
    const end = at + text.length + 1;
    bytes[end - 1] = VALUE;
    if (key >= LOCAL_KEY_BASE) {
      // It stands behind the others, where the next one overwrites it.
      this.#localStart = start;
      return end;
    }
    this.heads.length = end;
    if (key >= this.places.length) this.#grow(key);
    this.#bounds[2 * key] = start;
    this.#bounds[2 * key + 1] = end;
    if (end - start <= MAX_PLACED) this.places[key] = (start << 7) | (end - start);
    return end;
  }

  #grow(key: number): void {
    const length = 2 * Math.max(this.places.length, key + 1);
    this.places = grown(this.places, new Int32Array(length));
    this.#bounds = grown(this.#bounds, new Uint32Array(2 * length));
  }
}
