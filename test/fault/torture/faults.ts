import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** A request on its way to its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The agent waits this long for an answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Reads the body. Rejects when the sender goes away. */
  readonly body: () => Promise<Buffer>;
  /** Takes the records of a body, all but the first `refused`; returns how many there were. */
  readonly take: (body: Buffer, refused?: number) => number;
  /** How many records are in a body. */
  readonly count: (body: Buffer) => number;
}

/** Answers a request in one way. Resolves with whether it came to what the fault is about. */
type Act = (exchange: Exchange) => Promise<boolean>;

/** A peer that finds so many records too many has still something to take. */
const TOO_MANY_RECORDS = 10;

/** What a backend can do with a request. */
export const FAULTS = {
  none: takeAndAnswer,
  status_429: refuse(429),
  status_429_retry_after: refuse(429, { 'retry-after': '1' }),
  /** The token may come: the destination is at fault, not the data. */
  status_401: refuse(401),
  status_408: refuse(408),
  /** A bad minute of the server. */
  status_500: refuse(500),
  status_502: refuse(502),
  status_503: refuse(503),
  status_504: refuse(504),
  /** Reads the body and never answers. */
  hang: async ({ body }) => {
    await body();
    return true;
  },
  reset_before_body: async ({ request }) => {
    request.destroy();
    return true;
  },
  reset_in_body: async ({ request }) => {
    request.once('data', () => request.destroy());
    return true;
  },
  reset_after_body: async ({ request, body }) => {
    await body();
    request.destroy();
    return true;
  },
  no_http: async ({ request, body }) => {
    await body();
    request.socket.end('NONSENSE\r\n\r\n');
    return true;
  },
  /** Refuses a body that is too large; its halves will pass some time. */
  too_large: async (exchange) => {
    const { body, count } = exchange;
    const bytes = await body();
    if (count(bytes) <= TOO_MANY_RECORDS) {
      exchange.take(bytes);
      answer(exchange);
      return false;
    }
    exchange.response.writeHead(413).end();
    return true;
  },
  taken_then_reset: async ({ request, body, take }) => {
    take(await body());
    request.destroy();
    return true;
  },
  taken_then_silent: async ({ body, take }) => {
    take(await body());
    return true;
  },
  /** The answer comes when nobody waits for it any more. */
  taken_answered_late: async (exchange) => {
    exchange.take(await exchange.body());
    await wait(1.5 * exchange.timeoutMs);
    answer(exchange);
    return true;
  },
  /** The status is an answer, whatever becomes of the body behind it. */
  taken_half_answered: async ({ request, response, body, take }) => {
    take(await body());
    response.writeHead(200, { 'content-length': 100 });
    response.write('half');
    await wait(20);
    request.destroy();
    return true;
  },
  taken_answered_slowly: async (exchange) => {
    exchange.take(await exchange.body());
    await wait(exchange.timeoutMs / 4);
    answer(exchange);
    return true;
  },
  taken_read_slowly: async (exchange) => {
    await wait(exchange.timeoutMs / 4);
    return takeAndAnswer(exchange);
  },
  /** Closes a connection that the agent thinks it can use again. */
  taken_then_closed: async (exchange) => {
    await takeAndAnswer(exchange);
    exchange.response.once('finish', () => exchange.request.socket.end());
    return true;
  },
  partial_success: async ({ response, body, take }) => {
    const bytes = await body();
    const refused = Math.min(3, take(bytes, 3));
    // ExportLogsServiceResponse { partial_success = 1 { rejected_log_records = 1 } }
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(Buffer.of(0x0a, 2, 0x08, refused));
    return true;
  },
} as const satisfies Record<string, Act>;

/** The name of a fault; `none` is one too. */
export type Fault = keyof typeof FAULTS;

async function takeAndAnswer(exchange: Exchange): Promise<boolean> {
  exchange.take(await exchange.body());
  answer(exchange);
  return true;
}

function answer({ request, response }: Exchange): void {
  const contentType = request.headers['content-type'] ?? '';
  response.writeHead(200, { 'content-type': contentType }).end(contentType === 'application/json' ? '{}' : '');
}

function refuse(status: number, headers: Record<string, string> = {}): Act {
  return async ({ body, response }) => {
    await body();
    response.writeHead(status, headers).end();
    return true;
  };
}
