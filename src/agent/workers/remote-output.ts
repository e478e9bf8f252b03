import type { KeyTable } from '../../core/key-table.ts';
import type { Lease, Outcome } from '../../core/lease.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import type { Stream } from '../../core/stream.ts';
import type { BatchLane, UseOptions } from '../../pipeline/batch-output.ts';
import type { BatchPool } from '../../pipeline/batch-pool.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import { abandonUnseen, openNext, openWays, resolvedOrStopped, type Ways } from '../../pipeline/ways.ts';
import type { RemoteWays } from './messages.ts';
import type { ResourceIds } from './resource-ids.ts';
import { type Slot, Slots } from './slots.ts';
import type { SlotOwner, WorkerLink } from './worker-link.ts';

interface Sent {
  readonly batch: RecordBatch;
  readonly slot: Slot;
  readonly lease: Lease;
  readonly ways: Ways;
  /** What the worker has to be told of these ways; undefined: they cannot be taken there. */
  readonly remote: RemoteWays | undefined;
}

/** What a `RemoteOutput` works with. */
export interface RemoteOutputOptions {
  readonly link: WorkerLink;
  /** The pool of `here`. */
  readonly pool: BatchPool;
  readonly unixMs: () => number;
  /** How many batches the worker may have. */
  readonly slots: number;
  readonly keys: KeyTable;
  readonly resources: ResourceIds;
  /** Takes what was rented here when the ways became others, which cannot be taken in a worker. */
  readonly here: BatchLane;
  /** Gives up waiting for sinks. */
  readonly stop: AbortSignal;
  readonly abandoned: { add(records: number): void };
  readonly onSend: (bytes: number, bytesBehind: number) => void;
  /** What the pipelines are called in a worker; undefined: they are not there. */
  readonly waysOf: (pipelines: readonly Pipeline[]) => Omit<RemoteWays, 'output'> | undefined;
}

/**
 * Takes the batches of one source to a worker, which takes them through the same pipelines there. They are filled in
 * memory that both threads see, and their columns copied into it: a batch that was transferred would have V8 look, at each
 * access to any of them, whether its memory is still there.
 */
export class RemoteOutput implements BatchLane, SlotOwner {
  readonly #options: RemoteOutputOptions;
  readonly #output: number;
  #ways: Ways;
  #remote: RemoteWays | undefined;
  /** The ways that the worker was told last. */
  #told: RemoteWays | undefined;
  readonly #slots: Slots;
  readonly #slotOf = new Map<RecordBatch, Slot>();
  readonly #queue: Sent[] = [];
  #isWaiting = false;
  /** How many batches the worker has. */
  #away = 0;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(pipelines: readonly Pipeline[], options: RemoteOutputOptions) {
    this.#options = options;
    this.#output = options.link.openOutput(this);
    this.#slots = new Slots(options.slots, options.keys);
    this.#ways = openWays(pipelines, undefined);
    this.#remote = this.#remoteOf(pipelines);
    options.stop.addEventListener('abort', this.#onStop, { once: true });
  }

