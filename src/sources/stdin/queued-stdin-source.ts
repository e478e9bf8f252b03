import type { Readable } from 'node:stream';
import type { SourceContext } from '../../component/definition.ts';
import type { Lifetime, Output, Source } from '../../core/contracts.ts';
import type { StreamAccount } from '../../ledger/stream-account.ts';
import { DiskQueue } from '../../queue/disk-queue.ts';
import { inputChunks } from './input-chunks.ts';
import { parseQueueEntry, QueueDelivery } from './queue-delivery.ts';

/** What the source is made of, beside its context. */
export interface QueuedStdinOptions {
  readonly input: Readable;
  readonly maxRecordBytes: number;
  /** The folder of the queue, and how much of the disk it takes at most. */
  readonly queue: { readonly folder: string; readonly maxBytes: number };
}

/**
 * Reads lines from a stream that cannot be read again, by way of a queue on disk: what was taken out of the stream is
 * delivered also when the agent is killed first.
 *
 * ```
 *   input --> DiskQueue.append()      DiskQueue.read() --> lines --> send()
 *             taken: survives a kill                       settled: leaves the disk
 * ```
 * Two loops run side by side. The one takes bytes, and waits when the queue is full; the other sends, and waits while no
 * batch is free: so a backend that is away stops the writer only when the queue is full.
 */
export class QueuedStdinSource implements Source {
  readonly #options: QueuedStdinOptions;
  readonly #context: SourceContext;
  readonly #account: StreamAccount;
  #queue: DiskQueue | undefined;
  #delivery: QueueDelivery | undefined;

  constructor(options: QueuedStdinOptions, context: SourceContext) {
    const { name, metrics, ledger, checkpoint } = context;
    this.#options = options;
    this.#context = context;
    this.#account = ledger.account('stdin');
    this.#account.name = 'stdin';
    metrics.gauge('pillion_source_unread_bytes', { source: name }, () => this.#delivery?.unreadBytes ?? 0);
    metrics.gauge('pillion_queue_bytes', { source: name }, () => this.#queue?.diskBytes ?? 0);
    checkpoint.provide(() => this.#delivery?.entry ?? checkpoint.restored);
  }

  async run(output: Output, { drain, stop }: Lifetime): Promise<void> {
    const { name, resource, clock, logger, metrics, checkpoint } = this.#context;
    const { queue: place, maxRecordBytes } = this.#options;
    const restored = parseQueueEntry(checkpoint.restored);
    const reports = {
      log: logger,
      failures: metrics.counter('pillion_queue_failures_total', { source: name }),
      corrupt: { add: (bytes: number) => this.#account.lose('corrupt', bytes) },
    };
    const queue = await DiskQueue.open({ ...place, position: restored, clock, reports });
    this.#queue = queue;
    const account = this.#account;
    const onCommit = (): void => checkpoint.touch();
    const options = { queue, restored, resource, maxRecordBytes, account, onCommit };
    const delivery = new QueueDelivery(options);
    this.#delivery = delivery;

    const ended = new AbortController();
    const failed = new AbortController();
    const leave = AbortSignal.any([stop, failed.signal]);
    const ends = [
      this.#fill(queue, { drain, stop: leave }).finally(() => ended.abort()),
      delivery.run(output, AbortSignal.any([ended.signal, stop]), stop).catch((error: unknown) => {
        failed.abort();
        if (!stop.aborted) throw error;
      }),
    ];
    // What was taken before the input failed is delivered.
    const results = await Promise.allSettled(ends);
    await queue.close();
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  /** Moves the input into the queue, to its end. */
  async #fill(queue: DiskQueue, lifetime: Lifetime): Promise<void> {
    for await (const chunk of inputChunks(this.#options.input, this.#context.clock, lifetime)) {
      const taken = await queue.append(chunk, lifetime.stop);
      // The agent had to stop while the queue had no room.
      const leftBytes = chunk.length - taken;
      if (leftBytes === 0) continue;
      this.#account.saw(leftBytes);
      this.#account.lose('queue_full', leftBytes);
    }
  }
}
