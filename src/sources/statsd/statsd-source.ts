import type { ListenAddress } from '../../component/options.ts';
import type { Clock } from '../../core/clock.ts';
import type { Lifetime, Output, Source } from '../../core/contracts.ts';
import { messageOf } from '../../core/errors.ts';
import type { MetricProducer } from '../../core/metric.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { EventRecords } from '../event-records.ts';
import { kernelDrops } from './kernel-drops.ts';
import { SocketInput, type StreamHandlers } from './socket-input.ts';
import { StatsdLegacy } from './statsd-legacy.ts';
import type { StatsdMetrics } from './statsd-metrics.ts';
import type { StatsdPackets } from './statsd-packets.ts';
import type { StatsdReport, Transport } from './statsd-report.ts';
import { type PacketHandlers, UdpInput, udpPlace } from './udp-input.ts';

/** How long after a failure it is tried again to listen. */
const RETRY_MS = 1000;
/** How often series that are silent are forgotten, and the kernel is asked what it has thrown away. */
const UPKEEP_MS = 10_000;
/** At a drain the source ends when nothing has come for so long, or when so much time has passed. */
const QUIET_MS = 50;
const MAX_DRAIN_MS = 1000;
/** What a packet weighs besides its bytes, and how much of both is told at a time. */
const PACKET_WEIGHT = 128;
const TOLD_BYTES = 16 * 1024;
const HINTS: Record<Transport, string> = {
  udp: 'Another process listens there, or the agent may not; the containers of a pod share their ports',
  socket:
    'The folder must be there, the agent must be allowed to write into it, and nobody else may listen at the path',
};

export interface StatsdSourceOptions {
  readonly name: string;
  /** Where packets of UDP come; undefined: none do. */
  readonly udp: ListenAddress | undefined;
  readonly receiveBufferBytes: number;
  /** Where a unix socket is; undefined: nowhere. */
  readonly socket: string | undefined;
  readonly metrics: StatsdMetrics;
  readonly packets: StatsdPackets;
  readonly events: EventRecords | undefined;
  readonly report: StatsdReport;
  /** Is told how much comes. */
  readonly onInput: (bytes: number) => void;
  /** What another one has left, whose place it takes. */
  readonly predecessor: StatsdLegacy | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Receives StatsD, until it is to end and nothing comes any more. */
export class StatsdSource implements Source {
  readonly metrics: MetricProducer;
  readonly #options: StatsdSourceOptions;
  #udp: UdpInput | undefined;
  #socket: SocketInput | undefined;
  #isBequeathing = false;
  #received = 0;
  #untoldBytes = 0;

  constructor(options: StatsdSourceOptions) {
    this.#options = options;
    const { udp, socket, receiveBufferBytes, metrics, predecessor } = options;
    // Another object for each source: sinks show and hide it as such.
    this.metrics = { collect: () => metrics.collect() };
    if (udp !== undefined) this.#udp = predecessor?.takeUdp(udpPlace(udp));
    if (socket !== undefined) this.#socket = predecessor?.takeSocket(socket);
    this.#udp?.use(receiveBufferBytes, this.#udpHandlers());
    this.#socket?.use(this.#socketHandlers());
  }

