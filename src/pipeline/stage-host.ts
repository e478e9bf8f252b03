import { type Judge, Verdict } from '../condition/verdict.ts';
import type { Stage } from '../core/contracts.ts';
import { type RecordBatch, RecordFlag } from '../core/record-batch.ts';
import type { Counter } from '../telemetry/metrics.ts';

/** What becomes of a record that a stage could not read: it goes on with the mark `parse_failed`, or it is dropped. */
export type OnError = 'forward' | 'drop';

export interface StageHostOptions {
  /** The stage passes over records that do not meet this; without it, over none. */
  readonly when?: Judge | undefined;
  readonly onError: OnError;
  /** Counts the records that the stage could not read. */
  readonly failedRecords: Counter;
  /** Gives what counts the records that were dropped for a reason. */
  readonly droppedRecords: (reason: string) => Counter;
}

/** Runs a stage over the records that its condition chooses, and does what is wanted with those that it cannot read. */
export class StageHost implements Stage {
  readonly #stage: Stage;
  readonly #options: StageHostOptions;

  constructor(stage: Stage, options: StageHostOptions) {
    this.#stage = stage;
    this.#options = options;
  }

  process(batch: RecordBatch): void {
    const { when, onError, failedRecords } = this.#options;
    const dropped = new Map(batch.drops);
    if (when === undefined) {
      this.#stage.process(batch);
    } else if (passOver(batch, when)) {
      this.#stage.process(batch);
      takeBack(batch);
    }
    const { failures } = batch;
    if (failures.length > 0) {
      failedRecords.add(failures.length);
      if (onError === 'drop') for (const { record } of failures) batch.drop(record, 'on_error');
      failures.length = 0;
    }
    for (const [reason, records] of batch.drops) {
      const now = records - (dropped.get(reason) ?? 0);
      if (now > 0) this.#options.droppedRecords(reason).add(now);
    }
  }

  async close(): Promise<void> {
    await this.#stage.close?.();
  }
}

/** Marks the records that do not meet the condition, or for which it is undecided; whether any is left. */
function passOver(batch: RecordBatch, when: Judge): boolean {
  let isAnyLeft = false;
  for (let record = 0; record < batch.count; record++) {
    if (!batch.isLive(record)) continue;
    if (when(batch, record) === Verdict.True) isAnyLeft = true;
    else batch.flags[record]! |= RecordFlag.PassedOver;
  }
  if (!isAnyLeft) takeBack(batch);
  return isAnyLeft;
}

function takeBack({ flags, count }: RecordBatch): void {
  for (let record = 0; record < count; record++) flags[record]! &= ~RecordFlag.PassedOver;
}
