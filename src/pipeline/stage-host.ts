import type { Judge } from '../condition/verdict.ts';
import type { Stage } from '../core/contracts.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import type { Counter } from '../telemetry/metrics.ts';
import { RecordChoice } from './record-choice.ts';

/**
 * What becomes of a record that a stage could not read: it goes on, marked `parse_failed`, or it is dropped; or that is
 * no error, because only some records have what the stage looks for.
 */
export type OnError = 'forward' | 'drop' | 'ignore';

export interface StageHostOptions {
  /** The stage passes over records that do not meet this; without it, over none. */
  readonly when?: Judge | undefined;
  readonly onError: OnError;
  /** Takes the records that are dropped because they could not be read, with the reason, while they are still there. */
  readonly setAside?: ((batch: RecordBatch, record: number, reason: string) => void) | undefined;
  /** Is told of a batch with failures, before they are gone from it. */
  readonly onFailures?: ((batch: RecordBatch) => void) | undefined;
  /** Counts the records that the stage could not read. */
  readonly failedRecords: Counter;
  /** Gives what counts the records that were dropped for a reason. */
  readonly droppedRecords: (reason: string) => Counter;
}

/** Runs a stage over the records that its condition chooses, and does what is wanted with those that it cannot read. */
export class StageHost implements Stage {
  readonly #stage: Stage;
  readonly #options: StageHostOptions;
  readonly #choice: RecordChoice | undefined;

  constructor(stage: Stage, options: StageHostOptions) {
    this.#stage = stage;
    this.#options = options;
    this.#choice = options.when === undefined ? undefined : new RecordChoice(options.when);
  }

  process(batch: RecordBatch): void {
    if (this.#choice?.mayHoldIn(batch) === false) return;
    const { onError } = this.#options;
    const dropped = new Map(batch.drops);
    if (this.#choice === undefined || this.#choice.hide(batch)) this.#stage.process(batch);
    this.#choice?.show(batch);
    if (batch.failures.length > 0) {
      if (onError === 'ignore') batch.unmarkFailures();
      else this.#settle(batch);
      batch.clearFailures();
    }
    for (const [reason, records] of batch.drops) {
      const now = records - (dropped.get(reason) ?? 0);
      if (now > 0) this.#options.droppedRecords(reason).add(now);
    }
  }

  #settle(batch: RecordBatch): void {
    const { onError, setAside, onFailures, failedRecords } = this.#options;
    failedRecords.add(batch.failures.length);
    onFailures?.(batch);
    if (onError !== 'drop') return;
    for (const { record, reason } of batch.failures) {
      if (setAside !== undefined && batch.isLive(record)) setAside(batch, record, reason);
      batch.drop(record, 'on_error');
    }
  }

  async close(): Promise<void> {
    await this.#stage.close?.();
  }
}
