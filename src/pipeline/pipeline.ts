import type { Stage } from '../core/contracts.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import type { PipelineEnd } from './pipeline-end.ts';

/** Stages in their order, and the ways out behind them. */
export class Pipeline {
  readonly ends: readonly PipelineEnd[];
  readonly #stages: readonly Stage[];

  constructor(stages: readonly Stage[], ends: readonly PipelineEnd[]) {
    this.#stages = stages;
    this.ends = ends;
  }

  /** Runs the batch through all stages, at once and in place. */
  process(batch: RecordBatch): void {
    for (const stage of this.#stages) stage.process(batch);
  }

  async close(): Promise<void> {
    for (const stage of this.#stages) await stage.close?.();
  }
}
