import type { Counter, Metrics } from '../../telemetry/metrics.ts';

/** What the source says about its lines. */
export class StdinCounters {
  readonly records: Counter;
  readonly readBytes: Counter;
  /** Bytes of lines that were cut, behind the limit. */
  readonly skippedBytes: Counter;
  readonly emptyLines: Counter;

  /** `source` is the name in the configuration. */
  constructor(metrics: Metrics, source: string) {
    this.records = metrics.counter('pillion_source_records_total', { source });
    this.readBytes = metrics.counter('pillion_source_read_bytes_total', { source });
    this.skippedBytes = metrics.counter('pillion_source_skipped_bytes_total', { source, reason: 'oversize_rest' });
    this.emptyLines = metrics.counter('pillion_dropped_records_total', { source, reason: 'empty_line' });
  }
}
