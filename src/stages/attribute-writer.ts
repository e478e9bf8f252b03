import { grown } from '../bytes/grown.ts';
import { LOCAL_KEY_BASE } from '../core/key-table.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import type { ValueType } from '../core/value-type.ts';

const MAX_RECORD_NUMBER = 2 ** 30;

/**
 * Adds what a parser reads to one record: of a key that comes twice the last value counts, in the place of the first,
 * and what the record had before under one of the keys is taken out at the end, when nothing more can go wrong.
 *
 * Each step is O(1) whatever the line holds: for every key id it knows the last record that had it, and the row.
 */
export class AttributeWriter {
  /** For each key id: the number of the last record that it was added to, and its row there. */
  #recordOf = new Int32Array(1024);
  #rowOf = new Int32Array(1024);
  /** The same for keys that the table has no room for. */
  readonly #localRows = new Map<number, number>();
  /** The number of this record; it starts again before it leaves 31 bits. */
  #number = 0;
  /** The last row that the record had before. */
  #last = 0;

  /** Starts with a record, as it is. */
  begin(batch: RecordBatch, record: number): void {
    this.#last = batch.lastAttribute[record]!;
    if (this.#localRows.size > 0) this.#localRows.clear();
    if (++this.#number < MAX_RECORD_NUMBER) return;
    this.#number = 1;
    this.#recordOf.fill(0);
  }

  /** Adds the attribute, or replaces what was added under that key since `begin()`. */
  set(batch: RecordBatch, record: number, key: number, type: ValueType, start: number, end: number): void {
    const row = this.#find(key);
    if (row === 0) {
      this.#remember(key, batch.addSpan(record, key, type, start, end));
      return;
    }
    batch.attributeType[row] = type;
    batch.attributeStart[row] = start;
    batch.attributeEnd[row] = end;
  }

  /** Takes out what the record had before under a key that was added since. O(attributes that it had). */
  finish(batch: RecordBatch, record: number): void {
    const last = this.#last;
    if (last === 0 || batch.lastAttribute[record] === last) return;
    let before = 0;
    for (let row = batch.firstAttribute[record]!; ; row = batch.attributeNext[row]!) {
      if (this.#find(batch.attributeKey[row]!) === 0) {
        before = row;
      } else if (before === 0) {
        // Something was added behind it, so there is a next one.
        batch.firstAttribute[record] = batch.attributeNext[row]!;
      } else {
        batch.attributeNext[before] = batch.attributeNext[row]!;
      }
      if (row === last) return;
    }
  }

  #find(key: number): number {
    if (key >= LOCAL_KEY_BASE) return this.#localRows.get(key) ?? 0;
    return key < this.#recordOf.length && this.#recordOf[key] === this.#number ? this.#rowOf[key]! : 0;
  }

  #remember(key: number, row: number): void {
    if (key >= LOCAL_KEY_BASE) {
      this.#localRows.set(key, row);
      return;
    }
    if (key >= this.#recordOf.length) {
      this.#recordOf = grown(this.#recordOf, new Int32Array(2 * key));
      this.#rowOf = grown(this.#rowOf, new Int32Array(2 * key));
    }
    this.#recordOf[key] = this.#number;
    this.#rowOf[key] = row;
  }
}

/**
 * Takes out what the record had up to row `last` under a key that was added behind it: for parsers with few attributes,
 * all different. O(rows before times rows behind).
 */
export function removeReplaced(batch: RecordBatch, record: number, last: number): void {
  if (last === 0 || batch.lastAttribute[record] === last) return;
  let before = 0;
  for (let row = batch.firstAttribute[record]!; ; row = batch.attributeNext[row]!) {
    const next = batch.attributeNext[row]!;
    if (!hasKey(batch, batch.attributeNext[last]!, batch.attributeKey[row]!)) before = row;
    else if (before === 0) batch.firstAttribute[record] = next;
    else batch.attributeNext[before] = next;
    if (row === last) return;
  }
}

function hasKey(batch: RecordBatch, row: number, key: number): boolean {
  while (row !== 0 && batch.attributeKey[row] !== key) row = batch.attributeNext[row]!;
  return row !== 0;
}
