import { Hasher } from '../../bytes/hasher.ts';
import type { Stage } from '../../core/contracts.ts';
import { NO_SPAN, type RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';

/** Of a number of 56 bits the upper 24 and the lower 32 are handled apart: doubles hold 53. */
const LOW_RANGE = 2 ** 32;
const RANGE = 2 ** 56;

/** What a stage is told. */
export interface SampleSettings {
  /** From 0 to 1. */
  readonly rate: number;
  /** The attribute that decides. */
  readonly byKey: number | undefined;
  /** The attribute that gets the rate. */
  readonly rateKey: number | undefined;
  readonly seed: number;
}

/**
 * Keeps a record when its randomness, 56 bits, is at least the threshold (1 - rate) · 2^56: the rule of OpenTelemetry's
 * consistent probability sampling, so whoever keeps less keeps a part of what others keep.
 */
export class SampleStage implements Stage {
  readonly #settings: SampleSettings;
  readonly #thresholdHigh: number;
  readonly #thresholdLow: number;
  readonly #rateText: Buffer;
  readonly #hasher = new Hasher();
  /** The randomness of the record that is decided on. */
  #high = 0;
  #low = 0;

  constructor(settings: SampleSettings) {
    const threshold = Math.round((1 - settings.rate) * RANGE);
    this.#settings = settings;
    this.#thresholdHigh = Math.floor(threshold / LOW_RANGE);
    this.#thresholdLow = threshold % LOW_RANGE;
    this.#rateText = Buffer.from(String(settings.rate));
  }

  process(batch: RecordBatch): void {
    this.#dropOthers(batch);
    if (this.#settings.rateKey !== undefined) this.#noteRate(batch, this.#settings.rateKey);
  }

  #dropOthers(batch: RecordBatch): void {
    const streamHash = this.#hashOfStream(batch);
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      this.#findRandomness(batch, record, streamHash);
      const isKept =
        this.#high > this.#thresholdHigh || (this.#high === this.#thresholdHigh && this.#low >= this.#thresholdLow);
      if (!isKept) batch.drop(record, 'sample');
    }
  }

  #hashOfStream(batch: RecordBatch): number {
    // The span is used here alone.
    const start = batch.appendText(batch.stream.id);
    const end = batch.byteLength;
    batch.byteLength = start;
    this.#hasher.start(this.#settings.seed);
    this.#hasher.addSpan(batch.view, start, end);
    this.#hasher.finish();
    return this.#hasher.low;
  }

  #findRandomness(batch: RecordBatch, record: number, streamHash: number): void {
    const { byKey, seed } = this.#settings;
    const row = byKey === undefined ? 0 : batch.find(record, byKey);
    if (row !== 0) {
      this.#hasher.start(seed);
      this.#hasher.addSpan(batch.view, batch.attributeStart[row]!, batch.attributeEnd[row]!);
    } else if (batch.traceId[record] !== NO_SPAN) {
      const last = batch.traceId[record]! + 12;
      this.#high = batch.view.getUint32(last - 4) & 0xffffff;
      this.#low = batch.view.getUint32(last);
      return;
    } else {
      const offset = batch.inputOffset + batch.inputStart[record]!;
      this.#hasher.start(streamHash);
      this.#hasher.addNumber(offset);
      this.#hasher.addNumber(Math.floor(offset / LOW_RANGE));
      this.#hasher.addSpan(batch.view, batch.bodyStart[record]!, batch.bodyEnd[record]!);
    }
    this.#hasher.finish();
    this.#high = this.#hasher.high >>> 8;
    this.#low = this.#hasher.low >>> 0;
  }

  #noteRate(batch: RecordBatch, key: number): void {
    const type = Number.isInteger(this.#settings.rate) ? ValueType.Int : ValueType.Double;
    const start = batch.appendBytes(this.#rateText, 0, this.#rateText.length);
    const end = batch.byteLength;
    for (let record = 0; record < batch.count; record++) {
      if (batch.isLive(record)) batch.setSpan(record, key, type, start, end);
    }
  }
}
