import { ParsedTime } from '../../bytes/parsed-time.ts';
import { setUnixNano } from '../../bytes/unix-nano.ts';
import type { Stage } from '../../core/contracts.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import type { Counter } from '../../telemetry/metrics.ts';
import type { ReadTime } from './time-reader.ts';

/**
 * Makes an attribute the time of its record. A value that cannot be read, or that is before 1970 or after 2554, stays
 * an attribute; its record is marked and counted.
 */
export class TimestampStage implements Stage {
  readonly #key: number;
  readonly #keep: boolean;
  readonly #read: ReadTime;
  readonly #failedRecords: Counter;
  readonly #time = new ParsedTime();

  constructor(key: number, keep: boolean, read: ReadTime, failedRecords: Counter) {
    this.#key = key;
    this.#keep = keep;
    this.#read = read;
    this.#failedRecords = failedRecords;
  }

  process(batch: RecordBatch): void {
    const failed = this.#processAll(batch);
    if (failed > 0) this.#failedRecords.add(failed);
  }

  /** The loop, in a function of its own, as in `JsonStage`: code behind it would end its optimized form at each batch. */
  #processAll(batch: RecordBatch): number {
    let failed = 0;
    for (let i = 0; i < batch.count; i++) {
      if (!batch.isLive(i)) continue;
      const row = batch.find(i, this.#key);
      if (row === 0 || batch.attributeType[row] === ValueType.Empty) continue;
      if (this.#setTime(batch, i, row)) {
        if (!this.#keep) batch.remove(i, this.#key);
      } else {
        batch.fail(i);
        failed++;
      }
    }
    return failed;
  }

  #setTime(batch: RecordBatch, record: number, row: number): boolean {
    if (batch.attributeType[row]! > ValueType.Double) return false;
    const time = this.#time;
    const start = batch.attributeStart[row]!;
    const end = batch.attributeEnd[row]!;
    return (
      this.#read(batch.bytes, start, end, batch.observedUnixMs, time) &&
      setUnixNano(batch.time, record, time.seconds, time.nanos)
    );
  }
}
