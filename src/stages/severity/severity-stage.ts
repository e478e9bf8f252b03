import type { Stage } from '../../core/contracts.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import type { SeverityTable } from './severity-table.ts';

/** Makes an attribute the severity: its number by a table, its text as it is. */
export class SeverityStage implements Stage {
  readonly #key: number;
  readonly #keep: boolean;
  readonly #table: SeverityTable;

  constructor(key: number, keep: boolean, table: SeverityTable) {
    this.#key = key;
    this.#keep = keep;
    this.#table = table;
  }

  process(batch: RecordBatch): void {
    for (let i = 0; i < batch.count; i++) {
      if (!batch.isLive(i)) continue;
      const row = batch.find(i, this.#key);
      if (row === 0 || !isLevel(batch.attributeType[row]!)) continue;
      const start = batch.attributeStart[row]!;
      const end = batch.attributeEnd[row]!;
      if (start === end) continue;
      batch.severityNumber[i] = this.#table.find(batch.bytes, start, end);
      batch.severityStart[i] = start;
      batch.severityEnd[i] = end;
      if (!this.#keep) batch.remove(i, this.#key);
    }
  }
}

function isLevel(type: number): boolean {
  return type === ValueType.String || type === ValueType.Int || type === ValueType.Double;
}
