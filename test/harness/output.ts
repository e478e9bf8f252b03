import type { Output } from '../../src/core/contracts.ts';
import { KeyTable } from '../../src/core/key-table.ts';
import type { Lease, Outcome } from '../../src/core/lease.ts';
import { RecordBatch } from '../../src/core/record-batch.ts';
import type { Stream } from '../../src/core/stream.ts';
import { OBSERVED_UNIX_MS, type PlainRecord, plainRecord } from './batch.ts';

/** A record that was sent, with the stream it came from. */
export interface SentRecord extends PlainRecord {
  readonly body: string;
  readonly stream: Stream;
}

/** How a `MemoryOutput` treats what is sent. */
export interface MemoryOutputOptions {
  readonly keys?: KeyTable;
  /** How many batches there are. */
  readonly poolSize?: number;
  /** `at_once`: each lease is settled as delivered; `held`: the test settles them. */
  readonly leases?: 'at_once' | 'held';
}

/** An output that keeps all records as plain objects, with a pool of a few batches. */
export class MemoryOutput implements Output {
  readonly records: SentRecord[] = [];
  /** The same, by batch. */
  readonly batches: SentRecord[][] = [];
  /** What lay behind each batch. */
  readonly bytesBehind: number[] = [];
  /** Leases that the test has to settle, in the order in which they were sent. */
  readonly leases: Lease[] = [];
  /** While true, batches that were sent stay out: the sinks are full. */
  isFull = false;
  largeBatchBytes: number | undefined;
  /** How leases are settled at once; a rejected one is counted, too. */
  outcome: Outcome = 'delivered';
  readonly #options: Required<MemoryOutputOptions>;
  readonly #free: RecordBatch[];
  readonly #kept: RecordBatch[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor({ keys = new KeyTable(), poolSize = 2, leases = 'at_once' }: MemoryOutputOptions = {}) {
    this.#options = { keys, poolSize, leases };
    this.#free = Array.from({ length: poolSize }, () => new RecordBatch(keys, 4096));
  }

  /** The bodies of the records, in the order in which they were sent. */
  get bodies(): string[] {
    return this.records.map(({ body }) => body);
  }

  /** How many batches were sent. */
  get sent(): number {
    return this.batches.length;
  }

  /** How many batches are not out. */
  get free(): number {
    return this.#free.length;
  }

  async rent(stream: Stream, signal: AbortSignal): Promise<RecordBatch> {
    for (;;) {
      signal.throwIfAborted();
      const batch = this.#free.pop();
      if (batch !== undefined) {
        batch.reset(stream, OBSERVED_UNIX_MS);
        return batch;
      }
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  send(batch: RecordBatch, lease: Lease): void {
    const records = Array.from({ length: batch.count }, (_, record): SentRecord => {
      const plain = plainRecord(batch, record);
      return { ...plain, body: String(plain.body), stream: batch.stream };
    });
    this.batches.push(records);
    this.bytesBehind.push(batch.bytesBehind);
    this.records.push(...records);
    if (this.outcome === 'rejected') lease.count('rejected', batch.count, 'bad_data');
    if (this.#options.leases === 'held') this.leases.push(lease);
    else lease.settle(this.outcome);
    if (this.isFull) this.#kept.push(batch);
    else this.giveBack(batch);
  }

  giveBack(batch: RecordBatch): void {
    this.#free.push(batch);
    this.#waiting.shift()?.();
  }

  /** The sinks take again. */
  empty(): void {
    this.isFull = false;
    for (const batch of this.#kept.splice(0)) this.giveBack(batch);
  }
}
