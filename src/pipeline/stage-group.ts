import type { Judge } from '../condition/verdict.ts';
import type { Stage } from '../core/contracts.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { RecordChoice } from './record-choice.ts';

/** Stages that work, one after another, on the records that meet one condition at the start of the first. */
export class StageGroup implements Stage {
  readonly #stages: readonly Stage[];
  readonly #choice: RecordChoice;

  constructor(stages: readonly Stage[], when: Judge) {
    this.#stages = stages;
    this.#choice = new RecordChoice(when);
  }

  process(batch: RecordBatch): void {
    if (!this.#choice.mayHoldIn(batch)) return;
    if (this.#choice.hide(batch)) for (const stage of this.#stages) stage.process(batch);
    this.#choice.show(batch);
  }

  async close(): Promise<void> {
    for (const stage of this.#stages) await stage.close?.();
  }
}
