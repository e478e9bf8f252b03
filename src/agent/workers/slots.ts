import type { KeyTable } from '../../core/key-table.ts';
import { type PackedBatch, RecordBatch } from '../../core/record-batch.ts';
import { LARGE_BATCH_BYTES } from '../../pipeline/spread-output.ts';
import { resolvedOrStopped } from '../../pipeline/ways.ts';

/** A large batch, and what stages append to it. */
const ARENA_BYTES = LARGE_BATCH_BYTES + 384 * 1024;

/** What the columns of a large batch take, of lines that are not very short; more of them have it grow. */
const COLUMNS_BYTES = 512 * 1024;

/** Memory that another thread is told of, because it has not seen it yet. */
export interface ToldMemory {
  readonly arena?: SharedArrayBuffer;
  readonly columns?: SharedArrayBuffer;
}

/** A batch whose arena another thread sees, too. It is filled here, sent there, and not touched until it comes back. */
export class Slot {
  readonly number: number;
  readonly batch: RecordBatch;
  #arena: SharedArrayBuffer | undefined;
  #columns = new SharedArrayBuffer(0);
  #isArenaTold = false;

  constructor(number: number, keys: KeyTable) {
    this.number = number;
    this.batch = new RecordBatch(keys, ARENA_BYTES, (bytes) => this.#allocate(bytes));
  }

  /** Packs the batch, with what memory the other thread does not know. */
  pack(): { readonly packed: PackedBatch; readonly memory: ToldMemory } {
    const { packedBytes } = this.batch;
    const isNew = this.#columns.byteLength < packedBytes;
    if (isNew) this.#columns = new SharedArrayBuffer(Math.max(2 * packedBytes, COLUMNS_BYTES));
    const arena = this.#isArenaTold ? undefined : this.#arena;
    this.#isArenaTold = true;
    return {
      packed: this.batch.pack(Buffer.from(this.#columns)),
      memory: { ...(arena !== undefined && { arena }), ...(isNew && { columns: this.#columns }) },
    };
  }

  #allocate(bytes: number): Buffer {
    this.#arena = new SharedArrayBuffer(bytes);
    this.#isArenaTold = false;
    return Buffer.from(this.#arena);
  }
}

/** The slots of an output: their number is what bounds the batches in its worker. Each is made when it is first needed. */
export class Slots {
  readonly #keys: KeyTable;
  readonly #count: number;
  readonly #all: Slot[] = [];
  readonly #free: Slot[] = [];
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(count: number, keys: KeyTable) {
    this.#count = count;
    this.#keys = keys;
  }

  get isFree(): boolean {
    return this.#free.length > 0 || this.#all.length < this.#count;
  }

  /** Takes one, as soon as there is one; rejects with the reason of the signal when that aborts first. */
  async take(signal: AbortSignal): Promise<Slot> {
    for (;;) {
      signal.throwIfAborted();
      const slot = this.#free.pop() ?? this.#make();
      if (slot !== undefined) return slot;
      this.#waiting ??= Promise.withResolvers<void>();
      await resolvedOrStopped(this.#waiting.promise, signal);
    }
  }

  giveBack(number: number): void {
    this.#free.push(this.#all[number]!);
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  #make(): Slot | undefined {
    if (this.#all.length === this.#count) return undefined;
    const slot = new Slot(this.#all.length, this.#keys);
    this.#all.push(slot);
    return slot;
  }
}
