import type { KeyTable } from '../core/key-table.ts';
import type { RecordBatch } from '../core/record-batch.ts';

/** The names that an attribute may have, best first, for each thing that a stage looks for. */
export type FieldNames = readonly (readonly string[])[];

/** Finds, in one walk over the attributes of a record, those that a stage looks for by many names. 2 ns an attribute. */
export class FieldTable {
  /** The row of each thing, in the order of the names that were given, or 0; of the last record that was looked at. */
  readonly rows: Uint32Array;
  /** For each key id the place in `FieldNames` and 1 more; 0: no name. */
  readonly #things: Uint8Array;
  /** For each key id its place among the names for the thing. */
  readonly #ranks: Uint8Array;

  constructor(names: FieldNames, keys: KeyTable) {
    this.rows = new Uint32Array(names.length);
    const entries = names.flatMap((list, thing) =>
      list.map((name, rank) => ({ key: keys.internText(name), thing: thing + 1, rank: Math.min(rank, 255) })),
    );
    const size = 1 + Math.max(0, ...entries.map(({ key }) => key));
    this.#things = new Uint8Array(size);
    this.#ranks = new Uint8Array(size);
    // A name that stands twice belongs to the first.
    for (const { key, thing, rank } of entries.toReversed()) {
      this.#things[key] = thing;
      this.#ranks[key] = rank;
    }
  }

  /** Fills `rows`; whether there is any. */
  find(batch: RecordBatch, record: number): boolean {
    const { attributeKey, attributeNext } = batch;
    const things = this.#things;
    let isAny = false;
    for (let row = batch.firstAttribute[record]!; row !== 0; row = attributeNext[row]!) {
      const key = attributeKey[row]!;
      if (key >= things.length || things[key] === 0) continue;
      if (!isAny) this.rows.fill(0);
      isAny = true;
      const thing = things[key]! - 1;
      const before = this.rows[thing]!;
      if (before === 0 || this.#ranks[key]! < this.#ranks[attributeKey[before]!]!) this.rows[thing] = row;
    }
    return isAny;
  }
}
