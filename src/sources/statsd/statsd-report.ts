import type { Logger } from '../../telemetry/logger.ts';
import type { Counter, Metrics } from '../../telemetry/metrics.ts';
import type { StatsdFault } from './statsd-metrics.ts';

/** Why a line did not become what it says: a word of the metric about lines. */
export type LineResult = StatsdFault | 'ok' | 'event' | 'event_form' | 'events_off' | 'events_full';

/** How packets come. */
export type Transport = 'udp' | 'socket';

/** How much of a line is shown in the log. */
const MAX_SHOWN = 200;

/** What is said of each, once. */
const SENTENCES: Partial<Record<LineResult, string>> = {
  metric_type: 'A metric of StatsD is of another type than before: what has one name is of one type.',
  metric_limit: 'There are as many metrics of StatsD as there may be: others are not taken.',
  set_limit: 'A set of StatsD has as many values as it may: others are not counted.',
  old: 'A gauge of StatsD has a newer value than one that has come: that one is not taken.',
  events_off: 'Events of StatsD are not taken: "events" is switched off.',
  events_full: 'Events of StatsD are not taken: too many wait for a sink.',
};

/** Counts what comes, and says of each thing that goes wrong that it does, once. */
export class StatsdReport {
  readonly #source: string;
  readonly #metrics: Metrics;
  readonly #logger: Logger;
  readonly #lines = new Map<LineResult, Counter>();
  readonly #said = new Set<string>();

  constructor(source: string, metrics: Metrics, logger: Logger) {
    this.#source = source;
    this.#metrics = metrics;
    this.#logger = logger;
    // So that nobody has to ask whether it is there.
    this.#counterOf('ok');
  }

  /** What counts the packets of a transport, and their bytes. */
  packets(transport: Transport): { readonly packets: Counter; readonly bytes: Counter } {
    const labels = { source: this.#source, transport };
    return {
      packets: this.#metrics.counter('pillion_statsd_packets_total', labels),
      bytes: this.#metrics.counter('pillion_statsd_received_bytes_total', labels),
    };
  }

  /** So many lines were counted. */
  took(lines: number): void {
    this.#counterOf('ok').add(lines);
  }

  /** What became of a line that was not counted in a metric; `text` gives it. */
  line(result: LineResult, text: () => string): void {
    this.#counterOf(result).add(1);
    if (result === 'event' || !this.#isNew(`line ${result}`)) return;
    const sentence = SENTENCES[result] ?? 'A line of StatsD cannot be taken.';
    this.#logger.warn({ source: this.#source, reason: result, line: text().slice(0, MAX_SHOWN) }, sentence);
  }

  /** A connection to the socket came to a bad end. */
  brokenStream(reason: string): void {
    this.#metrics.counter('pillion_statsd_broken_streams_total', { source: this.#source, reason }).add(1);
    if (!this.#isNew(`stream ${reason}`)) return;
    this.#logger.warn({ source: this.#source, reason }, 'A connection of StatsD was lost with what it had sent last.');
  }

  /** The kernel has thrown packets away. */
  kernelDropped(packets: number): void {
    this.#metrics.counter('pillion_statsd_kernel_dropped_packets_total', { source: this.#source }).add(packets);
    if (packets === 0 || !this.#isNew('kernel')) return;
    const hint = 'Set "receive_buffer" higher (and net.core.rmem_max of the node), or have clients send less often';
    this.#logger.warn({ source: this.#source, packets, hint }, 'The kernel has thrown packets of StatsD away.');
  }

  /** Lines have gone into the series for the rest, and values of tags were cut. */
  bounded(overflows: number, cutValues: number): void {
    const source = this.#source;
    if (overflows > 0) {
      this.#metrics.counter('pillion_statsd_overflow_lines_total', { source }).add(overflows);
      if (this.#isNew('overflow'))
        this.#logger.warn(
          { source },
          'StatsD has as many series as it may: what has other tags is counted in one for each metric.',
        );
    }
    if (cutValues > 0) this.#metrics.counter('pillion_statsd_cut_tag_values_total', { source }).add(cutValues);
  }

  #counterOf(result: LineResult): Counter {
    let counter = this.#lines.get(result);
    if (counter === undefined) {
      counter = this.#metrics.counter('pillion_statsd_lines_total', { source: this.#source, result });
      this.#lines.set(result, counter);
    }
    return counter;
  }

  #isNew(what: string): boolean {
    if (this.#said.has(what)) return false;
    this.#said.add(what);
    return true;
  }
}
