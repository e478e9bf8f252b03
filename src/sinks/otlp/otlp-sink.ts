import type { Sink, SinkState } from '../../core/contracts.ts';
import type { Lease } from '../../core/lease.ts';
import type { MetricProducer } from '../../core/metric.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import type { MetricPush } from '../../delivery/metric-push.ts';

/** Records and metrics on their ways to one receiver. What metrics need is made when the first of them come. */
export class OtlpSink implements Sink {
  readonly #records: Sink;
  readonly #buildMetrics: () => MetricPush;
  #metrics: MetricPush | undefined;

  constructor(records: Sink, buildMetrics: () => MetricPush) {
    this.#records = records;
    this.#buildMetrics = buildMetrics;
  }

  /** That of the records, or that of the metrics where nothing is wrong with the records. */
  get state(): SinkState {
    const records = this.#records.state ?? { kind: 'ready' };
    return records.kind === 'ready' ? (this.#metrics?.state ?? records) : records;
  }

  write(batch: RecordBatch, lease: Lease): boolean {
    return this.#records.write(batch, lease);
  }

  ready(): Promise<void> {
    return this.#records.ready();
  }

  addMetrics(producer: MetricProducer): () => void {
    this.#metrics ??= this.#buildMetrics();
    return this.#metrics.add(producer);
  }

  async flush(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#records.flush(signal), this.#metrics?.flush(signal)]);
  }

  sendEagerly(): void {
    this.#records.sendEagerly?.();
  }

  narrow(isNarrow: boolean): void {
    this.#records.narrow?.(isNarrow);
  }

  async close(): Promise<void> {
    await Promise.all([this.#records.close(), this.#metrics?.close()]);
  }
}
