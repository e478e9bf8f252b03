import type { Sink, SinkState } from '../../core/contracts.ts';
import type { Lease } from '../../core/lease.ts';
import type { MetricProducer } from '../../core/metric.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import type { MetricPush } from '../../delivery/metric-push.ts';
import { settleCounted } from '../../delivery/settle-counted.ts';
import type { Counter } from '../../telemetry/metrics.ts';

/** Sends metrics; the records that they were made of end here. */
export class RemoteWriteSink implements Sink {
  readonly #push: MetricPush;
  readonly #deliveredRecords: Counter;

  constructor(push: MetricPush, deliveredRecords: Counter) {
    this.#push = push;
    this.#deliveredRecords = deliveredRecords;
  }

  get state(): SinkState {
    return this.#push.state;
  }

  write(batch: RecordBatch, lease: Lease): boolean {
    settleCounted(batch, lease, this.#deliveredRecords);
    return true;
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  addMetrics(producer: MetricProducer): () => void {
    return this.#push.add(producer);
  }

  flush(signal: AbortSignal): Promise<void> {
    return this.#push.flush(signal);
  }

  close(): Promise<void> {
    return this.#push.close();
  }
}
