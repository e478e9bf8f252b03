import type { Clock } from '../core/clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import { LogLimiter } from './log-limiter.ts';

/** What a sink says about its peer: each kind of message at most once a minute. Errors come in fit for a log. */
export class DeliveryLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #limiter: LogLimiter;
  #failingSinceMs: number | undefined;

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
    this.#limiter = new LogLimiter(clock);
  }

  /** A request will be sent again. */
  retrying(error: Error, waitMs: number): void {
    this.#failingSinceMs ??= this.#clock.nowMs();
    const fields = { error: error.message, wait_ms: Math.round(waitMs) };
    this.#say('warn', 'retrying', fields, 'Cannot deliver; the request will be sent again.');
  }

  /** A request was answered for good, either way. */
  answered(): void {
    if (this.#failingSinceMs === undefined) return;
    const outageMs = Math.round(this.#clock.nowMs() - this.#failingSinceMs);
    this.#failingSinceMs = undefined;
    this.#say('info', 'answered', { outage_ms: outageMs }, 'The peer answers again.');
  }

  /** A request goes out again as two. */
  halving(error: Error, bytes: number): void {
    const fields = { error: error.message, bytes };
    this.#say('warn', 'halving', fields, 'The peer finds a request too large; its halves are sent.');
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
