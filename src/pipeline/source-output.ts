import type { Output, Sink } from '../core/contracts.ts';
import type { Lease } from '../core/lease.ts';
import { RecordBatch } from '../core/record-batch.ts';
import type { Stream } from '../core/stream.ts';
import type { BatchPool } from './batch-pool.ts';
import type { Pipeline } from './pipeline.ts';
import type { PipelineEnd } from './pipeline-end.ts';

interface Sent {
  readonly batch: RecordBatch;
  readonly lease: Lease;
}

/**
 * Takes the batches of one source through its pipelines to their sinks, in the order in which they were sent.
 *
 * `send()` only queues: the source first starts its next read, which then runs beside the stages. A sink that is full
 * stops the queue, so the batches stay out, so `rent()` waits, so the source stops reading.
 */
export class SourceOutput implements Output {
  readonly #pool: BatchPool;
  readonly #pipelines: readonly Pipeline[];
  /** How many sinks a batch goes to: each settles one hold of its lease. */
  readonly #holds: number;
  readonly #stop: AbortSignal;
  readonly #queue: Sent[] = [];
  /** Stages change a batch in place, so each pipeline but the last works on a copy of its own. */
  readonly #copies: RecordBatch[] = [];
  #isRunning = false;
  #idle: { promise: Promise<void>; resolve: () => void } | undefined;
  readonly #abandoned: { add(records: number): void };
  readonly #onError: (error: unknown) => void;

  /**
   * `stop`: gives up waiting for sinks; what is queued is then abandoned, and counted by `abandoned` for each sink that
   * did not take it. `onError`: a bug in a stage or sink.
   */
  constructor(
    pool: BatchPool,
    pipelines: readonly Pipeline[],
    options: {
      readonly stop: AbortSignal;
      readonly abandoned: { add(records: number): void };
      readonly onError: (error: unknown) => void;
    },
  ) {
    this.#pool = pool;
    this.#pipelines = pipelines;
    this.#holds = pipelines.reduce((sum, pipeline) => sum + pipeline.ends.length, 0);
    this.#stop = options.stop;
    this.#abandoned = options.abandoned;
    this.#onError = options.onError;
  }

  rent(stream: Stream, signal: AbortSignal): Promise<RecordBatch> {
    return this.#pool.rent(stream, signal);
  }

  giveBack(batch: RecordBatch): void {
    this.#pool.giveBack(batch);
  }

  send(batch: RecordBatch, lease: Lease): void {
    this.#queue.push({ batch, lease });
    if (this.#isRunning) return;
    this.#isRunning = true;
    setImmediate(() => void this.#run());
  }

  /** Resolves once every batch that was sent has been taken by its sinks, or abandoned. */
  idle(): Promise<void> {
    if (!this.#isRunning) return Promise.resolve();
    this.#idle ??= Promise.withResolvers<void>();
    return this.#idle.promise;
  }

  async #run(): Promise<void> {
    try {
      for (let sent = this.#queue.shift(); sent !== undefined; sent = this.#queue.shift()) {
        await this.#deliver(sent);
        this.#pool.giveBack(sent.batch);
        // Lets reads and answers in between two batches.
        if (this.#queue.length > 0) await new Promise(setImmediate);
      }
    } catch (error) {
      this.#onError(error);
    }
    this.#isRunning = false;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  /** Offers the batch to every sink, then waits for those that were full: none of them keeps it from another one. */
  async #deliver({ batch, lease }: Sent): Promise<void> {
    for (let hold = 1; hold < this.#holds; hold++) lease.retain();
    const full: Promise<void>[] = [];
    for (const [index, pipeline] of this.#pipelines.entries()) {
      const own = index === this.#pipelines.length - 1 ? batch : this.#copyOf(index, batch);
      pipeline.process(own, lease);
      for (const end of pipeline.ends) {
        const claim = lease.onRoute(end.route);
        if (!end.offer(own, claim)) full.push(this.#writeWhenReady(end, own, claim));
      }
    }
    if (full.length > 0) await Promise.all(full);
  }

  /** Writes to a sink that was full, which settles one hold of the lease. */
  async #writeWhenReady(end: PipelineEnd, batch: RecordBatch, lease: Lease): Promise<void> {
    do {
      await readyOrStopped(end.sink, this.#stop);
      if (!this.#stop.aborted) continue;
      const records = end.count(batch);
      this.#abandoned.add(records);
      lease.count('abandoned', records);
      lease.settle('abandoned');
      return;
    } while (!end.write(batch, lease));
  }

  #copyOf(index: number, batch: RecordBatch): RecordBatch {
    const copy = (this.#copies[index] ??= new RecordBatch(batch.keys));
    copy.copyFrom(batch);
    return copy;
  }
}

/** Resolves when the sink may take again, or `stop` aborts. Leaves nothing behind at `stop`, which lives long. */
function readyOrStopped(sink: Sink, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const done = (): void => {
      stop.removeEventListener('abort', done);
      resolve();
    };
    stop.addEventListener('abort', done, { once: true });
    sink.ready().then(done, reject);
  });
}
