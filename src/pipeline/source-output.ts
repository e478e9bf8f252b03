import type { Sink } from '../core/contracts.ts';
import type { Lease, Outcome } from '../core/lease.ts';
import { RecordBatch } from '../core/record-batch.ts';
import type { Stream } from '../core/stream.ts';
import type { BatchLane, UseOptions } from './batch-output.ts';
import type { BatchPool } from './batch-pool.ts';
import type { Pipeline } from './pipeline.ts';
import type { PipelineEnd } from './pipeline-end.ts';
import { abandonUnseen, openNext, openWays, resolvedOrStopped, type Ways } from './ways.ts';

interface Sent {
  readonly batch: RecordBatch;
  readonly lease: Lease;
  readonly ways: Ways;
}

/**
 * Takes the batches of one source through its pipelines to their sinks, in the order in which they were sent.
 *
 * `send()` only queues: the source first starts its next read, which then runs beside the stages. A sink that is full
 * stops the queue, so the batches stay out, so `rent()` waits, so the source stops reading. In the same way it waits
 * where a stage has asked for a pause.
 */
export class SourceOutput implements BatchLane {
  readonly #pool: Pick<BatchPool, 'rent' | 'giveBack' | 'isFree'>;
  #ways: Ways;
  readonly #stop: AbortSignal;
  readonly #queue: Sent[] = [];
  /** Stages change a batch in place, so each pipeline but the last works on a copy of its own. */
  readonly #copies: RecordBatch[] = [];
  #isRunning = false;
  #idle: { promise: Promise<void>; resolve: () => void } | undefined;
  readonly #abandoned: { add(records: number): void };
  readonly #pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Ends the pause that a stage has asked for. */
  #pausing: AbortController | undefined;
  #isHurried = false;
  readonly #onError: (error: unknown) => void;
  readonly #onSend: ((bytes: number, bytesBehind: number) => void) | undefined;

  /**
   * `stop`: gives up waiting for sinks; what is queued is then abandoned, and counted by `abandoned` for each sink that
   * did not take it. `pause` waits as long as a stage has asked for, or until its signal aborts. `onError`: a bug in a
   * stage or sink. `onSend` is told how many bytes each batch holds, and how many lie behind it.
   */
  constructor(
    pool: Pick<BatchPool, 'rent' | 'giveBack' | 'isFree'>,
    pipelines: readonly Pipeline[],
    options: {
      readonly stop: AbortSignal;
      readonly abandoned: { add(records: number): void };
      readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
      readonly onError: (error: unknown) => void;
      readonly onSend?: (bytes: number, bytesBehind: number) => void;
    },
  ) {
    this.#pool = pool;
    this.#ways = openWays(pipelines, undefined);
    this.#stop = options.stop;
    this.#abandoned = options.abandoned;
    this.#pause = options.pause;
    this.#onError = options.onError;
    this.#onSend = options.onSend;
  }

  rent(stream: Stream, signal: AbortSignal): Promise<RecordBatch> {
    return this.#pool.rent(stream, signal);
  }

  get isFree(): boolean {
    return this.#pool.isFree;
  }

  giveBack(batch: RecordBatch): void {
    this.#pool.giveBack(batch);
  }

  get pipelines(): readonly Pipeline[] {
    return this.#ways.pipelines;
  }

  get settled(): Promise<Outcome> {
    return this.#ways.settled;
  }

  use(pipelines: readonly Pipeline[], options: UseOptions): Promise<Outcome> {
    // It was the wish of a stage that may be gone.
    this.#pausing?.abort();
    const before = this.#ways;
    this.#ways = openNext(before, pipelines, options);
    return before.settled;
  }

  send(batch: RecordBatch, lease: Lease): void {
    const ways = this.#ways;
    this.#onSend?.(batch.byteLength, batch.bytesBehind);
    lease.carry(ways.taken);
    this.#queue.push({ batch, lease, ways });
    if (this.#isRunning) return;
    this.#isRunning = true;
    setImmediate(() => void this.#run());
  }

  hurry(): void {
    this.#isHurried = true;
    this.#pausing?.abort();
  }

  idle(): Promise<void> {
    if (!this.#isRunning) return Promise.resolve();
    this.#idle ??= Promise.withResolvers<void>();
    return this.#idle.promise;
  }

  async #run(): Promise<void> {
    try {
      for (let sent = this.#queue.shift(); sent !== undefined; sent = this.#queue.shift()) {
        const pauseMs = await this.#deliver(sent);
        this.#pool.giveBack(sent.batch);
        if (pauseMs > 0) await this.#waitFor(pauseMs);
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

  /** The source fills its batches meanwhile, and then waits, too. */
  async #waitFor(pauseMs: number): Promise<void> {
    if (this.#isHurried) return;
    this.#pausing = new AbortController();
    await this.#pause(pauseMs, this.#pausing.signal);
    this.#pausing = undefined;
  }

  /**
   * Offers the batch to every sink, then waits for those that were full: none of them keeps it from another one. Resolves
   * with how long a stage wants what follows to wait.
   */
  async #deliver({ batch, lease, ways }: Sent): Promise<number> {
    const { pipelines, holds } = ways;
    if (ways.opening !== undefined) await resolvedOrStopped(ways.opening, this.#stop);
    // Still not open: it was stopped.
    if (ways.opening !== undefined) {
      abandonUnseen(batch, lease, pipelines, this.#abandoned);
      return 0;
    }
    for (let hold = 1; hold < holds; hold++) lease.retain();
    const full: Promise<void>[] = [];
    let pauseMs = 0;
    for (const [index, pipeline] of pipelines.entries()) {
      if (!pipeline.takes(batch.stream)) {
        for (const end of pipeline.ends) end.decline(batch, lease.onRoute(end.route));
        continue;
      }
      const own = index === pipelines.length - 1 ? batch : this.#copyOf(index, batch);
      pipeline.process(own, lease);
      pauseMs = Math.max(pauseMs, own.pauseMs);
      for (const end of pipeline.ends) {
        const claim = lease.onRoute(end.route);
        if (!end.offer(own, claim)) full.push(this.#writeWhenReady(end, own, claim));
      }
    }
    if (full.length > 0) await Promise.all(full);
    return pauseMs;
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

/** Resolves when the sink may take again, or `stop` aborts. */
function readyOrStopped(sink: Sink, stop: AbortSignal): Promise<void> {
  return resolvedOrStopped(sink.ready(), stop);
}
