import { digitsEnd, digitsValue, MAX_FRACTION_DIGITS } from '../../bytes/digits.ts';
import { ParsedTime } from '../../bytes/parsed-time.ts';
import { setUnixNano } from '../../bytes/unix-nano.ts';
import type { Stage } from '../../core/contracts.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import type { ReadTime } from './time-reader.ts';

/**
 * Makes an attribute the time of its record. A value that cannot be read, or that is before 1970 or after 2554, stays
 * an attribute; its record is marked.
 */
export class TimestampStage implements Stage {
  readonly #key: number;
  readonly #keep: boolean;
  readonly #read: ReadTime;
  /** The key of the attribute with the nanoseconds of the second; -1: there is none. */
  readonly #nanosKey: number;
  readonly #time = new ParsedTime();

  constructor(key: number, keep: boolean, read: ReadTime, nanosKey = -1) {
    this.#key = key;
    this.#keep = keep;
    this.#read = read;
    this.#nanosKey = nanosKey;
  }

  process(batch: RecordBatch): void {
    for (let i = 0; i < batch.count; i++) {
      if (!batch.isLive(i)) continue;
      const row = batch.find(i, this.#key);
      if (row === 0 || batch.attributeType[row] === ValueType.Empty) continue;
      if (this.#setTime(batch, i, row)) {
        if (this.#keep) continue;
        batch.remove(i, this.#key);
        if (this.#nanosKey >= 0) batch.remove(i, this.#nanosKey);
      } else {
        batch.fail(i, 'no time of that format');
      }
    }
  }

  #setTime(batch: RecordBatch, record: number, row: number): boolean {
    if (batch.attributeType[row]! > ValueType.Double) return false;
    const time = this.#time;
    const start = batch.attributeStart[row]!;
    const end = batch.attributeEnd[row]!;
    if (!this.#read(batch, start, end, time)) return false;
    if (this.#nanosKey >= 0) time.nanos = this.#nanosOf(batch, record) ?? time.nanos;
    return setUnixNano(batch.time, record, time.seconds, time.nanos);
  }

  #nanosOf(batch: RecordBatch, record: number): number | undefined {
    const row = batch.find(record, this.#nanosKey);
    if (row === 0 || batch.attributeType[row] !== ValueType.Int) return undefined;
    const start = batch.attributeStart[row]!;
    const end = batch.attributeEnd[row]!;
    return end - start <= MAX_FRACTION_DIGITS && digitsEnd(batch.bytes, start, end) === end
      ? digitsValue(batch.bytes, start, end)
      : undefined;
  }
}
