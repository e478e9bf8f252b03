import type { RequestEncoder } from '../codec/request-encoder.ts';
import type { Clock } from '../core/clock.ts';
import type { Sink, Transport } from '../core/contracts.ts';
import type { Lease } from '../core/lease.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { Backoff } from './backoff.ts';
import type { Compressor } from './compression.ts';
import { DeliveryCounters } from './delivery-counters.ts';
import { DeliveryLog } from './delivery-log.ts';
import { Pacer } from './pacer.ts';
import { Request } from './request.ts';
import { RequestSender } from './request-sender.ts';

export interface RequestSinkOptions {
  /** The sink's name in the configuration. */
  readonly name: string;
  readonly createEncoder: () => RequestEncoder;
  readonly transport: Transport;
  readonly compressor: Compressor;
  /** The largest body, before compression. A record that is larger alone is rejected, never sent. */
  readonly maxRequestBytes: number;
  readonly maxRequestRecords: number;
  /** How long the first record of a request waits for others. */
  readonly flushIntervalMs: number;
  readonly maxInFlight: number;
  readonly retry: { readonly initialMs: number; readonly maxMs: number };
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Numbers in [0, 1), for the jitter. */
  readonly random?: () => number;
}

/** A peer that finds a request too large makes later ones smaller, but never smaller than this. */
const MIN_LEARNED_BYTES = 64 * 1024;

/**
 * A sink that collects records into requests and brings each to its end. It knows neither the encoding nor the
 * protocol.
 *
 * ```
 *  write() --> open --(full, or due and there is room)--> sealed --(a slot is free)--> in flight --> leases settle
 *               1                                         0 or more                    0 to maxInFlight
 * ```
 * `write()` refuses while anything is sealed and waits for a slot, so besides the open request and those in flight
 * there is never more than what one batch filled. While all slots are taken, the open request goes on growing until it
 * is full, whatever its age. Encoders are used again: there are as many as were ever needed at once, at most
 * `maxInFlight` + 1 of them kept.
 */
export class RequestSink implements Sink {
  readonly #options: RequestSinkOptions;
  readonly #counters: DeliveryCounters;
  readonly #log: DeliveryLog;
  readonly #pacer: Pacer;
  readonly #sender: RequestSender;
  /** Requests are sealed before they become larger: `maxRequestBytes`, or less once the peer found that too large. */
  #sealBytes: number;
  #open: Request | undefined;
  #sealed: Request[] = [];
  #inFlight = 0;
  /** Records that no request can hold, over the life of the sink. */
  #tooLarge = 0;
  #spareEncoders: RequestEncoder[] = [];
  #readyWaiters: (() => void)[] = [];
  #idleWaiters: (() => void)[] = [];
  #stop = new AbortController();
  #isClosed = false;

