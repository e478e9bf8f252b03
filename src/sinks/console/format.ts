import type { RecordBatch } from '../../core/record-batch.ts';

/** How records look on the console. */
export interface RecordFormat {
  /** The live records of `batch`, of which there is at least one, as whole lines without control characters. */
  render(batch: RecordBatch): string;
}
