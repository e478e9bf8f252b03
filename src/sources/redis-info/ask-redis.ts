import type { Clock } from '../../core/clock.ts';
import { quoteText } from '../../core/printable.ts';
import { askTcp } from '../ask-tcp.ts';
import { ScrapeFailure } from '../scrape-failure.ts';
import { commandOf, type Reply, ReplyReader } from './reply-reader.ts';

/** Where Redis is, and what it is asked. */
export interface RedisRequest {
  readonly host: string;
  readonly port: number;
  /** They are sent together; the last one's answer counts, the others must succeed. */
  readonly commands: readonly (readonly string[])[];
  readonly maxBytes: number;
  /** From the connection to the last byte. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Asks over a connection of its own, and resolves with the answer. Rejects with a `ScrapeFailure`. */
export function askRedis(request: RedisRequest, signal: AbortSignal): Promise<Buffer> {
  const { host, port, commands, maxBytes, timeoutMs, clock } = request;
  const replies = new ReplyReader(maxBytes);
  let awaited = commands.length;
  const read = (chunk: Buffer): Buffer | undefined => {
    replies.push(chunk);
    for (let reply = replies.next(); reply !== undefined; reply = replies.next()) {
      const bytes = bytesOf(reply, maxBytes);
      if (--awaited === 0) return bytes;
    }
    return undefined;
  };
  const name = `redis://${host}:${port}`;
  return askTcp({ host, port, name, request: commands.map(commandOf).join(''), read, timeoutMs, clock }, signal);
}

function bytesOf(reply: Reply, maxBytes: number): Buffer {
  switch (reply.kind) {
    case 'text':
      return reply.bytes;
    case 'error':
      throw new ScrapeFailure(reasonOfReply(reply.text), `it answered ${quoteText(reply.text)}`);
    case 'strange':
      throw new ScrapeFailure('protocol', 'what it answered is not the protocol of Redis');
    case 'too_large':
      throw new ScrapeFailure('too_large', `its answer is larger than ${maxBytes} bytes`);
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
