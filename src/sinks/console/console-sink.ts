import type { Writable } from 'node:stream';
import type { Sink, SinkState } from '../../core/contracts.ts';
import { messageOf } from '../../core/errors.ts';
import type { Lease } from '../../core/lease.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { liveRecords } from '../../delivery/settle-counted.ts';
import type { Counter } from '../../telemetry/metrics.ts';
import type { RecordFormat } from './format.ts';

interface ConsoleSinkOptions {
  /** Where the lines go. It belongs to the process: the sink never ends it. */
  readonly stream: Writable;
  readonly format: RecordFormat;
  readonly delivered: Counter;
  readonly abandoned: Counter;
  /** Called once when the stream takes no more: its reader has gone (EPIPE, as with `| head`), or writing failed. */
  readonly onClosed: (error: Error) => void;
}

/** A batch that the stream has taken and not yet answered for. */
interface PendingWrite {
  readonly lease: Lease;
  readonly records: number;
}

/**
 * Writes records to a stream, as lines. A record is delivered when the stream says that it was written. When nobody
 * reads any more, all that is unanswered and all that follows is abandoned: the source has it still.
 */
export class ConsoleSink implements Sink {
  readonly #options: ConsoleSinkOptions;
  readonly #pending = new Set<PendingWrite>();
  #isClosed = false;
  #state: SinkState = { kind: 'ready' };
  /** Called, and emptied, at each change that `ready()` or `flush()` may wait for. */
  #waiters: (() => void)[] = [];

  constructor(options: ConsoleSinkOptions) {
    this.#options = options;
    options.stream.on('drain', this.#wake);
    options.stream.on('error', this.#fail);
    options.stream.on('close', this.#gone);
  }

  get state(): SinkState {
    return this.#state;
  }

  write(batch: RecordBatch, lease: Lease): boolean {
    const { stream, format } = this.#options;
    if (!this.#isClosed && stream.writableNeedDrain) return false;
    const records = liveRecords(batch);
    if (records === 0) {
      lease.settle('dropped');
      return true;
    }
    const pending = { lease, records };
    this.#pending.add(pending);
    if (this.#isClosed) {
      this.#settle(pending, 'abandoned');
      return true;
    }
    stream.write(format.render(batch), (error) => {
      if (error) this.#fail(error);
      else this.#settle(pending, 'delivered');
    });
    return true;
  }

  async ready(): Promise<void> {
    while (!this.#isClosed && this.#options.stream.writableNeedDrain) await this.#change();
  }

  async flush(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', this.#wake, { once: true });
    while (this.#pending.size > 0 && !signal.aborted) await this.#change();
    signal.removeEventListener('abort', this.#wake);
    this.#abandonPending();
  }

  async close(): Promise<void> {
    const { stream } = this.#options;
    this.#isClosed = true;
    stream.off('drain', this.#wake);
    stream.off('close', this.#gone);
    // An error that is still on its way would end the process if nobody listened.
    if (stream.writableLength === 0) stream.off('error', this.#fail);
    this.#abandonPending();
    this.#wake();
  }

  readonly #wake = (): void => {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter();
  };

  readonly #fail = (error: Error): void => {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const message = `Cannot write to standard output: ${messageOf(error)}`;
    this.#state = {
      kind: 'held',
      message,
      cure: 'Start the agent anew, with a standard output that takes what it writes',
    };
    this.#abandonPending();
    this.#wake();
    this.#options.onClosed(error);
  };

  readonly #gone = (): void => this.#fail(new Error('Cannot write to stream: it is closed'));

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #abandonPending(): void {
    for (const pending of this.#pending) this.#settle(pending, 'abandoned');
  }

  /** Gives the hold back; nothing the second time, when an answer comes for what was abandoned. */
  #settle(pending: PendingWrite, outcome: 'delivered' | 'abandoned'): void {
    if (!this.#pending.delete(pending)) return;
    this.#options[outcome].add(pending.records);
    pending.lease.count(outcome, pending.records);
    pending.lease.settle(outcome);
    if (this.#pending.size === 0) this.#wake();
  }
}
