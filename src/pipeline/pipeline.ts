import type { Sink, Stage } from '../core/contracts.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { routeName } from '../ledger/route-name.ts';

/** Stages in their order, and the sinks behind them. */
export class Pipeline {
  readonly name: string;
  /** Its ends. */
  readonly sinks: readonly { readonly route: string; readonly sink: Sink }[];
  readonly #stages: readonly Stage[];

  constructor(name: string, stages: readonly Stage[], sinks: ReadonlyMap<string, Sink>) {
    this.name = name;
    this.#stages = stages;
    this.sinks = Array.from(sinks, ([sinkName, sink]) => ({ route: routeName(name, sinkName), sink }));
  }

  /** Runs the batch through all stages, at once and in place. */
  process(batch: RecordBatch): void {
    for (const stage of this.#stages) stage.process(batch);
  }

  async close(): Promise<void> {
    for (const stage of this.#stages) await stage.close?.();
  }
}