  /** Once all its addresses are there: what the application sends then is received. */
  get hasStarted(): boolean {
    const { udp, socket } = this.#options;
    return (udp === undefined || this.#udp !== undefined) && (socket === undefined || this.#socket !== undefined);
  }

  bequeath(): () => Promise<StatsdLegacy> {
    this.#isBequeathing = true;
    const { metrics, events } = this.#options;
    return async () => new StatsdLegacy({ udp: this.#udp, socket: this.#socket }, metrics, events);
  }

  async run(output: Output, { drain, stop }: Lifetime): Promise<void> {
    const { udp, socket, events, metrics, clock } = this.#options;
    const ending = AbortSignal.any([drain, stop]);
    const ended = new AbortController();
    const sent = events?.run(output, ended.signal, stop);
    const opened = Promise.all([
      udp === undefined || this.#udp !== undefined ? undefined : this.#listen('udp', () => this.#openUdp(udp), ending),
      socket === undefined || this.#socket !== undefined
        ? undefined
        : this.#listen('socket', () => this.#openSocket(socket), ending),
    ]);
    try {
      while (!ending.aborted) {
        await clock.sleep(UPKEEP_MS, ending);
        metrics.expire();
        await this.#countKernelDrops();
      }
      await opened;
      if (!this.#isBequeathing) await this.#receiveRest(stop);
    } finally {
      if (!this.#isBequeathing) await Promise.all([this.#udp?.close(), this.#socket?.close()]);
      ended.abort();
      await sent;
    }
  }

  /** Takes what the kernel has, and what is sent on the way to the end. */
  async #receiveRest(stop: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const endMs = clock.nowMs() + MAX_DRAIN_MS;
    for (let before = -1; before !== this.#received && clock.nowMs() < endMs && !stop.aborted; ) {
      before = this.#received;
      await clock.sleep(QUIET_MS, stop);
    }
    await this.#countKernelDrops();
  }

  /** Opens an input, as often as it takes. */
  async #listen(transport: Transport, open: () => Promise<void>, ending: AbortSignal): Promise<void> {
    const { name: source, clock, logger } = this.#options;
    for (let tries = 0; !ending.aborted; tries++) {
      try {
        await open();
        if (tries > 0) logger.info({ source, transport }, 'The address for StatsD is there now.');
        return;
      } catch (error) {
        const fields = { source, transport, code: 'ERR_STATSD_LISTEN', hint: HINTS[transport] };
        if (tries === 0) logger.error(fields, `Cannot receive StatsD: ${messageOf(error)}; it is tried again.`);
      }
      await clock.sleep(RETRY_MS, ending);
    }
  }

  async #openUdp(udp: ListenAddress): Promise<void> {
    const { name: source, receiveBufferBytes, logger } = this.#options;
    const input = await UdpInput.open(udp, receiveBufferBytes, this.#udpHandlers());
    this.#udp = input;
    const { address, port } = input.address;
    const where = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
    logger.info({ source, address: where, receiveBufferBytes: input.receiveBufferBytes }, 'StatsD can be sent by UDP.');
  }

  async #openSocket(path: string): Promise<void> {
    const { name: source, logger } = this.#options;
    this.#socket = await SocketInput.open(path, this.#socketHandlers());
    logger.info({ source, path }, 'StatsD can be sent to the socket.');
  }

  #udpHandlers(): PacketHandlers {
    const { name: source, logger } = this.#options;
    const onError = (error: Error): void => logger.warn({ source, error: messageOf(error) }, 'UDP failed.');
    return { onPacket: this.#receiver('udp'), onError };
  }

  #socketHandlers(): StreamHandlers {
    const { report } = this.#options;
    return { onPacket: this.#receiver('socket'), onFault: (fault) => report.brokenStream(fault) };
  }

  #receiver(transport: Transport): (packet: Uint8Array) => void {
    const { packets, report, onInput } = this.#options;
    const counters = report.packets(transport);
    return (packet) => {
      this.#received++;
      counters.packets.add(1);
      counters.bytes.add(packet.length);
      packets.take(packet);
      this.#untoldBytes += PACKET_WEIGHT + packet.length;
      if (this.#untoldBytes < TOLD_BYTES) return;
      onInput(this.#untoldBytes);
      this.#untoldBytes = 0;
    };
  }

  async #countKernelDrops(): Promise<void> {
    const udp = this.#udp;
    if (udp === undefined) return;
    const dropped = await kernelDrops('/proc', udp.address);
    if (dropped === undefined) return;
    this.#options.report.kernelDropped(dropped - udp.countedDrops);
    udp.countedDrops = dropped;
  }
}
