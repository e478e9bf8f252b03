import type { RequestBody } from '../codec/request-body.ts';
import type { Clock } from '../core/clock.ts';
import type { SinkState } from '../core/contracts.ts';
import type { MetricProducer } from '../core/metric.ts';
import type { MetricEncoder } from './metric-encoder.ts';
import type { MetricQueue } from './metric-queue.ts';

export interface MetricPushOptions {
  readonly encoder: MetricEncoder;
  readonly queue: MetricQueue;
  /** How often producers are asked that have no moments of their own. */
  readonly intervalMs: number;
  readonly clock: Clock;
}

/** Producers whose metrics go out together. */
interface Group {
  readonly producers: Set<MetricProducer>;
}

/**
 * Sends metrics to a peer again and again: those of producers that have moments of their own (a scrape) at these
 * moments, those of all others together, at intervals.
 */
export class MetricPush {
  readonly #options: MetricPushOptions;
  readonly #regular: Group = { producers: new Set() };
  readonly #updating = new Set<Group>();
  readonly #closing = new AbortController();
  #isRunning = false;

  constructor(options: MetricPushOptions) {
    this.#options = options;
  }

  get state(): SinkState {
    return this.#options.queue.state;
  }

  /** Sends what `producer` has from now on; returns what ends that, and says that its series are no more. */
  add(producer: MetricProducer): () => void {
    const { encoder, clock } = this.#options;
    encoder.begin?.(producer.collect(), clock.unixMs());
    if (producer.onUpdate === undefined) {
      this.#regular.producers.add(producer);
      this.#run();
      return () => {
        if (encoder.hasDifferences === true) this.#push(this.#regular);
        this.#regular.producers.delete(producer);
        this.#push(this.#regular);
      };
    }
    const group = { producers: new Set([producer]) };
    this.#updating.add(group);
    const stop = producer.onUpdate(() => this.#push(group));
    return () => {
      stop();
      group.producers.clear();
      this.#push(group);
      this.#updating.delete(group);
    };
  }

  /**
   * Sends what there is now of the producers that are asked at intervals, and waits until everything is answered. What
   * is not when `signal` aborts is abandoned.
   */
  async flush(signal: AbortSignal): Promise<void> {
    if (this.#regular.producers.size > 0) this.#push(this.#regular);
    await this.#options.queue.flush(signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#options.queue.close();
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#pushRegularly();
  }

  /**
   * Keeps its beat: a push that took long does not move the next one. Beats that were missed, because the process stood
   * still, are not made up for: they would all say the same, at the same moment.
   */
  async #pushRegularly(): Promise<void> {
    const { clock, intervalMs } = this.#options;
    const { signal } = this.#closing;
    for (let dueMs = clock.nowMs() + intervalMs; !signal.aborted; ) {
      await clock.sleep(dueMs - clock.nowMs(), signal);
      if (signal.aborted) return;
      this.#push(this.#regular);
      dueMs += intervalMs * Math.max(1, Math.floor((clock.nowMs() - dueMs) / intervalMs) + 1);
    }
  }

  #push(group: Group): void {
    const { encoder, queue, clock } = this.#options;
    const sets = [...group.producers].flatMap((producer) => producer.collect());
    const bodies: readonly RequestBody[] = encoder.encode(group, sets, clock.unixMs());
    for (const body of bodies) queue.add(body);
  }
}
