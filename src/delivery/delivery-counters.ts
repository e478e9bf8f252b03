import type { SendResult } from '../core/contracts.ts';
import type { Counter, Labels, Metrics } from '../telemetry/metrics.ts';

/** What one sink says about its records. Every live record that it has taken ends in exactly one of the first three. */
export class DeliveryCounters {
  readonly delivered: Counter;
  readonly abandoned: Counter;
  /** Records sent again while nobody knows whether the peer had taken them: the bound on repeats. */
  readonly resent: Counter;
  readonly sentBytes: Counter;
  readonly #metrics: Metrics;
  readonly #labels: Labels;

  /** `sink` is the name in the configuration. */
  constructor(metrics: Metrics, sink: string) {
    this.#metrics = metrics;
    this.#labels = { sink };
    this.delivered = metrics.counter('pillion_sink_delivered_records_total', this.#labels);
    this.abandoned = metrics.counter('pillion_sink_abandoned_records_total', this.#labels);
    this.resent = metrics.counter('pillion_sink_resent_records_total', this.#labels);
    this.sentBytes = metrics.counter('pillion_sink_sent_bytes_total', this.#labels);
  }

  /** `reason` is a word of the ledger's closed list. */
  rejected(reason: string): Counter {
    return this.#metrics.counter('pillion_sink_rejected_records_total', { ...this.#labels, reason });
  }

  requests(status: SendResult['status']): Counter {
    return this.#metrics.counter('pillion_sink_requests_total', { ...this.#labels, status });
  }
}
