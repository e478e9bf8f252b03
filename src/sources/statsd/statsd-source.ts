import type { ListenAddress } from '../../component/options.ts';
import type { Clock } from '../../core/clock.ts';
import type { Lifetime, Output, Source } from '../../core/contracts.ts';
import { messageOf } from '../../core/errors.ts';
import type { MetricProducer } from '../../core/metric.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { EventRecords } from '../event-records.ts';
import { kernelDrops } from './kernel-drops.ts';
import { SocketInput } from './socket-input.ts';
import type { StatsdMetrics } from './statsd-metrics.ts';
import type { StatsdPackets } from './statsd-packets.ts';
import type { StatsdReport, Transport } from './statsd-report.ts';
import { UdpInput } from './udp-input.ts';

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
const HINT = 'Another process listens there, or the agent may not; the containers of a pod share their ports';

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
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What is open, and can be closed. */
interface Input {
  close(): Promise<void>;
}

/** Receives StatsD, until it is to end and nothing comes any more. */
export class StatsdSource implements Source {
  readonly metrics: MetricProducer;
  readonly #options: StatsdSourceOptions;
  readonly #inputs: Input[] = [];
  #udp: UdpInput | undefined;
  /** How many have to be opened. */
  #closed: number;
  #received = 0;
  #untoldBytes = 0;
  #dropped = 0;

  constructor(options: StatsdSourceOptions) {
    this.#options = options;
    this.metrics = options.metrics;
    this.#closed = (options.udp === undefined ? 0 : 1) + (options.socket === undefined ? 0 : 1);
  }

  /** Once all its addresses are there: what the application sends then is received. */
  get hasStarted(): boolean {
    return this.#closed === 0;
  }

  async run(output: Output, { drain, stop }: Lifetime): Promise<void> {
    const { udp, socket, events, metrics, clock } = this.#options;
    const ending = AbortSignal.any([drain, stop]);
    const ended = new AbortController();
    const sent = events?.run(output, ended.signal, stop);
    const opened = Promise.all([
      udp === undefined ? undefined : this.#listen('udp', () => this.#openUdp(udp), ending),
      socket === undefined ? undefined : this.#listen('socket', () => this.#openSocket(socket), ending),
    ]);
    try {
      while (!ending.aborted) {
        await clock.sleep(UPKEEP_MS, ending);
        metrics.expire();
        await this.#countKernelDrops();
      }
      await opened;
      await this.#receiveRest(stop);
    } finally {
      await Promise.all(this.#inputs.map((input) => input.close()));
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
  async #listen(transport: Transport, open: () => Promise<Input>, ending: AbortSignal): Promise<void> {
    const { name: source, clock, logger } = this.#options;
    for (let tries = 0; !ending.aborted; tries++) {
      try {
        this.#inputs.push(await open());
        this.#closed--;
        if (tries > 0) logger.info({ source, transport }, 'The address for StatsD is there now.');
        return;
      } catch (error) {
        const fields = { source, transport, code: 'ERR_STATSD_LISTEN', hint: HINT };
        if (tries === 0) logger.error(fields, `Cannot receive StatsD: ${messageOf(error)}; it is tried again.`);
      }
      await clock.sleep(RETRY_MS, ending);
    }
  }

  async #openUdp(udp: ListenAddress): Promise<Input> {
    const { name: source, receiveBufferBytes, logger } = this.#options;
    const onError = (error: Error): void => logger.warn({ source, error: messageOf(error) }, 'UDP failed.');
    const input = await UdpInput.open(udp, receiveBufferBytes, { onPacket: this.#receiver('udp'), onError });
    this.#udp = input;
    const { address, port } = input.address;
    const where = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
    logger.info({ source, address: where, receiveBufferBytes: input.receiveBufferBytes }, 'StatsD can be sent by UDP.');
    return input;
  }

  async #openSocket(path: string): Promise<Input> {
    const { name: source, report, logger } = this.#options;
    const handlers = {
      onPacket: this.#receiver('socket'),
      onFault: (reason: string) => report.brokenStream(reason),
    };
    const input = await SocketInput.open(path, handlers);
    logger.info({ source, path }, 'StatsD can be sent to the socket.');
    return input;
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
    if (this.#udp === undefined) return;
    const dropped = await kernelDrops('/proc', this.#udp.address);
    if (dropped === undefined) return;
    this.#options.report.kernelDropped(dropped - this.#dropped);
    this.#dropped = dropped;
  }
}
