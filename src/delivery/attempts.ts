import type { Clock } from '../core/clock.ts';
import type { SendResult, Transport } from '../core/contracts.ts';
import type { Backoff } from './backoff.ts';
import type { DeliveryCounters } from './delivery-counters.ts';
import type { DeliveryLog } from './delivery-log.ts';
import type { Hold } from './hold.ts';
import type { Pacer } from './pacer.ts';

export interface AttemptsOptions {
  readonly transport: Transport;
  readonly pacer: Pacer;
  readonly hold: Hold;
  readonly backoff: Backoff;
  readonly counters: DeliveryCounters;
  readonly log: DeliveryLog;
  readonly clock: Clock;
  /** How long a peer may fail by itself before a record is suspected. */
  readonly serverErrorPatienceMs: number;
}

/** What ends the attempts with one body. `mayHaveArrived`: whether sending its records again may repeat them. */
export type Conclusion =
  | Extract<SendResult, { status: 'delivered' | 'too_large' | 'other_form' | 'rejected' }>
  /** A record in it is at fault, or is suspected; `reason` is the ledger's word. */
  | { readonly status: 'poisoned'; readonly error: Error; readonly reason: string; readonly mayHaveArrived: boolean }
  /** The peer does not answer in time, again and again: halves may do better. */
  | { readonly status: 'slow'; readonly error: Error; readonly mayHaveArrived: boolean };

type Retryable = Extract<SendResult, { status: 'retryable' }>;

/** Sends the bodies of one request, each until there is an answer that is worth something. Knows nothing of records. */
export class Attempts {
  readonly #options: AttemptsOptions;
  readonly #stop: AbortSignal;
  #waitMs = 0;
  /** Whether the last attempt found its connection stale. */
  #wasStale = false;
  /** Whether an answer of this request did not come in time before. */
  #wasSlow = false;
  #serverErrorSinceMs: number | undefined;

  /** `stop` ends the attempts for good. */
  constructor(options: AttemptsOptions, stop: AbortSignal) {
    this.#options = options;
    this.#stop = stop;
  }

  /**
   * The same bytes, again and again; undefined: stopped first. There is no limit on attempts. `mayHaveArrived` says
   * whether the `records` of the body may be with the peer already: they then count as sent again.
   */
  async send(wire: Uint8Array, records: number, mayHaveArrived: boolean): Promise<Conclusion | undefined> {
    const { transport, counters, log, hold, pacer, backoff } = this.#options;
    let isResend = mayHaveArrived;
    for (;;) {
      if (!(await this.#mayGo())) return this.#stopped();
      // Before it is sent: at no moment may a peer have more repeats than are counted.
      if (isResend) counters.resent.add(records);
      const result = await transport.send(wire, this.#stop);
      if (this.#stop.aborted && (result.status === 'retryable' || result.status === 'refused')) return this.#stopped();
      counters.requests(result.status).add(1);
      if (result.status === 'refused') {
        if (hold.refuse(this, result)) log.held(result);
        this.#waitMs = backoff.nextMs();
        isResend = result.mayHaveArrived;
        continue;
      }
      if (result.status === 'retryable' && result.retryAfterMs !== undefined) pacer.pause(result.retryAfterMs);
      if (hold.lift(this)) log.lifted();
      if (result.status !== 'retryable') return this.#answered(result);
      const conclusion = this.#retry(result);
      if (conclusion !== undefined) return conclusion;
      isResend = result.mayHaveArrived;
    }
  }

  /** Waits for the own back-off, the peer's pause, and the end of a hold. False: stopped first. */
  async #mayGo(): Promise<boolean> {
    const { hold, pacer, backoff } = this.#options;
    while (!this.#stop.aborted) {
      if (!hold.isOpenTo(this)) {
        await hold.pass(this);
        this.#waitMs = 0; // it has waited
      }
      // Who hurries has little time: the waits begin small again.
      if (await pacer.wait(this.#waitMs)) backoff.reset();
      this.#waitMs = 0;
      if (hold.isOpenTo(this)) break;
    }
    return !this.#stop.aborted;
  }

  /** Who does not ask again keeps nobody waiting. */
  #stopped(): undefined {
    this.#options.hold.lift(this);
  }

  #answered(result: Exclude<SendResult, { status: 'retryable' | 'refused' }>): Conclusion {
    const { backoff, pacer, log } = this.#options;
    backoff.reset();
    pacer.answered();
    log.answered();
    if (result.status !== 'bad_data') return result;
    return { status: 'poisoned', error: result.error, reason: 'bad_data', mayHaveArrived: false };
  }

  /** Sets the wait before the next attempt, or says that another one with the same bytes is of no use. */
  #retry({ error, hint, poisonReason, mayHaveArrived, retryAfterMs = 0 }: Retryable): Conclusion | undefined {
    const { backoff, clock, log, serverErrorPatienceMs } = this.#options;
    const isFirstStale = hint === 'stale' && !this.#wasStale;
    this.#wasStale = hint === 'stale';
    // A connection that went away while nobody used it says nothing about the peer.
    this.#waitMs = isFirstStale ? 0 : retryAfterMs + backoff.nextMs();
    if (poisonReason !== undefined) {
      this.#serverErrorSinceMs ??= clock.nowMs();
      const failedMs = clock.nowMs() - this.#serverErrorSinceMs;
      if (failedMs >= serverErrorPatienceMs) return { status: 'poisoned', error, reason: poisonReason, mayHaveArrived };
    }
    if (!isFirstStale) log.retrying(error, this.#waitMs);
    if (hint === 'slow' && this.#wasSlow) return { status: 'slow', error, mayHaveArrived };
    this.#wasSlow ||= hint === 'slow';
    return undefined;
  }
}
