import type { StageContext } from '../component/definition.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import type { Counter } from '../telemetry/metrics.ts';

/** Drops records for one reason, and counts them for the stage that does. */
export class DropCounter {
  readonly #reason: string;
  readonly #counter: Counter;
  #uncounted = 0;

  /** `reason` is a word of the ledger's closed list, `type` that of the stage. */
  constructor(reason: string, type: string, { name, metrics }: StageContext) {
    this.#reason = reason;
    this.#counter = metrics.counter('pillion_dropped_records_total', { stage: name, type, reason });
  }

  /** Drops a live record. */
  drop(batch: RecordBatch, record: number): void {
    batch.drop(record, this.#reason);
    this.#uncounted++;
  }

  /** Counts what was dropped since the last time; once a batch. */
  flush(): void {
    if (this.#uncounted > 0) this.#counter.add(this.#uncounted);
    this.#uncounted = 0;
  }
}
