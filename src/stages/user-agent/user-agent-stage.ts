import { AGENT_ATTRIBUTES, UserAgentCache } from '../../codec/user-agent/user-agent-cache.ts';
import type { Stage } from '../../core/contracts.ts';
import type { KeyTable } from '../../core/key-table.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';

/** Tells what the header `User-Agent` of a record says. */
export class UserAgentStage implements Stage {
  readonly #field: number;
  readonly #keys: readonly number[];
  readonly #cache = new UserAgentCache();

  constructor(field: number, keys: KeyTable) {
    this.#field = field;
    this.#keys = AGENT_ATTRIBUTES.map((name) => keys.internText(name));
  }

  process(batch: RecordBatch): void {
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      const row = batch.find(record, this.#field);
      if (row === 0 || batch.attributeType[row] !== ValueType.String) continue;
      this.#setAttributes(batch, record, row);
    }
  }

  #setAttributes(batch: RecordBatch, record: number, row: number): void {
    const agent = this.#cache.find(batch.bytes, batch.attributeStart[row]!, batch.attributeEnd[row]!);
    const at = batch.appendBytes(agent.bytes, 0, agent.bytes.length);
    let start = at;
    for (let part = 0; part < this.#keys.length; part++) {
      const end = at + agent.ends[part]!;
      if (end > start) batch.setSpan(record, this.#keys[part]!, ValueType.String, start, end);
      start = end;
    }
  }
}
