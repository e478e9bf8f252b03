import { Hasher } from '../../bytes/hasher.ts';
import type { Clock } from '../../core/clock.ts';
import type { Stage } from '../../core/contracts.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import type { SeenRecords } from './seen-records.ts';

/** What a stage is told. */
export interface DedupeSettings {
  readonly seen: SeenRecords;
  /** What is compared. */
  readonly hasBody: boolean;
  readonly hasSeverity: boolean;
  readonly keys: readonly number[];
  /** The attribute that tells how many were dropped. */
  readonly repeatsKey: number;
  readonly clock: Clock;
}

/**
 * Keeps the first of equal records in a window, and drops the others.
 *
 * ```
 *  batch 1   A A A B        keeps A (repeated 2: these are of the same batch, so it can still be told) and B
 *  batch 2   A A            drops both: the record that could tell is gone
 *  batch 3   A              the window is over: keeps A (repeated 2)
 * ```
 * So each dropped record is told of by one kept record, but for those after which no equal one came, and those whose
 * content was forgotten for want of room.
 */
export class DedupeStage implements Stage {
  readonly #settings: DedupeSettings;
  readonly #hasher = new Hasher();
  #batchNumber = 0;
  /** By record of the batch: of how many it tells. */
  #repeats = new Uint32Array(1024);

  constructor(settings: DedupeSettings) {
    this.#settings = settings;
  }

  process(batch: RecordBatch): void {
    this.#batchNumber++;
    if (this.#repeats.length < batch.count) this.#repeats = new Uint32Array(2 * batch.count);
    else this.#repeats.fill(0, 0, batch.count);
    this.#dropRepeats(batch, this.#settings.clock.nowMs());
    this.#noteRepeats(batch);
  }

  #dropRepeats(batch: RecordBatch, nowMs: number): void {
    const { seen } = this.#settings;
    const streamHash = this.#hashOfStream(batch);
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      this.#hash(batch, record, streamHash);
      const place = seen.placeOf(this.#hasher.low, this.#hasher.high);
      if (seen.isRepeat(place, nowMs)) {
        batch.drop(record, 'dedupe');
        if (seen.batches[place] === this.#batchNumber) this.#repeats[seen.records[place]!]!++;
        else seen.repeats[place]!++;
        continue;
      }
      this.#repeats[record] = seen.repeats[place]!;
      seen.repeats[place] = 0;
      seen.batches[place] = this.#batchNumber;
      seen.records[place] = record;
      seen.keep(place, nowMs);
    }
  }

  #noteRepeats(batch: RecordBatch): void {
    for (let record = 0; record < batch.count; record++) {
      const repeats = this.#repeats[record]!;
      if (repeats === 0) continue;
      const start = batch.appendText(String(repeats));
      batch.setSpan(record, this.#settings.repeatsKey, ValueType.Int, start, batch.byteLength);
    }
  }

  #hashOfStream(batch: RecordBatch): number {
    // The span is used here alone.
    const start = batch.appendText(batch.stream.id);
    const end = batch.byteLength;
    batch.byteLength = start;
    this.#hasher.start(0);
    this.#hasher.addSpan(batch.view, start, end);
    this.#hasher.finish();
    return this.#hasher.low;
  }

  #hash(batch: RecordBatch, record: number, streamHash: number): void {
    const { hasBody, hasSeverity, keys } = this.#settings;
    const hasher = this.#hasher;
    const { view } = batch;
    hasher.start(streamHash);
    if (hasBody) {
      hasher.addNumber(batch.bodyType[record]!);
      hasher.addSpan(view, batch.bodyStart[record]!, batch.bodyEnd[record]!);
    }
    if (hasSeverity) {
      hasher.addNumber(batch.severityNumber[record]!);
      hasher.addSpan(view, batch.severityStart[record]!, batch.severityEnd[record]!);
    }
    for (const key of keys) {
      const row = batch.find(record, key);
      hasher.addNumber(row === 0 ? -1 : batch.attributeType[row]!);
      if (row !== 0) hasher.addSpan(view, batch.attributeStart[row]!, batch.attributeEnd[row]!);
    }
    hasher.finish();
  }
}
