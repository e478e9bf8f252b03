import type { Legacy } from '../../core/contracts.ts';
import type { SourceLedger } from '../../ledger/source-ledger.ts';
import type { EventRecords } from '../event-records.ts';
import type { SocketInput } from './socket-input.ts';
import type { StatsdMetrics, StatsdMetricsOptions } from './statsd-metrics.ts';
import type { UdpInput } from './udp-input.ts';

/** What receives packets, by how they come. */
export interface Inputs {
  readonly udp: UdpInput | undefined;
  readonly socket: SocketInput | undefined;
}

/**
 * What a source leaves to the one that takes its place: what is open, so that nothing is lost meanwhile, the metrics as
 * they are, and the events that wait. There is one such source, so it is given once.
 */
export class StatsdLegacy implements Legacy {
  #udp: UdpInput | undefined;
  #socket: SocketInput | undefined;
  #metrics: StatsdMetrics | undefined;
  #events: EventRecords | undefined;

  constructor({ udp, socket }: Inputs, metrics: StatsdMetrics | undefined, events: EventRecords | undefined) {
    this.#udp = udp;
    this.#socket = socket;
    this.#metrics = metrics;
    this.#events = events;
  }

  /** What receives at that address, as it is in the configuration. */
  takeUdp(where: string): UdpInput | undefined {
    const udp = this.#udp;
    if (udp?.where !== where) return undefined;
    this.#udp = undefined;
    return udp;
  }

  takeSocket(path: string): SocketInput | undefined {
    const socket = this.#socket;
    if (socket?.path !== path) return undefined;
    this.#socket = undefined;
    return socket;
  }

  /** The metrics, where they were made with the same options: they count on. */
  takeMetrics(options: StatsdMetricsOptions): StatsdMetrics | undefined {
    const metrics = this.#metrics;
    if (metrics?.isMadeWith(options) !== true) return undefined;
    this.#metrics = undefined;
    return metrics;
  }

  /** The events, where they are in these books. */
  takeEvents(ledger: SourceLedger): EventRecords | undefined {
    const events = this.#events;
    if (events?.ledger !== ledger) return undefined;
    this.#events = undefined;
    return events;
  }

  join(other: Legacy): void {
    other.close();
  }

  /** Empty: nothing of it can be there twice. */
  copy(): StatsdLegacy {
    return new StatsdLegacy({ udp: undefined, socket: undefined }, undefined, undefined);
  }

  close(): void {
    void this.#udp?.close();
    void this.#socket?.close();
    this.#udp = undefined;
    this.#socket = undefined;
  }
}
