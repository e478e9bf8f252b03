import type { Framed } from '../../framing/framer.ts';
import type { Counter, Metrics } from '../../telemetry/metrics.ts';

/** What the source says about its lines. */
export class StdinCounters {
  readonly #records: Counter;
  readonly #readBytes: Counter;
  readonly #skippedBytes: Counter;
  readonly #emptyLines: Counter;
  readonly #metrics: Metrics;
  readonly #source: string;

  /** `source` is the name in the configuration. */
  constructor(metrics: Metrics, source: string) {
    this.#metrics = metrics;
    this.#source = source;
    this.#records = metrics.counter('pillion_source_records_total', { source });
    this.#readBytes = metrics.counter('pillion_source_read_bytes_total', { source });
    this.#skippedBytes = metrics.counter('pillion_source_skipped_bytes_total', { source, reason: 'oversize_rest' });
    this.#emptyLines = metrics.counter('pillion_dropped_records_total', { source, reason: 'empty_line' });
  }

  /** Counts a batch: how many records it has, and what became of the bytes. */
  add(records: number, { consumed, emptyLines, oversizeRestBytes }: Framed<string>): void {
    this.#readBytes.add(consumed - oversizeRestBytes);
    this.#skippedBytes.add(oversizeRestBytes);
    this.#emptyLines.add(emptyLines);
    this.#records.add(records + emptyLines);
  }

  /** Counts bytes of lines that were cut, behind the limit, which never came into a batch. */
  skip(bytes: number): void {
    this.#skippedBytes.add(bytes);
  }

  /** Bytes that were taken and cannot be delivered, for that reason. */
  gone(reason: string): Counter {
    return this.#metrics.counter('pillion_source_gone_bytes_total', { source: this.#source, reason });
  }
}
