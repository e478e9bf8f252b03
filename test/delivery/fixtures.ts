import { Writable } from 'node:stream';
import type { SendResult, Transport } from '../../src/core/contracts.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { CountedLease, type Outcome } from '../../src/core/lease.ts';
import { createCompressor } from '../../src/delivery/compression.ts';
import { RequestSink, type RequestSinkOptions } from '../../src/delivery/request-sink.ts';
import { createLogger, type Logger } from '../../src/telemetry/logger.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { LineEncoder, linesOf } from './line-encoder.ts';

export const DELIVERED: SendResult = { status: 'delivered', rejectedRecords: 0 };
export const NEVER = new AbortController().signal;

/** A logger and the lines it has written. */
export function recordingLogger(): { readonly logger: Logger; readonly lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()));
      done();
    },
  });
  return { logger: createLogger({ level: 'debug', pretty: false, stream }), lines };
}

/** A request that a `ScriptedTransport` was given and has not answered yet. */
export interface Sending {
  readonly lines: string[];
  answer(result: SendResult): void;
}

/** A transport whose answers the test gives by hand, or by `answer` at once. An aborted send ends as a real one does. */
export class ScriptedTransport implements Transport {
  readonly sent: string[][] = [];
  /** Sent and not answered. */
  readonly open: Sending[] = [];
  isClosed = false;
  answer: ((lines: string[]) => SendResult | undefined) | undefined;
  #waiters: { readonly count: number; readonly resolve: () => void }[] = [];

  send(body: Uint8Array, signal: AbortSignal): Promise<SendResult> {
    const lines = linesOf(body);
    this.sent.push(lines);
    this.#waiters = this.#waiters.filter(({ count, resolve }) => this.sent.length < count || resolve());
    const result = this.answer?.(lines);
    if (result !== undefined) return Promise.resolve(result);
    return new Promise((resolve) => {
      const sending: Sending = { lines, answer: (answer) => end(answer) };
      const stop = (): void => end({ status: 'retryable', error: new Error('stopped'), mayHaveArrived: true });
      const end = (answer: SendResult): void => {
        // The bytes are the transport's until now.
        if (linesOf(body).join() !== lines.join()) throw new Error('Body was changed while it was sent');
        this.open.splice(this.open.indexOf(sending), 1);
        signal.removeEventListener('abort', stop);
        resolve(answer);
      };
      this.open.push(sending);
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  /** Resolves when `count` requests have been sent since the start. */
  untilSent(count: number): Promise<void> {
    if (this.sent.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ count, resolve }));
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

/** A sink over a scripted transport, a clock that stands still, and jitter at its most. */
export function sinkOf(options: Partial<RequestSinkOptions> = {}) {
  const transport = new ScriptedTransport();
  const clock = new FakeClock();
  const metrics = new Metrics();
  const { logger, lines: log } = recordingLogger();
  let encoders = 0;
  const sink = new RequestSink({
    name: 'backend',
    createEncoder: () => {
      encoders++;
      return new LineEncoder();
    },
    transport,
    compressor: createCompressor('none'),
    maxRequestBytes: 1000,
    maxRequestRecords: 100,
    flushIntervalMs: 1000,
    maxInFlight: 1,
    retry: { initialMs: 1000, maxMs: 8000 },
    serverErrorPatienceMs: 300_000,
    clock,
    logger,
    metrics,
    random: () => 1,
    ...options,
  });
  return { sink, transport, clock, metrics, log, encoderCount: () => encoders };
}

/** The ledger of a sink: only what is not 0. */
export function ledger(metrics: Metrics): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name, labels, value } of metrics.series()) {
    const match = /^pillion_sink_(delivered|rejected|abandoned|resent)_records_total$/.exec(name);
    if (match === null || value === 0) continue;
    const key = labels['reason'] === undefined ? match[1]! : `${match[1]} ${labels['reason']}`;
    counts[key] = value;
  }
  return counts;
}

/** A lease and what it settled with. */
export function leaseOf(): { readonly lease: CountedLease; outcome: Outcome | undefined } {
  const watched: { lease: CountedLease; outcome: Outcome | undefined } = {
    lease: new CountedLease((outcome) => {
      watched.outcome = outcome;
    }),
    outcome: undefined,
  };
  return watched;
}

/** Lets everything run that waits for no timer, answer or thread. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
}
