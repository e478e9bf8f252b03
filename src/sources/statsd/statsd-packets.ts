import { PacketArena } from '../../codec/statsd/packet-arena.ts';
import { isStatsdEvent, parseStatsdEvent, type StatsdEvent } from '../../codec/statsd/statsd-event.ts';
import { StatsdLine } from '../../codec/statsd/statsd-line.ts';
import type { EventRecord, EventRecords } from '../event-records.ts';
import type { StatsdMetrics } from './statsd-metrics.ts';
import type { StatsdReport } from './statsd-report.ts';

const LF = 0x0a;
const CR = 0x0d;

/** OTLP's number of each level. */
const SEVERITIES: Readonly<Record<string, number>> = {
  ok: 9,
  info: 9,
  success: 9,
  unknown: 13,
  warning: 13,
  error: 17,
  critical: 17,
};

/** What packets become. */
export interface StatsdPacketsOptions {
  readonly metrics: StatsdMetrics;
  /** Undefined: events are not taken. */
  readonly events: EventRecords | undefined;
  readonly report: StatsdReport;
}

/** Takes packets apart. Every line of them is counted once, as taken or with what is wrong with it. */
export class StatsdPackets {
  readonly #options: StatsdPacketsOptions;
  readonly #arena = new PacketArena();
  readonly #line = new StatsdLine();
  /** What of the metrics was told; they may have counted before. */
  #overflows: number;
  #cutValues: number;

  constructor(options: StatsdPacketsOptions) {
    this.#options = options;
    this.#overflows = options.metrics.overflows;
    this.#cutValues = options.metrics.cutValues;
  }

  /** Takes a packet. Never throws. */
  take(packet: Uint8Array): void {
    const arena = this.#arena;
    arena.set(packet);
    const { bytes, length } = arena;
    let taken = 0;
    for (let start = 0; start < length; ) {
      // One stands behind the packet.
      const lineFeed = bytes.indexOf(LF, start);
      const end = lineFeed > start && bytes[lineFeed - 1] === CR ? lineFeed - 1 : lineFeed;
      if (end > start && this.#takeLine(start, end)) taken++;
      start = lineFeed + 1;
    }
    const { metrics, report } = this.#options;
    if (taken > 0) report.took(taken);
    const { overflows, cutValues } = metrics;
    if (overflows === this.#overflows && cutValues === this.#cutValues) return;
    report.bounded(overflows - this.#overflows, cutValues - this.#cutValues);
    this.#overflows = overflows;
    this.#cutValues = cutValues;
  }

  #takeLine(start: number, end: number): boolean {
    const { metrics, report } = this.#options;
    const { bytes } = this.#arena;
    const text = (): string => bytes.toString('utf8', start, end);
    if (isStatsdEvent(bytes, start, end)) {
      report.line(this.#takeEvent(start, end), text);
      return false;
    }
    const fault = this.#line.parse(bytes, start, end) ?? metrics.take(this.#arena, this.#line);
    if (fault === undefined) return true;
    report.line(fault, text);
    return false;
  }

  #takeEvent(start: number, end: number): 'event' | 'event_form' | 'events_off' | 'events_full' {
    const { events } = this.#options;
    if (events === undefined) return 'events_off';
    const event = parseStatsdEvent(this.#arena.bytes, start, end);
    if (event === undefined) return 'event_form';
    return events.add(recordOf(event, end - start)) ? 'event' : 'events_full';
  }
}

function recordOf({ body, level, unixSeconds, attributes }: StatsdEvent, bytes: number): EventRecord {
  const unixMs = unixSeconds === undefined ? undefined : unixSeconds * 1000;
  return { body, severityText: level, severityNumber: SEVERITIES[level] ?? 9, unixMs, attributes, bytes };
}
