import type { Sink, SinkState } from '../../core/contracts.ts';
import type { Lease } from '../../core/lease.ts';
import type { MetricProducer } from '../../core/metric.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import type { RemoteSinkState } from './messages.ts';
import type { WorkerLink } from './worker-link.ts';

/** The worst comes last. */
const RANK: Record<SinkState['kind'], number> = { ready: 0, rejecting: 1, retrying: 2, held: 3 };

/**
 * A sink that is in each worker and here. What is asked of it is asked of all; records that are not spread over workers,
 * and metrics, go to the one here.
 */
export class SpreadSink implements Sink {
  readonly name: string;
  readonly id: number;
  /** Takes metrics where the one here does. */
  readonly addMetrics?: (producer: MetricProducer) => () => void;
  readonly #here: Sink;
  readonly #links: readonly WorkerLink[];
  readonly #onClosed: () => void;
  #states: readonly SinkState[] = [];

  constructor(parts: {
    readonly name: string;
    /** What it is called in workers. */
    readonly id: number;
    readonly here: Sink;
    readonly links: readonly WorkerLink[];
    readonly onClosed: () => void;
  }) {
    const { name, id, here, links, onClosed } = parts;
    this.name = name;
    this.id = id;
    this.#here = here;
    this.#links = links;
    this.#onClosed = onClosed;
    if (here.addMetrics !== undefined) this.addMetrics = (producer) => here.addMetrics!(producer);
  }

  /** The worst of all. */
  get state(): SinkState {
    const here = this.#here.state ?? { kind: 'ready' };
    return this.#states.reduce((worst, state) => (RANK[state.kind] > RANK[worst.kind] ? state : worst), here);
  }

  /** Takes note of how those in workers are doing, at `nowMs` of the clock here. */
  report(states: readonly RemoteSinkState[], nowMs: number): void {
    this.#states = states.map(({ kind, message, cure, forMs }) => {
      switch (kind) {
        case 'ready':
          return { kind };
        case 'retrying':
          return { kind, message, sinceMs: nowMs - forMs };
        case 'held':
          return { kind, message, cure };
        case 'rejecting':
          return { kind, message };
        default:
          return kind satisfies never;
      }
    });
  }

  write(batch: RecordBatch, lease: Lease): boolean {
    return this.#here.write(batch, lease);
  }

  ready(): Promise<void> {
    return this.#here.ready();
  }

  async flush(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#here.flush(signal), ...this.#links.map((link) => this.#flushAt(link, signal))]);
  }

  sendEagerly(): void {
    this.#here.sendEagerly?.();
    for (const link of this.#links) link.post({ kind: 'send_eagerly', sink: this.id });
  }

  narrow(isNarrow: boolean): void {
    this.#here.narrow?.(isNarrow);
    for (const link of this.#links) link.post({ kind: 'narrow', sink: this.id, isNarrow });
  }

  async close(): Promise<void> {
    const closing = this.#links.map((link) => link.request({ kind: 'close_sink', sink: this.id }));
    await Promise.all([this.#here.close(), ...closing]);
    this.#onClosed();
  }

  async #flushAt(link: WorkerLink, signal: AbortSignal): Promise<void> {
    let cut = (): void => {};
    await link.request({ kind: 'flush', sink: this.id }, (flush) => {
      cut = () => link.post({ kind: 'cut_flush', flush });
      if (signal.aborted) cut();
      else signal.addEventListener('abort', cut, { once: true });
    });
    signal.removeEventListener('abort', cut);
  }
}
