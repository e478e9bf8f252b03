import { type Judge, Verdict } from '../condition/verdict.ts';
import { type RecordBatch, RecordFlag } from '../core/record-batch.ts';

/** Hides from stages, for a while, the records that do not meet a condition. Choices may stand inside each other. */
export class RecordChoice {
  readonly #judge: Judge;
  readonly #hidden: number[] = [];

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  /** Hides the live records that do not meet the condition, or for which it is undecided; whether any is left. */
  hide(batch: RecordBatch): boolean {
    let isAnyLeft = false;
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      if (this.#judge(batch, record) === Verdict.True) {
        isAnyLeft = true;
        continue;
      }
      batch.flags[record]! |= RecordFlag.PassedOver;
      this.#hidden.push(record);
    }
    return isAnyLeft;
  }

  /** How many records are hidden now. */
  get hidden(): number {
    return this.#hidden.length;
  }

  /** Shows again what `hide()` has hidden. */
  show({ flags }: RecordBatch): void {
    for (const record of this.#hidden) flags[record]! &= ~RecordFlag.PassedOver;
    this.#hidden.length = 0;
  }
}
