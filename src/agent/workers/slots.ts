import type { PackedBatch, RecordBatch } from '../../core/record-batch.ts';
import { resolvedOrStopped } from '../../pipeline/ways.ts';

/** What a large batch of lines that are not very short takes; a larger one has its slot grow. */
const SLOT_BYTES = 768 * 1024;

/** Memory that a batch goes to another thread in. */
export class Slot {
  readonly number: number;
  #memory: SharedArrayBuffer | undefined;
  #bytes: Buffer<SharedArrayBuffer> | undefined;

  constructor(number: number) {
    this.number = number;
  }

  /** Copies a batch into the slot; gives the memory where the other thread does not know it. */
  fill(batch: RecordBatch): { readonly packed: PackedBatch; readonly memory?: SharedArrayBuffer } {
    const length = batch.packedBytes;
    if (this.#bytes !== undefined && this.#bytes.length >= length) return { packed: batch.pack(this.#bytes) };
    this.#memory = new SharedArrayBuffer(Math.max(length, SLOT_BYTES));
    this.#bytes = Buffer.from(this.#memory);
    return { packed: batch.pack(this.#bytes), memory: this.#memory };
  }
}

/** The slots of an output: their number is what bounds the batches in its worker. */
export class Slots {
  readonly #all: readonly Slot[];
  readonly #free: Slot[];
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(count: number) {
    this.#all = Array.from({ length: count }, (_, index) => new Slot(index));
    this.#free = [...this.#all];
  }

  get isFree(): boolean {
    return this.#free.length > 0;
  }

  /** Takes one, as soon as there is one; rejects with the reason of the signal when that aborts first. */
  async take(signal: AbortSignal): Promise<Slot> {
    for (;;) {
      signal.throwIfAborted();
      const slot = this.#free.pop();
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
}
