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
  /** Of these: with an attribute that is not among those to compare with. */
  readonly distinct: number;
}

/** Nothing to compare with. */
const NO_KEYS: ReadonlySet<number> = new Set();

/**
 * Counts what the stages made of a batch that none had seen before. `isRecognised`: whether a record shows its format.
 * `commonKeys`: attributes that show nothing, because whoever reads the records finds them.
 */
export function tallyOf(
  batch: RecordBatch,
  isRecognised?: Judge | undefined,
  commonKeys: ReadonlySet<number> = NO_KEYS,
): Tally {
  const tally = { records: 0, passed: 0, timed: 0, severe: 0, recognised: 0, distinct: 0 };
  for (let record = 0; record < batch.count; record++) {
    const isFailed = (batch.flags[record]! & RecordFlag.ParseFailed) !== 0;
    // What was dropped because it failed is a failure all the same.
    if (!isFailed && !batch.isLive(record)) continue;
    tally.records++;
    if (isFailed) continue;
    tally.passed++;
    if (hasTime(batch, record)) tally.timed++;
    if (batch.severityNumber[record] !== 0) tally.severe++;
    if (isRecognised !== undefined && isRecognised(batch, record) !== Verdict.True) continue;
    tally.recognised++;
    if (hasOtherKey(batch, record, commonKeys)) tally.distinct++;
  }
  return tally;
}

/** Whether the stages have left this record as one of their format, or dropped it on purpose. */
export function isFitting(batch: RecordBatch, record: number, needsTime: boolean, isRecognised?: Judge): boolean {
  if (batch.flags[record]! & RecordFlag.ParseFailed) return false;
  if (!batch.isLive(record)) return true;
  if (needsTime && !hasTime(batch, record)) return false;
  return isRecognised === undefined || isRecognised(batch, record) === Verdict.True;
}

/** The attributes of all records. */
export function keysOf({ count, firstAttribute, attributeNext, attributeKey }: RecordBatch): Set<number> {
  const keys = new Set<number>();
  for (let record = 0; record < count; record++) {
    for (let row = firstAttribute[record]!; row !== 0; row = attributeNext[row]!) keys.add(attributeKey[row]!);
  }
  return keys;
}

function hasTime({ time }: RecordBatch, record: number): boolean {
  return time[2 * record] !== 0 || time[2 * record + 1] !== 0;
}

function hasOtherKey(batch: RecordBatch, record: number, keys: ReadonlySet<number>): boolean {
  let row = batch.firstAttribute[record]!;
  while (row !== 0 && keys.has(batch.attributeKey[row]!)) row = batch.attributeNext[row]!;
  return row !== 0;
}