  async rent(stream: Stream, signal: AbortSignal): Promise<RecordBatch> {
    const slot = await this.#slots.take(signal);
    slot.batch.reset(stream, this.#options.unixMs());
    this.#slotOf.set(slot.batch, slot);
    return slot.batch;
  }

  get isFree(): boolean {
    return this.#slots.isFree;
  }

  giveBack(batch: RecordBatch): void {
    this.#slots.giveBack(this.#slotOfRented(batch).number);
  }

  get pipelines(): readonly Pipeline[] {
    return this.#ways.pipelines;
  }

  get settled(): Promise<Outcome> {
    return this.#ways.settled;
  }

  use(pipelines: readonly Pipeline[], options: UseOptions): Promise<Outcome> {
    const before = this.#ways;
    this.#remote = this.#remoteOf(pipelines);
    // What goes elsewhere must not overtake what is on its way here.
    this.#ways = openNext(before, pipelines, this.#remote === undefined ? { ...options, afterOthers: true } : options);
    return before.settled;
  }

  send(batch: RecordBatch, lease: Lease): void {
    const ways = this.#ways;
    this.#options.onSend(batch.byteLength, batch.bytesBehind);
    lease.carry(ways.taken);
    this.#queue.push({ batch, slot: this.#slotOfRented(batch), lease, ways, remote: this.#remote });
    this.#dispatch();
  }

  hurry(): void {
    this.#options.link.post({ kind: 'hurry', output: this.#output });
  }

  idle(): Promise<void> {
    if (this.#isIdle) return Promise.resolve();
    this.#idle ??= Promise.withResolvers<void>();
    return this.#idle.promise;
  }

  close(): void {
    this.#options.stop.removeEventListener('abort', this.#onStop);
    this.#options.link.closeOutput(this.#output);
  }

  onReturned(slot: number): void {
    this.#away--;
    this.#slots.giveBack(slot);
    this.#dispatch();
  }

  onLost(): void {
    this.#away = 0;
    this.#dispatch();
  }

  get #isIdle(): boolean {
    return this.#queue.length === 0 && this.#away === 0;
  }

  readonly #onStop = (): void => {
    this.#options.link.post({ kind: 'abandon', output: this.#output });
  };

  #remoteOf(pipelines: readonly Pipeline[]): RemoteWays | undefined {
    const ways = this.#options.waysOf(pipelines);
    return ways && { ...ways, output: this.#output };
  }

  #slotOfRented(batch: RecordBatch): Slot {
    const slot = this.#slotOf.get(batch);
    if (slot === undefined) throw new Error('Cannot send batch: it was not rented here');
    this.#slotOf.delete(batch);
    return slot;
  }

  /** Sends what need not wait, in order. */
  #dispatch(): void {
    const { stop, abandoned, pool, here } = this.#options;
    while (!this.#isWaiting) {
      const sent = this.#queue[0];
      if (sent === undefined) break;
      const { opening } = sent.ways;
      if (opening !== undefined && !stop.aborted) {
        this.#isWaiting = true;
        void resolvedOrStopped(opening, stop).then(() => {
          this.#isWaiting = false;
          this.#dispatch();
        });
        return;
      }
      this.#queue.shift();
      if (opening === undefined && sent.remote !== undefined) {
        this.#lend(sent, sent.remote);
      } else if (opening === undefined) {
        pool.expect(sent.batch, () => this.#slots.giveBack(sent.slot.number));
        here.send(sent.batch, sent.lease);
      } else {
        abandonUnseen(sent.batch, sent.lease, sent.ways.pipelines, abandoned);
        this.#slots.giveBack(sent.slot.number);
      }
    }
    if (this.#isIdle) this.#idle?.resolve();
    if (this.#isIdle) this.#idle = undefined;
  }

  #lend({ batch, slot, lease, ways }: Sent, remote: RemoteWays): void {
    const { link, keys, resources, stop } = this.#options;
    if (this.#told !== remote) {
      link.post({ kind: 'use', ways: remote });
      // A worker that had not heard of the output could not be told before.
      if (stop.aborted) this.#onStop();
    }
    this.#told = remote;
    const { id, name, pipeline, resource } = batch.stream;
    const routes = ways.pipelines.flatMap(({ ends }) => ends.map(({ route }) => route));
    const told: string[] = [];
    while (link.keysTold < keys.count) told.push(keys.text(link.keysTold++));
    this.#away++;
    link.post({
      kind: 'batch',
      sent: {
        output: this.#output,
        lease: link.claim({ lease, routes, records: batch.count }),
        stream: { id, name, ...(pipeline !== undefined && { pipeline }) },
        ...resources.tell(resource, link),
        keys: told,
        slot: slot.number,
        ...slot.pack(),
      },
    });
  }
}
