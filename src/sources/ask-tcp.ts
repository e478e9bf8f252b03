import { connect } from 'node:net';
import type { Clock } from '../core/clock.ts';
import { quoteText } from '../core/printable.ts';
import { ScrapeFailure } from './scrape-failure.ts';

/** A question over a connection of its own, for protocols of one question. */
export interface TcpQuestion<Answer> {
  readonly host: string;
  readonly port: number;
  /** The address, for messages. */
  readonly name: string;
  readonly request: string | Buffer;
  /** Takes what has come; undefined: that is not all. Throws a `ScrapeFailure` whose message is what is wrong. */
  readonly read: (chunk: Buffer) => Answer | undefined;
  /** From the connection to the last byte. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Asks, and resolves with the answer. Rejects with a `ScrapeFailure`. */
export async function askTcp<Answer>(question: TcpQuestion<Answer>, signal: AbortSignal): Promise<Answer> {
  const { host, port, name, request, read, timeoutMs, clock } = question;
  const ended = new AbortController();
  const socket = connect({ host, port, noDelay: true });
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const fail = (reason: string, what: string): void =>
        reject(new ScrapeFailure(reason, `Cannot read from ${quoteText(name)} (${what})`));
      socket.on('data', (chunk) => {
        if (ended.signal.aborted) return;
        try {
          const answer = read(chunk);
          if (answer !== undefined) resolve(answer);
        } catch (error) {
          if (error instanceof ScrapeFailure) fail(error.reason, error.message);
          else reject(error);
        }
      });
      socket.on('error', (error: NodeJS.ErrnoException) => fail(reasonOf(error.code), quoteText(error.message)));
      socket.on('close', () => fail('cut', 'it closed the connection before it had answered'));
      signal.addEventListener('abort', () => fail('aborted', 'stopped'), { signal: ended.signal });
      void clock.sleep(timeoutMs, ended.signal).then(() => fail('timeout', `no answer within ${timeoutMs} ms`));
      if (signal.aborted) fail('aborted', 'stopped');
      socket.write(request);
    });
  } finally {
    ended.abort();
    socket.destroy();
  }
}

function reasonOf(code: string | undefined): string {
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'dns';
  return code === 'ECONNRESET' || code === 'EPIPE' ? 'reset' : 'unreachable';
}
