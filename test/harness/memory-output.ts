import type { Output } from '../../src/core/contracts.ts';
import { KeyTable } from '../../src/core/key-table.ts';
import type { Lease, Outcome } from '../../src/core/lease.ts';
import { RecordBatch } from '../../src/core/record-batch.ts';
import type { Stream } from '../../src/core/stream.ts';
import { OBSERVED_UNIX_MS, type PlainRecord, plainRecord } from './batch.ts';

interface Waiter {
  readonly resolve: (batch: RecordBatch) => void;
  readonly stream: Stream;
}

/** An output with a few batches, that keeps what is sent as plain objects. */
export class MemoryOutput implements Output {
  readonly records: PlainRecord[] = [];
  /** How many records each batch had that was sent. */
  readonly batchSizes: number[] = [];
  readonly streams: Stream[] = [];
  /** While true, batches that are sent do not come back, as behind a sink that is full. */
  isHeld = false;
  readonly #free: RecordBatch[];
  readonly #waiters: Waiter[] = [];
  readonly #held: { batch: RecordBatch; lease: Lease }[] = [];
  readonly #changes: (() => void)[] = [];

  constructor(batches = 2, keys = new KeyTable()) {
    this.#free = Array.from({ length: batches }, () => new RecordBatch(keys));
  }

  get bodies(): unknown[] {
    return this.records.map(({ body }) => body);
  }

  /** How many batches could be rented now. */
  get freeBatches(): number {
    return this.#free.length;
  }

  /** How many callers wait for a batch. */
  get waiting(): number {
    return this.#waiters.length;
  }

  rent(stream: Stream, signal: AbortSignal): Promise<RecordBatch> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const free = this.#free.pop();
    if (free !== undefined) return Promise.resolve(reset(free, stream));
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { resolve, stream };
      this.#waiters.push(waiter);
      const abort = (): void => {
        const index = this.#waiters.indexOf(waiter);
        if (index >= 0) this.#waiters.splice(index, 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#changed();
    });
  }

  send(batch: RecordBatch, lease: Lease): void {
    if (batch.count === 0) throw new Error('Cannot send batch: it holds no record');
    this.batchSizes.push(batch.count);
    this.streams.push(batch.stream);
    for (let record = 0; record < batch.count; record++) this.records.push(plainRecord(batch, record));
    this.#held.push({ batch, lease });
    if (!this.isHeld) this.release();
    this.#changed();
  }

  giveBack(batch: RecordBatch): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#free.push(batch);
    else waiter.resolve(reset(batch, waiter.stream));
  }

  /** Settles everything that was sent and gives the batches back. */
  release(outcome: Outcome = 'delivered'): void {
    for (const { batch, lease } of this.#held.splice(0)) {
      lease.settle(outcome);
      this.giveBack(batch);
    }
  }

  /** Resolves when `condition` holds; it is looked at after every send and wait. */
  async until(condition: (output: this) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>((resolve) => this.#changes.push(resolve));
  }

  #changed(): void {
    for (const resolve of this.#changes.splice(0)) resolve();
  }
}

function reset(batch: RecordBatch, stream: Stream): RecordBatch {
  batch.reset(stream, OBSERVED_UNIX_MS);
  return batch;
}