  constructor(options: RequestSinkOptions) {
    const { clock, transport, compressor, retry, random = Math.random } = options;
    this.#options = options;
    this.#counters = new DeliveryCounters(options.metrics, options.name);
    this.#log = new DeliveryLog(options.logger, clock);
    this.#pacer = new Pacer(clock);
    this.#sealBytes = options.maxRequestBytes;
    this.#sender = new RequestSender({
      transport,
      compressor,
      pacer: this.#pacer,
      createBackoff: () => new Backoff({ ...retry, random }),
      counters: this.#counters,
      log: this.#log,
      onTooLarge: (bytes) => this.#learnLimit(bytes),
    });
  }

  write(batch: RecordBatch, lease: Lease): boolean {
    if (this.#isClosed) throw new Error('Cannot write to sink: it is closed');
    if (this.#sealed.length > 0) return false;
    const tooLargeBefore = this.#tooLarge;
    const live = this.#appendLive(batch, lease);
    const tooLarge = this.#tooLarge - tooLargeBefore;
    this.#open?.claim(lease);
    if (tooLarge > 0) this.#rejectTooLarge(tooLarge);
    lease.settle(live === 0 ? 'dropped' : tooLarge > 0 ? 'rejected' : 'delivered');
    this.#pump();
    return true;
  }

  ready(): Promise<void> {
    if (this.#sealed.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#readyWaiters.push(resolve));
  }

  async flush(signal: AbortSignal): Promise<void> {
    const abandon = (): void => this.#abandon();
    if (signal.aborted) abandon();
    signal.addEventListener('abort', abandon, { once: true });
    if (this.#open !== undefined) this.#open.isDue = true;
    this.#pacer.hurry();
    this.#pump();
    await this.#idle();
    signal.removeEventListener('abort', abandon);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#abandon();
    await this.#idle();
    this.#spareEncoders = [];
    await this.#options.transport.close();
  }

  /** Encodes the live records and returns how many there are. A loop of its own, so that it stays optimized at its end. */
  #appendLive(batch: RecordBatch, lease: Lease): number {
    let live = 0;
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      live++;
      if (!this.#append(batch, record, lease)) this.#tooLarge++;
    }
    return live;
  }

  /** Encodes one record into the open request, or into the next one. False: it is too large for any. */
  #append(batch: RecordBatch, record: number, lease: Lease): boolean {
    let request = (this.#open ??= this.#openRequest());
    request.encoder.append(batch, record);
    if (request.encoder.byteLength > this.#sealBytes) {
      if (request.encoder.recordCount > 1) {
        request.encoder.undoAppend();
        this.#seal(request, lease);
        request = this.#open = this.#openRequest();
        request.encoder.append(batch, record);
      }
      if (request.encoder.byteLength > this.#options.maxRequestBytes) {
        request.encoder.undoAppend();
        return false;
      }
    }
    if (request.encoder.recordCount >= this.#options.maxRequestRecords) this.#seal(request, lease);
    return true;
  }

  #openRequest(): Request {
    const request = new Request(this.#spareEncoders.pop() ?? this.#options.createEncoder());
    void this.#options.clock.sleep(this.#options.flushIntervalMs, request.sealed).then(() => {
      request.isDue = true;
      this.#pump();
    });
    return request;
  }

  /** Ends the open request. The records that came since the last claim are those of `lease`. */
  #seal(request: Request, lease: Lease): void {
    request.claim(lease);
    request.seal();
    this.#open = undefined;
    this.#sealed.push(request);
  }

  /** Moves requests on as far as there is room, and tells those who wait. */
  #pump(): void {
    while (this.#inFlight < this.#options.maxInFlight) {
      const request = this.#sealed.shift() ?? this.#takeDue();
      if (request === undefined) break;
      void this.#deliver(request);
    }
    if (this.#sealed.length > 0) return;
    wakeAll(this.#readyWaiters);
    if (this.#inFlight === 0 && (this.#open?.encoder.recordCount ?? 0) === 0) wakeAll(this.#idleWaiters);
  }

  /** The open request, if its time has come. One that holds nothing is given up. */
  #takeDue(): Request | undefined {
    const request = this.#open;
    if (request === undefined || !request.isDue) return undefined;
    request.seal();
    this.#open = undefined;
    if (request.encoder.recordCount > 0) return request;
    this.#recycle(request.encoder);
    return undefined;
  }

  async #deliver(request: Request): Promise<void> {
    this.#inFlight++;
    await this.#sender.deliver(request, this.#stop.signal);
    this.#recycle(request.encoder);
    this.#inFlight--;
    this.#pump();
  }

  #recycle(encoder: RequestEncoder): void {
    encoder.clear();
    if (this.#spareEncoders.length <= this.#options.maxInFlight) this.#spareEncoders.push(encoder);
  }

  /** Resolves when nothing is held. */
  #idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.#pump();
    });
  }

  /** Gives up everything that is held: requests in flight end by the signal, the others here. */
  #abandon(): void {
    const stop = this.#stop;
    this.#stop = new AbortController();
    stop.abort();
    this.#pacer.hurry();
    const requests = this.#sealed;
    if (this.#open !== undefined) requests.push(this.#open);
    this.#sealed = [];
    this.#open = undefined;
    for (const request of requests) {
      request.seal();
      this.#counters.abandoned.add(request.encoder.recordCount);
      request.settle(request.encoder.recordCount, 'abandoned');
      this.#recycle(request.encoder);
    }
    this.#pump();
  }

  #learnLimit(bytes: number): void {
    this.#sealBytes = Math.min(this.#sealBytes, Math.max(MIN_LEARNED_BYTES, bytes >> 1));
  }

  #rejectTooLarge(records: number): void {
    const reason = 'too_large';
    this.#counters.rejected(reason).add(records);
    const limit = this.#options.maxRequestBytes;
    this.#log.rejected(
      records,
      reason,
      new Error(`Cannot send record: larger than the request limit of ${limit} bytes`),
    );
  }
}

function wakeAll(waiters: (() => void)[]): void {
  for (const wake of waiters.splice(0)) wake();
}
