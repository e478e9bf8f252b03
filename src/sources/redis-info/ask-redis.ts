import { connect } from 'node:net';
import type { Clock } from '../../core/clock.ts';
import { quoteText } from '../../core/printable.ts';
import { ScrapeFailure } from '../scrape-failure.ts';
import { commandOf, type Reply, ReplyReader } from './reply-reader.ts';

/** Where Redis is, and what it is asked. */
export interface RedisRequest {
  readonly host: string;
  readonly port: number;
  /** Each is sent at once; the last one's answer counts, the others must succeed. */
  readonly commands: readonly (readonly string[])[];
  readonly maxBytes: number;
  /** From the connection to the last byte. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Asks over a connection of its own, and resolves with the answer. Rejects with a `ScrapeFailure`, which shows no password. */
export async function askRedis(request: RedisRequest, signal: AbortSignal): Promise<Buffer> {
  const { host, port, commands, maxBytes, timeoutMs, clock } = request;
  const ended = new AbortController();
  const socket = connect({ host, port, noDelay: true });
  const where = quoteText(`redis://${host}:${port}`);
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const fail = (reason: string, what: string): void =>
        reject(new ScrapeFailure(reason, `Cannot read from ${where} (${what})`));
      const replies = new ReplyReader(maxBytes);
      let awaited = commands.length;
      socket.on('data', (chunk) => {
        replies.push(chunk);
        for (let reply = replies.next(); reply !== undefined && awaited > 0; reply = replies.next()) {
          const failure = failureOf(reply, maxBytes);
          if (failure !== undefined) return fail(...failure);
          if (--awaited === 0 && reply.kind === 'text') resolve(reply.bytes);
        }
      });
      socket.on('error', (error: NodeJS.ErrnoException) => fail(reasonOf(error.code), quoteText(error.message)));
      socket.on('close', () => fail('cut', 'it closed the connection before it had answered'));
      signal.addEventListener('abort', () => fail('aborted', 'stopped'), { signal: ended.signal });
      void clock.sleep(timeoutMs, ended.signal).then(() => fail('timeout', `no answer within ${timeoutMs} ms`));
      if (signal.aborted) fail('aborted', 'stopped');
      socket.write(commands.map(commandOf).join(''));
    });
  } finally {
    ended.abort();
    socket.destroy();
  }
}

function failureOf(reply: Reply, maxBytes: number): [reason: string, what: string] | undefined {
  switch (reply.kind) {
    case 'text':
      return undefined;
    case 'error':
      return [reasonOfReply(reply.text), `it answered ${quoteText(reply.text)}`];
    case 'strange':
      return ['protocol', 'what it answered is not the protocol of Redis'];
    case 'too_large':
      return ['too_large', `its answer is larger than ${maxBytes} bytes`];
    default:
      return reply satisfies never;
  }
}

/** A word for what Redis says, whose first word is a code. */
function reasonOfReply(text: string): string {
  if (/^(?:NOAUTH|WRONGPASS|NOPERM|ERR AUTH|ERR invalid password|ERR Client sent AUTH)/.test(text))
    return 'credentials';
  return text.startsWith('LOADING') ? 'loading' : 'error_reply';
}

function reasonOf(code: string | undefined): string {
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'dns';
  return code === 'ECONNRESET' || code === 'EPIPE' ? 'reset' : 'unreachable';
}
