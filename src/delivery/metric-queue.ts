import type { RequestBody } from '../codec/request-body.ts';
import type { Clock } from '../core/clock.ts';
import type { SinkState, Transport } from '../core/contracts.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Counter, Metrics } from '../telemetry/metrics.ts';
import { Backoff } from './backoff.ts';
import type { Compressor } from './compression.ts';
import { DeliveryCounters } from './delivery-counters.ts';
import { DeliveryLog } from './delivery-log.ts';
import { Hold } from './hold.ts';
import { Pace } from './pace.ts';
import { Pacer } from './pacer.ts';
import { Request } from './request.ts';
import { RequestDelivery } from './request-delivery.ts';

export interface MetricQueueOptions {
  /** The sink's name in the configuration. */
  readonly name: string;
  readonly transport: Transport;
  readonly compressor: Compressor;
  /** How many points may wait. When there are more, those that wait longest are given up: newer ones say more. */
  readonly maxQueuedPoints: number;
  readonly retry: { readonly initialMs: number; readonly maxMs: number };
  readonly serverErrorPatienceMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Numbers in [0, 1), for the jitter. */
  readonly random?: () => number;
}

/**
 * Requests of points on their way to a peer, one after another, so that the values of a series arrive in the order of
 * their times. There is no log on disk behind it: what does not fit into memory while the peer is away is dropped and
 * counted, and the sums that come later hold it.
 */
export class MetricQueue {
  readonly #options: MetricQueueOptions;
  readonly #counters: DeliveryCounters;
  readonly #dropped: Counter;
  readonly #log: DeliveryLog;
  readonly #pacer: Pacer;
  readonly #hold = new Hold();
  readonly #pace = new Pace();
  #waiting: RequestBody[] = [];
  #waitingPoints = 0;
  #rejection: Error | undefined;
  #stop = new AbortController();
  #isSending = false;
  #isClosed = false;
  #idleWaiters: (() => void)[] = [];

  constructor(options: MetricQueueOptions) {
    const { name, metrics, logger, clock } = options;
    this.#options = options;
    this.#counters = new DeliveryCounters(metrics, name, 'points');
    this.#dropped = metrics.counter('pillion_sink_dropped_points_total', { sink: name, reason: 'queue_full' });
    this.#log = new DeliveryLog(logger, clock, name, 'points');
    this.#pacer = new Pacer(clock);
    metrics.gauge('pillion_sink_queued_points', { sink: name }, () => this.#waitingPoints);
  }

  /** Whether points get through. */
  get state(): SinkState {
    if (this.#hold.state.kind === 'held') return this.#hold.state;
    if (this.#rejection !== undefined) return { kind: 'rejecting', message: this.#rejection.message };
    const { failure } = this.#log;
    return failure === undefined ? { kind: 'ready' } : { kind: 'retrying', ...failure };
  }

  /** Takes a request over; it is sent after those that were added before. */
  add(body: RequestBody): void {
    if (this.#isClosed || body.recordCount === 0) return;
    this.#waiting.push(body);
    this.#waitingPoints += body.recordCount;
    let given = 0;
    while (this.#waitingPoints > this.#options.maxQueuedPoints && this.#waiting.length > 1) given += this.#shift();
    if (given > 0) {
      this.#dropped.add(given);
      this.#log.queueFull(given);
    }
    void this.#send();
  }

  /** Sends without waiting for any back-off, and resolves when all is answered, or abandoned because `signal` aborts. */
  async flush(signal: AbortSignal): Promise<void> {
    const abandon = (): void => this.#abandon();
    if (signal.aborted) abandon();
    signal.addEventListener('abort', abandon, { once: true });
    this.#pacer.hurry();
    await this.#idle();
    signal.removeEventListener('abort', abandon);
  }

  /** Abandons what is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#abandon();
    await this.#idle();
    await this.#options.transport.close();
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    for (let body = this.#waiting[0]; body !== undefined; body = this.#waiting[0]) {
      this.#shift();
      await this.#deliveryOf(body).run();
    }
    this.#isSending = false;
    for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  #deliveryOf(body: RequestBody): RequestDelivery {
    const { retry, random = Math.random } = this.#options;
    const options = {
      ...this.#options,
      pacer: this.#pacer,
      hold: this.#hold,
      pace: this.#pace,
      backoff: new Backoff({ ...retry, random }),
      counters: this.#counters,
      log: this.#log,
      deadLetter: undefined,
      onTooLarge: () => {},
      onEnded: (rejection: Error | undefined) => {
        this.#rejection = rejection;
      },
    };
    return new RequestDelivery(options, new Request(body), this.#stop.signal);
  }

  /** Takes the first waiting request out; returns how many points it holds. */
  #shift(): number {
    const points = this.#waiting.shift()?.recordCount ?? 0;
    this.#waitingPoints -= points;
    return points;
  }

  #idle(): Promise<void> {
    if (!this.#isSending) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  #abandon(): void {
    const stop = this.#stop;
    this.#stop = new AbortController();
    this.#counters.abandoned.add(this.#waitingPoints);
    this.#waiting = [];
    this.#waitingPoints = 0;
    stop.abort();
    this.#pacer.hurry();
    this.#hold.wake();
  }
}
