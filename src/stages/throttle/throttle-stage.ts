import { Hasher } from '../../bytes/hasher.ts';
import type { Clock } from '../../core/clock.ts';
import type { Stage } from '../../core/contracts.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import type { TokenBuckets } from './token-buckets.ts';

/** What a stage is told. */
export interface ThrottleSettings {
  readonly buckets: TokenBuckets;
  /** The attribute whose values are told apart; undefined: streams are. */
  readonly key: number | undefined;
  /** Whether records beyond the rate pass, and what is read behind them waits; otherwise they are dropped. */
  readonly waits: boolean;
  readonly clock: Clock;
}

/** Drops the records for which no token is left, or lets them pass on credit and has the source wait. */
export class ThrottleStage implements Stage {
  readonly #settings: ThrottleSettings;
  readonly #hasher = new Hasher();

  constructor(settings: ThrottleSettings) {
    this.#settings = settings;
  }

  process(batch: RecordBatch): void {
    const nowMs = this.#settings.clock.nowMs();
    if (this.#settings.key === undefined) this.#throttleStream(batch, nowMs);
    else this.#throttleValues(batch, this.#settings.key, nowMs);
  }

  #throttleStream(batch: RecordBatch, nowMs: number): void {
    // Once a batch, all of whose records are of one stream; the span is not used.
    const start = batch.appendText(batch.stream.id);
    const end = batch.byteLength;
    batch.byteLength = start;
    this.#hasher.start(0);
    this.#hasher.addSpan(batch.view, start, end);
    this.#hasher.finish();
    const { low, high } = this.#hasher;
    for (let record = 0; record < batch.count; record++) {
      if (batch.isLive(record)) this.#count(batch, record, low, high, nowMs);
    }
  }

  #throttleValues(batch: RecordBatch, key: number, nowMs: number): void {
    const hasher = this.#hasher;
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      const row = batch.find(record, key);
      hasher.start(row === 0 ? 0 : 1);
      if (row !== 0) hasher.addSpan(batch.view, batch.attributeStart[row]!, batch.attributeEnd[row]!);
      hasher.finish();
      this.#count(batch, record, hasher.low, hasher.high, nowMs);
    }
  }

  #count(batch: RecordBatch, record: number, low: number, high: number, nowMs: number): void {
    const { buckets, waits } = this.#settings;
    if (waits) batch.askPause(buckets.borrow(low, high, nowMs));
    else if (!buckets.take(low, high, nowMs)) batch.drop(record, 'rate_limit');
  }
}
