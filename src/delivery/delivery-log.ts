import type { Clock } from '../core/clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Refusal } from './hold.ts';
import { LogLimiter } from './log-limiter.ts';

/** What a sink says about its peer: each kind of message at most once a minute. Errors come in fit for a log. */
export class DeliveryLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #limiter: LogLimiter;
  #failure: { readonly sinceMs: number; readonly message: string } | undefined;
  #heldSinceMs: number | undefined;

  constructor(logger: Logger, clock: Clock) {
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
    this.#say('error', `held ${reason}`, fields, 'The destination lets nothing in; records wait until that is mended.');
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
  rejected(records: number, reason: string, error: Error): void {
    const fields = { records, reason, error: error.message };
    this.#say('error', `rejected ${reason}`, fields, 'Records were rejected and will not be sent again.');
  }

  /** The peer has taken a request, with remarks. */
  partialSuccess(records: number, message: string): void {
    const fields = { records, message };
    if (records > 0) this.#say('error', 'partial', fields, 'The peer rejected a part of a request.');
    else this.#say('warn', 'remark', fields, 'The peer took a request with a warning.');
  }

  #say(level: 'error' | 'warn' | 'info', key: string, fields: object, text: string): void {
    const held = this.#limiter.pass(key);
    if (held !== undefined) this.#logger[level](held === 0 ? fields : { ...fields, held_back: held }, text);
  }
}
