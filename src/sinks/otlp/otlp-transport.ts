import type { Clock } from '../../core/clock.ts';
import type { SendResult, Transport } from '../../core/contracts.ts';
import type { HttpClient } from '../../delivery/http-client.ts';
import { LogLimiter } from '../../delivery/log-limiter.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Counter } from '../../telemetry/metrics.ts';
import { type AnswerContext, judgeAnswer } from './answer.ts';
import type { BodyEncoding } from './response.ts';

export interface OtlpTransportOptions {
  readonly client: HttpClient;
  readonly encoding: BodyEncoding;
  readonly onRefused: AnswerContext['onRefused'];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly unreadableResponses: Counter;
}

/** Sends requests by OTLP/HTTP. Each `send()` is one HTTP request: what comes of a failure is the caller's to decide. */
export class OtlpTransport implements Transport {
  readonly #options: OtlpTransportOptions;
  readonly #limiter: LogLimiter;

  constructor(options: OtlpTransportOptions) {
    this.#options = options;
    this.#limiter = new LogLimiter(options.clock);
  }

  async send(body: Uint8Array, signal: AbortSignal): Promise<SendResult> {
    const { client, encoding, onRefused, clock, unreadableResponses } = this.#options;
    const answer = await client.post(body, signal);
    const { target } = client;
    const conceal = (text: string): string => client.conceal(text);
    const verdict = judgeAnswer(answer, { target, encoding, onRefused, conceal, unixMs: clock.unixMs() });
    if (verdict.isUnreadable) {
      unreadableResponses.add(1);
      this.#warn('unreadable', 'The peer took a request and answered what is not OTLP.');
    }
    if (verdict.isRetryAfterCapped) this.#warn('capped', 'The peer asked for a very long wait; it gets an hour.');
    return verdict.result;
  }

  close(): Promise<void> {
    this.#options.client.close();
    return Promise.resolve();
  }

  #warn(key: string, text: string): void {
    if (this.#limiter.pass(key) !== undefined) this.#options.logger.warn({ target: this.#options.client.target }, text);
  }
}
