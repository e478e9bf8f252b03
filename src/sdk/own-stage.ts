import type { StageContext } from '../component/definition.ts';
import type { Stage } from '../core/contracts.ts';
import { messageOf } from '../core/errors.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { BatchRecordView } from './batch-record-view.ts';
import type { RecordView } from './record-view.ts';

/** What a stage does to one record. It is called with one record after another, and returns before the next. */
export type ProcessRecord = (record: RecordView) => void;

const REPORT_INTERVAL_MS = 60_000;
/** How long a batch may take: nothing else runs meanwhile. The records that are left then go on as not read. */
const BATCH_BUDGET_MS = 1000;
/** The clock is asked for each group of so many records. */
const RECORDS_PER_LOOK = 16;
/** Reasons beyond these are counted as `other`: a stage that makes them of values would make series without end. */
const MAX_REASONS = 20;

/**
 * Runs a user's function over each record. What it throws fails that record, which keeps the changes that were made
 * before; it is counted, and told in the log at once, then at most once a minute. So does what a batch has no time for.
 */
export class OwnStage implements Stage {
  readonly #type: string;
  readonly #process: ProcessRecord;
  readonly #context: StageContext;
  readonly #view: BatchRecordView;
  readonly #reasons = new Set<string>();
  #unreported = 0;
  #nextReportMs = Number.NEGATIVE_INFINITY;

  constructor(type: string, process: ProcessRecord, context: StageContext) {
    this.#type = type;
    this.#process = process;
    this.#context = context;
    this.#view = new BatchRecordView(type);
  }

  process(batch: RecordBatch): void {
    const { clock } = this.#context;
    const endMs = clock.nowMs() + BATCH_BUDGET_MS;
    let failed = 0;
    let lastError: unknown;
    let isLate = false;
    for (let i = 0; i < batch.count; i++) {
      if (!batch.isLive(i)) continue;
      if (!isLate && i % RECORDS_PER_LOOK === 0 && clock.nowMs() > endMs) {
        isLate = true;
        lastError = new Error(`it took more than ${BATCH_BUDGET_MS} ms for a batch`);
      }
      if (isLate) {
        batch.fail(i, 'the stage took too long');
        failed++;
        continue;
      }
      this.#view.show(batch, i);
      try {
        refusePromise(this.#process(this.#view));
      } catch (error) {
        batch.fail(i, messageOf(error));
        failed++;
        lastError = error;
        continue;
      }
      if (this.#view.dropReason !== undefined) this.#drop(batch, i, this.#view.dropReason);
    }
    this.#view.hide();
    if (failed > 0) this.#report(failed, lastError);
  }

  #drop(batch: RecordBatch, record: number, reason: string): void {
    batch.drop(record);
    if (this.#reasons.size < MAX_REASONS) this.#reasons.add(reason);
    const cause = this.#reasons.has(reason) ? reason : 'other';
    const { name, metrics } = this.#context;
    const labels = { stage: name, type: this.#type, cause };
    metrics.counter('pillion_own_stage_dropped_records_total', labels).add(1);
  }

  #report(failed: number, error: unknown): void {
    const { name, clock, logger } = this.#context;
    this.#unreported += failed;
    if (clock.nowMs() < this.#nextReportMs) return;
    logger.warn(
      {
        stage: name,
        type: this.#type,
        failed_records: this.#unreported,
        error: messageOf(error),
        stack: stackOf(error),
      },
      'A stage of your own failed; its records count as not read.',
    );
    this.#unreported = 0;
    this.#nextReportMs = clock.nowMs() + REPORT_INTERVAL_MS;
  }
}

/** Throws when the function was asynchronous: the view would be used when it shows another record. */
function refusePromise(returned: unknown): void {
  if (!(returned instanceof Promise)) return;
  returned.catch(() => undefined);
  throw new TypeError('Cannot wait for the stage: it returned a promise, but stages are synchronous');
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
