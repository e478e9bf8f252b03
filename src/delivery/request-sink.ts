import type { RequestEncoder } from '../codec/request-encoder.ts';
import type { Clock } from '../core/clock.ts';
import type { Sink, SinkState, Transport } from '../core/contracts.ts';
import type { Lease } from '../core/lease.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { Backoff } from './backoff.ts';
import type { Compressor } from './compression.ts';
import type { DeadLetter, DeadRecord } from './dead-letter.ts';
import { DeliveryCounters } from './delivery-counters.ts';
import { DeliveryLog } from './delivery-log.ts';
import { Hold } from './hold.ts';
import { Pace } from './pace.ts';
import { Pacer } from './pacer.ts';
import { Request } from './request.ts';
import { RequestDelivery } from './request-delivery.ts';

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
  /** How long a peer may fail by itself before the records of a request are suspected. */
  readonly serverErrorPatienceMs: number;
  /** Where rejected records are set aside. */
  readonly deadLetter?: DeadLetter | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Numbers in [0, 1), for the jitter. */
  readonly random?: () => number;
}

/** A peer that finds a request too large makes later ones smaller, but never smaller than this. */
const MIN_LEARNED_BYTES = 64 * 1024;

/** How large requests become while memory is short, unless one record is larger. */
const NARROW_BYTES = 256 * 1024;

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
  readonly #hold = new Hold();
  readonly #pace = new Pace();
  /** Why the last request was rejected as a whole; undefined: it was not. */
  #rejection: Error | undefined;
  /** Requests are sealed before they become larger: `maxRequestBytes`, or less once the peer found that too large. */
  #sealBytes: number;
  #open: Request | undefined;
  /** Ends the time that the open request waits for company. */
  #endWait = (): void => {};
  #sealed: Request[] = [];
  #inFlight = 0;
  /** Records of the present batch that no request can hold; filled only where they are set aside. */
  #tooLargeRecords: DeadRecord[] = [];
  /** How many batches wait for such records to be set aside. */
  #settingAside = 0;
  #spareEncoders: RequestEncoder[] = [];
  #readyWaiters: (() => void)[] = [];
  #idleWaiters: (() => void)[] = [];
  #stop = new AbortController();
  #isEager = false;
  #isNarrow = false;
  #isClosed = false;

  constructor(options: RequestSinkOptions) {
    this.#options = options;
    this.#counters = new DeliveryCounters(options.metrics, options.name);
    this.#log = new DeliveryLog(options.logger, options.clock, options.name);
    this.#pacer = new Pacer(options.clock);
    this.#sealBytes = options.maxRequestBytes;
    const isHeld = (): number => (this.#hold.state.kind === 'held' ? 1 : 0);
    options.metrics.gauge('pillion_sink_held', { sink: options.name }, isHeld);
  }

  get state(): SinkState {
    if (this.#hold.state.kind === 'held') return this.#hold.state;
    if (this.#rejection !== undefined) return { kind: 'rejecting', message: this.#rejection.message };
    const { failure } = this.#log;
    return failure === undefined ? { kind: 'ready' } : { kind: 'retrying', ...failure };
  }

  write(batch: RecordBatch, lease: Lease): boolean {
    if (this.#isClosed) throw new Error('Cannot write to sink: it is closed');
    if (this.#isFull) return false;
    const { live, tooLarge } = this.#appendLive(batch, lease);
    this.#open?.claim(lease, batch.stream.name);
    if (tooLarge > 0) this.#rejectTooLarge(tooLarge, lease);
    lease.settle(live === 0 ? 'dropped' : tooLarge > 0 ? 'rejected' : 'delivered');
    this.#pump();
    return true;
  }

  ready(): Promise<void> {
    if (!this.#isFull) return Promise.resolve();
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

  sendEagerly(): void {
    this.#isEager = true;
    if (this.#open !== undefined) this.#open.isDue = true;
    this.#pump();
  }

  /** While it is narrow one request is in flight at a time, those of before aside, and new ones are small. */
  narrow(isNarrow: boolean): void {
    this.#isNarrow = isNarrow;
    if (isNarrow) this.#spareEncoders = [];
    this.#pump();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#abandon();
    await this.#idle();
    this.#spareEncoders = [];
    await this.#options.transport.close();
  }

  /** Beyond this a request is sealed. */
  get #limitBytes(): number {
    return this.#isNarrow ? Math.min(this.#sealBytes, NARROW_BYTES) : this.#sealBytes;
  }

  /** Whether requests wait for a slot, or records that no request can hold for the disk. */
  get #isFull(): boolean {
    return this.#sealed.length > 0 || this.#settingAside > 0;
  }

  /**
   * Encodes the live records; says how many there are, and how many of them no request can hold. A loop of its own, so
   * that it stays optimized at its end.
   */
  #appendLive(batch: RecordBatch, lease: Lease): { readonly live: number; readonly tooLarge: number } {
    let live = 0;
    let tooLarge = 0;
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      live++;
      if (!this.#append(batch, record, lease)) tooLarge++;
    }
    return { live, tooLarge };
  }

  /** Encodes one record into the open request, or into the next one. False: it is too large for any. */
  #append(batch: RecordBatch, record: number, lease: Lease): boolean {
    let request = (this.#open ??= this.#openRequest());
    request.encoder.append(batch, record);
    if (request.encoder.byteLength > this.#limitBytes) {
      if (request.encoder.recordCount > 1) {
        request.encoder.undoAppend();
        this.#seal(request, lease, batch);
        request = this.#open = this.#openRequest();
        request.encoder.append(batch, record);
      }
      if (request.encoder.byteLength > this.#options.maxRequestBytes) {
        this.#keepTooLarge(request.encoder, batch);
        request.encoder.undoAppend();
        return false;
      }
    }
    if (request.encoder.recordCount >= this.#options.maxRequestRecords) this.#seal(request, lease, batch);
    return true;
  }

  #openRequest(): Request {
    const request = new Request(this.#spareEncoders.pop() ?? this.#options.createEncoder());
    request.isDue = this.#isEager;
    if (this.#isEager) return request;
    this.#endWait = this.#options.clock.after(this.#options.flushIntervalMs, () => {
      request.isDue = true;
      this.#pump();
    });
    return request;
  }

  /** Ends the open request. The records that came since the last claim are those of `lease` and `batch`. */
  #seal(request: Request, lease: Lease, batch: RecordBatch): void {
    request.claim(lease, batch.stream.name);
    this.#endWait();
    this.#open = undefined;
    this.#sealed.push(request);
  }

  /** Moves requests on as far as there is room, and tells those who wait. */
  #pump(): void {
    while (this.#inFlight < (this.#isNarrow ? 1 : this.#options.maxInFlight)) {
      const request = this.#sealed.shift() ?? this.#takeDue();
      if (request === undefined) break;
      void this.#deliver(request);
    }
    if (this.#isFull) return;
    wakeAll(this.#readyWaiters);
    if (this.#inFlight === 0 && (this.#open?.encoder.recordCount ?? 0) === 0) wakeAll(this.#idleWaiters);
  }

  /** The open request, if its time has come. One that holds nothing is given up. */
  #takeDue(): Request | undefined {
    const request = this.#open;
    if (request === undefined || !request.isDue) return undefined;
    this.#endWait();
    this.#open = undefined;
    if (request.encoder.recordCount > 0) return request;
    this.#recycle(request.encoder);
    return undefined;
  }

  async #deliver(request: Request): Promise<void> {
    this.#inFlight++;
    await this.#deliveryOf(request).run();
    this.#recycle(request.encoder);
    this.#inFlight--;
    this.#pump();
  }

  #deliveryOf(request: Request): RequestDelivery {
    const { retry, random = Math.random } = this.#options;
    return new RequestDelivery(
      {
        ...this.#options,
        pacer: this.#pacer,
        hold: this.#hold,
        pace: this.#pace,
        backoff: new Backoff({ ...retry, random }),
        counters: this.#counters,
        log: this.#log,
        deadLetter: this.#options.deadLetter,
        onTooLarge: (bytes) => this.#learnLimit(bytes),
        onEnded: (rejection) => {
          this.#rejection = rejection;
        },
      },
      request,
      this.#stop.signal,
    );
  }

  #recycle(encoder: RequestEncoder): void {
    encoder.clear();
    if (!this.#isNarrow && this.#spareEncoders.length <= this.#options.maxInFlight) this.#spareEncoders.push(encoder);
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
    this.#hold.wake();
    this.#endWait();
    const requests = this.#sealed;
    if (this.#open !== undefined) requests.push(this.#open);
    this.#sealed = [];
    this.#open = undefined;
    for (const request of requests) {
      this.#counters.abandoned.add(request.encoder.recordCount);
      request.settle(request.encoder.recordCount, 'abandoned');
      this.#recycle(request.encoder);
    }
    this.#pump();
  }

  #learnLimit(bytes: number): void {
    this.#sealBytes = Math.min(this.#sealBytes, Math.max(MIN_LEARNED_BYTES, bytes >> 1));
  }

  /** Copies the last record, which is about to be taken out of the encoder again. */
  #keepTooLarge(encoder: RequestEncoder, batch: RecordBatch): void {
    if (this.#options.deadLetter === undefined) return;
    const body = Buffer.from(encoder.body(encoder.recordCount - 1, encoder.recordCount));
    this.#tooLargeRecords.push({ stream: batch.stream.name, body });
  }

  #rejectTooLarge(count: number, lease: Lease): void {
    const { maxRequestBytes, deadLetter } = this.#options;
    const reason = 'too_large';
    const error = new Error(`Cannot send record: larger than the request limit of ${maxRequestBytes} bytes`);
    lease.count('rejected', count, reason);
    this.#counters.rejected(reason).add(count);
    this.#log.rejected(count, reason, error);
    if (deadLetter === undefined) return;
    const records = this.#tooLargeRecords;
    this.#tooLargeRecords = [];
    this.#settingAside++;
    lease.retain();
    void deadLetter.setAside(records, reason, error).then(() => {
      lease.settle('rejected');
      this.#settingAside--;
      this.#pump();
    });
  }
}

function wakeAll(waiters: (() => void)[]): void {
  for (const wake of waiters.splice(0)) wake();
}
