import { type Judge, Verdict } from '../condition/verdict.ts';
import { type RecordBatch, RecordFlag } from '../core/record-batch.ts';

/** Hides from stages, for a while, the records that do not meet a condition. Choices may stand inside each other. */
export class RecordChoice {
  readonly #judge: Judge;
  /** The records that are hidden, `#count` of them. */
  #hidden = new Uint32Array(1024);
  #count = 0;

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  /** Whether the condition can hold for any record of the batch: false where that shows without looking at each. */
  mayHoldIn(batch: RecordBatch): boolean {
    return this.#judge.mayHoldIn?.(batch) ?? true;
  }

  /** Hides the live records that do not meet the condition, or for which it is undecided; whether any is left. */
  hide(batch: RecordBatch): boolean {
    let isAnyLeft = false;
    let count = 0;
    if (this.#hidden.length < batch.count) this.#hidden = new Uint32Array(2 * batch.count);
    const hidden = this.#hidden;
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      if (this.#judge(batch, record) === Verdict.True) {
        isAnyLeft = true;
        continue;
      }
      batch.flags[record]! |= RecordFlag.PassedOver;
      hidden[count++] = record;
    }
    this.#count = count;
    return isAnyLeft;
  }

  /** How many records are hidden now. */
  get hidden(): number {
    return this.#count;
  }

  /** Shows again what `hide()` has hidden. */
  show({ flags }: RecordBatch): void {
    for (let i = 0; i < this.#count; i++) flags[this.#hidden[i]!]! &= ~RecordFlag.PassedOver;
    this.#count = 0;
  }
}
