import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import {
  type Attributes,
  type DecodedLogRecord,
  type DecodedLogs,
  decodeLogs,
} from '../../src/codec/otlp/decode-logs.ts';
import { bodyOf, listen, type TestServer } from '../delivery/servers.ts';
import { decompress } from './decompress.ts';
import { decodeJsonLogs } from './otlp-json.ts';

/**
 * What a backend does with a request: `take` it and answer; `take_silently`: take it and never answer; `hang`: neither;
 * a number: refuse it with that status.
 */
export type Behaviour = 'take' | 'take_silently' | 'hang' | number;

/** A record that arrived. */
export interface Arrival {
  readonly record: DecodedLogRecord;
  readonly resource: Attributes;
  /** Its line number; undefined: nobody wrote that line. */
  readonly line: number | undefined;
}

/** An OTLP/HTTP backend in the process of the test. It counts how often each numbered line arrived. */
export class OtlpBackend {
  behaviour: Behaviour = 'take';
  /** How long it takes before it takes or refuses anything, in milliseconds. */
  delayMs = 0;
  /** Requests that came whole, whatever became of them. */
  requests = 0;
  readonly arrivals: Arrival[] = [];
  /** How often each line arrived, by line number. */
  readonly lines = new Map<number, number>();
  readonly #context: TestContext;
  #server: TestServer;

  private constructor(context: TestContext, server: TestServer) {
    this.#context = context;
    this.#server = server;
  }

  /** Opens one on a free port; it is closed after the test. */
  static async open(context: TestContext): Promise<OtlpBackend> {
    const server = createServer();
    const backend = new OtlpBackend(context, await listen(context, server));
    server.on('request', backend.#handle);
    return backend;
  }

  /** The base URL; it stays the same when the backend is opened again. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  /** How many different lines arrived. */
  get distinct(): number {
    return this.lines.size;
  }

  /** How many records were lines that had arrived before. */
  get repeats(): number {
    return this.arrivals.length - this.foreign.length - this.distinct;
  }

  /** Records that are no numbered lines. */
  get foreign(): Arrival[] {
    return this.arrivals.filter(({ line }) => line === undefined);
  }

  /** Numbers of the lines 1 to `written` that have not arrived. */
  missing(written: number): number[] {
    return Array.from({ length: written }, (_, i) => i + 1).filter((line) => !this.lines.has(line));
  }

  /** Goes away: refuses connections, and cuts those that it has. */
  close(): Promise<void> {
    return this.#server.close();
  }

  /** Comes back on the same port. */
  async reopen(): Promise<void> {
    this.#server = await listen(this.#context, createServer(this.#handle), this.#server.port);
  }

  /** How many connections are open: none is left some time after a client was killed. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  }

  readonly #handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body: Buffer;
    try {
      body = await bodyOf(request);
    } catch {
      return; // cut in the middle: nothing has arrived
    }
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    const { behaviour } = this;
    this.requests++;
    if (behaviour === 'hang') return;
    if (typeof behaviour === 'number') {
      response.writeHead(behaviour).end();
      return;
    }
    const contentType = request.headers['content-type'] ?? '';
    // Metrics are taken, and not looked at.
    if (!request.url?.endsWith('/v1/metrics')) this.#take(decodeRequest(request, body));
    if (behaviour === 'take') {
      response.writeHead(200, { 'content-type': contentType }).end(contentType === 'application/json' ? '{}' : '');
    }
  };

  #take({ resourceLogs }: DecodedLogs): void {
    for (const { resource, scopeLogs } of resourceLogs) {
      for (const record of scopeLogs.flatMap(({ logRecords }) => logRecords)) {
        const line = lineOf(record);
        this.arrivals.push({ record, resource: resource.attributes, line });
        if (line !== undefined) this.lines.set(line, (this.lines.get(line) ?? 0) + 1);
      }
    }
  }
}

/** The number of a line: the attribute `line`, or what stands for it in a line that nobody has parsed. */
function lineOf({ attributes, body }: DecodedLogRecord): number | undefined {
  const line = attributes.get('line');
  if (typeof line === 'bigint') return Number(line);
  const [, digits] = (typeof body === 'string' ? /"line":(\d+)/.exec(body) : null) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** What is in the body of an OTLP request, by its headers. Throws when it cannot be decoded. */
export function decodeRequest({ headers }: IncomingMessage, body: Buffer): DecodedLogs {
  const plain = decompress(body, headers['content-encoding']);
  return headers['content-type'] === 'application/json' ? decodeJsonLogs(plain.toString()) : decodeLogs(plain);
}
