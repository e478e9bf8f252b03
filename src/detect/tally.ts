import { type Judge, Verdict } from '../condition/verdict.ts';
import { type RecordBatch, RecordFlag } from '../core/record-batch.ts';

/** What became of the records of a sample. Those that the stages dropped on purpose are in none of the numbers. */
export interface Tally {
  readonly records: number;
  /** Read by every stage without failure. */
  readonly passed: number;
  /** Of these: with a time. */
  readonly timed: number;
  /** Of these: with a severity. */
  readonly severe: number;
  /** Of these: the condition by which the format is known holds; without one, all of them. */
  readonly recognised: number;
}

/** Counts what the stages made of a batch that none had seen before. */
export function tallyOf(batch: RecordBatch, isRecognised: Judge | undefined): Tally {
  let [records, passed, timed, severe, recognised] = [0, 0, 0, 0, 0];
  for (let record = 0; record < batch.count; record++) {
    const isFailed = (batch.flags[record]! & RecordFlag.ParseFailed) !== 0;
    // What was dropped because it failed is a failure all the same.
    if (!isFailed && !batch.isLive(record)) continue;
    records++;
    if (isFailed) continue;
    passed++;
    if (batch.time[2 * record] !== 0 || batch.time[2 * record + 1] !== 0) timed++;
    if (batch.severityNumber[record] !== 0) severe++;
    if (isRecognised === undefined || isRecognised(batch, record) === Verdict.True) recognised++;
  }
  return { records, passed, timed, severe, recognised };
}

/** Whether the stages have left this record as one of their format, or dropped it on purpose. */
export function isFitting(batch: RecordBatch, record: number, needsTime: boolean, isRecognised?: Judge): boolean {
  if (batch.flags[record]! & RecordFlag.ParseFailed) return false;
  if (!batch.isLive(record)) return true;
  if (needsTime && batch.time[2 * record] === 0 && batch.time[2 * record + 1] === 0) return false;
  return isRecognised === undefined || isRecognised(batch, record) === Verdict.True;
}
