import type { Clock } from '../core/clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Delivered } from './delivery-counters.ts';
import type { Refusal } from './hold.ts';
import { LogLimiter } from './log-limiter.ts';

/** What a sink says about its peer: each kind of message at most once a minute. Errors come in fit for a log. */
export class DeliveryLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #limiter: LogLimiter;
  readonly #sink: string;
  readonly #what: Delivered;
  #failure: { readonly sinceMs: number; readonly message: string } | undefined;
  #heldSinceMs: number | undefined;

  /** `sink`: who speaks; the peers of several may have one address. */
  constructor(logger: Logger, clock: Clock, sink: string, what: Delivered = 'records') {
    this.#sink = sink;
    this.#what = what;
    this.#logger = logger;
    this.#clock = clock;
    this.#limiter = new LogLimiter(clock);
  }

  /** What the last attempt failed for, and since when all have; undefined: the last one was answered. */
  get failure(): { readonly sinceMs: number; readonly message: string } | undefined {
    return this.#failure;
  }

  /** A request will be sent again. */
  retrying(error: Error, waitMs: number): void {
    this.#failure = { sinceMs: this.#failure?.sinceMs ?? this.#clock.nowMs(), message: error.message };
    const fields = { error: error.message, wait_ms: Math.round(waitMs) };
    this.#say('warn', 'retrying', fields, 'Cannot deliver; the request will be sent again.');
  }

  /** A request was answered for good, either way. */
  answered(): void {
    if (this.#failure === undefined) return;
    const outageMs = Math.round(this.#clock.nowMs() - this.#failure.sinceMs);
    this.#failure = undefined;
    this.#say('info', 'answered', { outage_ms: outageMs }, 'The peer answers again.');
  }

  /** The destination lets nobody in; said once for each reason, however long that lasts. */
  held({ error, reason, cure }: Refusal): void {
    this.#heldSinceMs ??= this.#clock.nowMs();
    const fields = { error: error.message, cure };
    const text = `The destination lets nothing in; ${this.#what} wait until that is mended.`;
    this.#say('error', `held ${reason}`, fields, text);
  }

  /** A destination that let nobody in answers otherwise. */
  lifted(): void {
    const heldMs = Math.round(this.#clock.nowMs() - (this.#heldSinceMs ?? this.#clock.nowMs()));
    this.#heldSinceMs = undefined;
    this.#say('info', 'lifted', { held_ms: heldMs }, 'The destination refuses no longer.');
  }

  /** A request goes out again as two, for a reason that is one of a few words. */
  halving(reason: string, error: Error, bytes: number): void {
    const fields = { reason, error: error.message, bytes };
    this.#say('warn', `halving ${reason}`, fields, 'The peer will not take a request whole; its halves are sent.');
  }

  /** Records are lost: the peer, or the limit on requests, refuses them for good. */
  rejected(count: number, reason: string, error: Error): void {
    const fields = { [this.#what]: count, reason, error: error.message };
    const text = `${this.#what === 'records' ? 'Records' : 'Points'} were rejected and will not be sent again.`;
    this.#say('error', `rejected ${reason}`, fields, text);
  }

  /** Points are given up, because others came and there is no more room for those that wait. */
  queueFull(count: number): void {
    this.#say('error', 'queue full', { [this.#what]: count }, 'Points were dropped: too many wait for the peer.');
  }

  /** The peer takes another form of requests, from now on. */
  otherForm(error: Error): void {
    this.#say('info', 'other form', { error: error.message }, 'The peer wants requests in another form, and gets it.');
  }

  /** The peer has taken a request, with remarks. */
  partialSuccess(count: number, message: string): void {
    const fields = { [this.#what]: count, message };
    if (count > 0) this.#say('error', 'partial', fields, 'The peer rejected a part of a request.');
    else this.#say('warn', 'remark', fields, 'The peer took a request with a warning.');
  }

  #say(level: 'error' | 'warn' | 'info', key: string, fields: object, text: string): void {
    const held = this.#limiter.pass(key);
    if (held === undefined) return;
    this.#logger[level]({ sink: this.#sink, ...fields, ...(held > 0 && { held_back: held }) }, text);
  }
}
