import type { Stage } from '../../core/contracts.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import { ObjectValues } from './object-values.ts';

/** How many attributes of one record may come from objects, so that a hostile one costs a bounded amount of memory. */
export const MAX_FLATTENED = 1024;

const OPEN_BRACE = 0x7b;

/** Replaces attributes that are objects by the values inside. 70 ns a value (test/bench/micro/flatten.bench.ts). */
export class FlattenStage implements Stage {
  readonly #fields: readonly number[];
  readonly #values: ObjectValues;

  /** Without `fields` every attribute is flattened. */
  constructor(fields: readonly number[], separator: string, maxDepth: number) {
    this.#fields = fields;
    this.#values = new ObjectValues({ separator, maxDepth, maxValues: MAX_FLATTENED });
  }

  process(batch: RecordBatch): void {
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      const isWhole = this.#fields.length === 0 ? this.#flattenAll(batch, record) : this.#flattenFields(batch, record);
      if (!isWhole) batch.fail(record, 'too many values to flatten');
    }
  }

  /** False: there are too many values. */
  #flattenAll(batch: RecordBatch, record: number): boolean {
    const last = batch.lastAttribute[record]!;
    let row = batch.firstAttribute[record]!;
    let room = MAX_FLATTENED;
    while (row !== 0 && room >= 0) {
      const next = row === last ? 0 : batch.attributeNext[row]!;
      room = this.#flatten(batch, record, row, room);
      row = next;
    }
    return room >= 0;
  }

  #flattenFields(batch: RecordBatch, record: number): boolean {
    let room = MAX_FLATTENED;
    for (const key of this.#fields) {
      const row = batch.find(record, key);
      if (row !== 0 && room >= 0) room = this.#flatten(batch, record, row, room);
    }
    return room >= 0;
  }

  /** Flattens an attribute if it is an object. Returns for how many more values there is room; below 0: not even these. */
  #flatten(batch: RecordBatch, record: number, row: number, room: number): number {
    const start = batch.attributeStart[row]!;
    if (batch.attributeType[row] !== ValueType.Json || batch.bytes[start] !== OPEN_BRACE) return room;
    const values = this.#values;
    const key = batch.attributeKey[row]!;
    values.read(batch, key, start, batch.attributeEnd[row]!);
    // An empty object stays where it is.
    if (values.count === 0) return room;
    if (values.count > room) return -1;
    batch.remove(record, key);
    values.addTo(batch, record);
    return room - values.count;
  }
}
