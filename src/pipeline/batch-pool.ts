import type { KeyTable } from '../core/key-table.ts';
import { RecordBatch } from '../core/record-batch.ts';
import type { Stream } from '../core/stream.ts';

/** A slice of 256 KiB and what stages append to it; a batch that once grew beyond four times this gives it back. */
const BATCH_BYTES = 384 * 1024;

interface Waiter {
  readonly resolve: (batch: RecordBatch) => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: AbortSignal;
  readonly onAbort: () => void;
}

/**
 * A few batches that go round: their number is what bounds the records in memory. When all are out, `rent()` waits, and
 * with it the reading. Waiters are served in the order in which they came.
 */
export class BatchPool {
  readonly #free: RecordBatch[] = [];
  readonly #waiters: Waiter[] = [];
  readonly #keys: KeyTable;
  readonly #unixMs: () => number;
  /** What is done with batches that are not of this pool when they are given back. */
  readonly #guests = new Map<RecordBatch, () => void>();
  #unmade: number;

  /** A pool of `size` batches; each is made when it is first needed. */
  constructor(size: number, keys: KeyTable, unixMs: () => number) {
    this.#unmade = size;
    this.#keys = keys;
    this.#unixMs = unixMs;
  }

  /** Resolves with an empty batch of `stream`; rejects with the signal's reason when that aborts first. */
  async rent(stream: Stream, signal: AbortSignal): Promise<RecordBatch> {
    signal.throwIfAborted();
    const batch = this.#take() ?? (await this.#wait(signal));
    batch.reset(stream, this.#unixMs());
    return batch;
  }

  /** Whether `rent()` would not wait. */
  get isFree(): boolean {
    return this.#free.length > 0 || this.#unmade > 0;
  }

  /** Expects a batch that is not of this pool, and calls `onBack` when it is given back. */
  expect(batch: RecordBatch, onBack: () => void): void {
    this.#guests.set(batch, onBack);
  }

  giveBack(batch: RecordBatch): void {
    const onBack = this.#guests.get(batch);
    if (onBack !== undefined) {
      this.#guests.delete(batch);
      onBack();
      return;
    }
    const waiter = this.#waiters.shift();
    if (waiter === undefined) {
      this.#free.push(batch);
      return;
    }
    waiter.signal.removeEventListener('abort', waiter.onAbort);
    waiter.resolve(batch);
  }

  #take(): RecordBatch | undefined {
    const batch = this.#free.pop();
    if (batch !== undefined || this.#unmade === 0) return batch;
    this.#unmade--;
    return new RecordBatch(this.#keys, BATCH_BYTES);
  }

  #wait(signal: AbortSignal): Promise<RecordBatch> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(signal.reason);
      };
      const waiter: Waiter = { resolve, reject, signal, onAbort };
      this.#waiters.push(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
