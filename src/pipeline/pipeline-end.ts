import type { Judge } from '../condition/verdict.ts';
import type { Sink } from '../core/contracts.ts';
import type { Lease } from '../core/lease.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { RecordChoice } from './record-choice.ts';

/** One way out of a pipeline: a sink, and which records it gets. */
export class PipelineEnd {
  readonly route: string;
  readonly sink: Sink;
  readonly #choice: RecordChoice | undefined;

  /** `when`: the records that the sink gets; undefined: all of them. */
  constructor(route: string, sink: Sink, when: Judge | undefined) {
    this.route = route;
    this.sink = sink;
    this.#choice = when === undefined ? undefined : new RecordChoice(when);
  }

  /** Offers a batch for the first time: counts what is not for this sink, and writes the rest as `write()` does. */
  offer(batch: RecordBatch, lease: Lease): boolean {
    for (const [reason, records] of batch.drops) lease.count('dropped', records, reason);
    return this.#with(batch, (hidden) => {
      lease.count('dropped', hidden, 'route');
      return this.sink.write(batch, lease);
    });
  }

  /** The batch takes another pipeline: none of it is for this sink. */
  decline(batch: RecordBatch, lease: Lease): void {
    lease.count('dropped', batch.count, 'route');
    lease.settle('dropped');
  }

  /** Writes the records that are for this sink; false: it is full. See `Sink.write()`. */
  write(batch: RecordBatch, lease: Lease): boolean {
    return this.#with(batch, () => this.sink.write(batch, lease));
  }

  /** How many records of the batch the sink would get. */
  count(batch: RecordBatch): number {
    return this.#with(batch, () => {
      let live = 0;
      for (let record = 0; record < batch.count; record++) if (batch.isLive(record)) live++;
      return live;
    });
  }

  #with<Result>(batch: RecordBatch, use: (hidden: number) => Result): Result {
    this.#choice?.hide(batch);
    const result = use(this.#choice?.hidden ?? 0);
    this.#choice?.show(batch);
    return result;
  }
}
