import type { SendResult } from '../core/contracts.ts';
import type { MetricName } from '../telemetry/metric-names.ts';
import type { Counter, Labels, Metrics } from '../telemetry/metrics.ts';

/** What requests are made of: records, or points of metrics. */
export type Delivered = 'records' | 'points';

const NAMES = {
  records: {
    delivered: 'pillion_sink_delivered_records_total',
    abandoned: 'pillion_sink_abandoned_records_total',
    resent: 'pillion_sink_resent_records_total',
    rejected: 'pillion_sink_rejected_records_total',
  },
  points: {
    delivered: 'pillion_sink_delivered_points_total',
    abandoned: 'pillion_sink_abandoned_points_total',
    resent: 'pillion_sink_resent_points_total',
    rejected: 'pillion_sink_rejected_points_total',
  },
} as const satisfies Record<Delivered, Record<string, MetricName>>;

/**
 * What one sink says about its records, or its points. Every live record that it has taken ends in exactly one of the
 * first three.
 */
export class DeliveryCounters {
  readonly delivered: Counter;
  readonly abandoned: Counter;
  /** Sent again while nobody knows whether the peer had taken them: the bound on repeats. */
  readonly resent: Counter;
  readonly sentBytes: Counter;
  readonly #metrics: Metrics;
  readonly #labels: Labels;
  readonly #rejected: MetricName;

  /** `sink` is the name in the configuration. */
  constructor(metrics: Metrics, sink: string, what: Delivered = 'records') {
    this.#metrics = metrics;
    this.#labels = { sink };
    const { delivered, abandoned, resent, rejected } = NAMES[what];
    this.delivered = metrics.counter(delivered, this.#labels);
    this.abandoned = metrics.counter(abandoned, this.#labels);
    this.resent = metrics.counter(resent, this.#labels);
    this.#rejected = rejected;
    this.sentBytes = metrics.counter('pillion_sink_sent_bytes_total', this.#labels);
  }

  /** `reason` is a word of the ledger's closed list. */
  rejected(reason: string): Counter {
    return this.#metrics.counter(this.#rejected, { ...this.#labels, reason });
  }

  requests(status: SendResult['status']): Counter {
    return this.#metrics.counter('pillion_sink_requests_total', { ...this.#labels, status });
  }
}
