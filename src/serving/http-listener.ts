import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ListenAddress } from '../component/options.ts';

/** What an endpoint gives back. */
export interface Answer {
  /** 200 where nothing else is said. */
  readonly status?: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  /** Beside `content-type` and `content-length`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The headers of a request. */
export type RequestHeaders = IncomingHttpHeaders;

/** What can be asked at a path. `GET` includes `HEAD`. */
export interface Endpoint {
  readonly method: 'GET' | 'POST';
  answer(query: URLSearchParams, headers: RequestHeaders): Answer | Promise<Answer>;
}

/** What an `HttpListener` answers. */
export interface Endpoints {
  /** By path. */
  readonly paths: ReadonlyMap<string, Endpoint>;
  /** Why a request is refused before its path is looked at; undefined: it is not. */
  readonly refuse?: (request: IncomingMessage) => string | undefined;
  /** Is told of an endpoint that failed: a bug. */
  readonly onError: (path: string, error: unknown) => void;
}

/** What a client may take of the agent. */
export interface HttpLimits {
  /** How long a request may take to come whole. */
  readonly requestMs: number;
  /** How long a connection may be silent, also one whose answer nobody reads. */
  readonly silenceMs: number;
  /** One more, and the oldest is closed: who opens connections and says nothing keeps nobody out. */
  readonly maxConnections: number;
}

const LIMITS: HttpLimits = { requestMs: 5000, silenceMs: 10_000, maxConnections: 64 };

const MAX_HEADER_BYTES = 8 * 1024;
/** No request needs a body. One of this size is passed over; what is larger is not waited for. */
const MAX_BODY_BYTES = 1024;
/** Requests of one connection that may wait for the answers before theirs. Nobody who asks for metrics sends one ahead. */
const MAX_WAITING = 8;

/** The requests of a connection. */
interface Turns {
  /** Ends with the answer to the last of them. */
  last: Promise<unknown>;
  /** How many wait for it to be theirs. */
  waiting: number;
}

/**
 * Answers a few paths over HTTP, to clients of whom nobody knows what they are up to: each costs a bounded time and
 * memory. `node:http` is asked for at run time, and only when there is somebody to answer: see `HttpClient`.
 */
export class HttpListener {
  readonly #server: Server;
  readonly #endpoints: Endpoints;
  /** In the order in which they came. */
  readonly #connections = new Map<Socket, Turns>();
  readonly #maxConnections: number;

  private constructor(endpoints: Endpoints, { requestMs, silenceMs, maxConnections }: HttpLimits) {
    this.#endpoints = endpoints;
    this.#maxConnections = maxConnections;
    this.#server = process.getBuiltinModule('node:http').createServer(
      {
        requestTimeout: requestMs,
        headersTimeout: requestMs,
        connectionsCheckingInterval: requestMs / 2,
        maxHeaderSize: MAX_HEADER_BYTES,
      },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.timeout = silenceMs;
    this.#server.on('connection', (socket: Socket) => this.#admit(socket));
  }

  /** Listens. Rejects with what the system says when the address cannot be had. */
  static async listen(
    { host, port }: ListenAddress,
    endpoints: Endpoints,
    limits: Partial<HttpLimits> = {},
  ): Promise<HttpListener> {
    const listener = new HttpListener(endpoints, { ...LIMITS, ...limits });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const server = listener.#server;
    server.once('error', reject);
    server.listen({ host, port }, resolve);
    await promise;
    server.off('error', reject);
    return listener;
  }

  /** As in a URL; with the port that was given where the configuration said 0. */
  get address(): string {
    const { address, port, family } = this.#server.address() as AddressInfo;
    return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Cuts every connection; resolves when nobody listens any more. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#connections.keys()) socket.destroy();
    });
  }

  #admit(socket: Socket): void {
    this.#connections.set(socket, { last: Promise.resolve(), waiting: 0 });
    socket.once('close', () => this.#connections.delete(socket));
    if (this.#connections.size <= this.#maxConnections) return;
    for (const oldest of this.#connections.keys()) {
      oldest.destroy();
      break;
    }
  }

  /**
   * Resolves when all earlier answers on the connection have gone out: requests that come at once would otherwise each
   * have an answer in memory. False: it was closed meanwhile.
   */
  async #turn(socket: Socket, response: ServerResponse): Promise<boolean> {
    const turns = this.#connections.get(socket);
    if (turns === undefined || socket.destroyed) return false;
    const { last } = turns;
    turns.last = new Promise((resolve) => response.once('close', resolve));
    if (++turns.waiting > MAX_WAITING) socket.destroy();
    await last;
    turns.waiting--;
    return !socket.destroyed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { paths, refuse, onError } = this.#endpoints;
    const { method = '', url = '' } = request;
    const [path = '', query = ''] = url.split('?', 2);
    const endpoint = paths.get(path);
    const refused = refuse?.(request);
    if (isTooLarge(request)) {
      response.setHeader('connection', 'close');
      send(response, { status: 413, ...text('No request needs a body\n') });
      return;
    }
    request.resume();
    if (!(await this.#turn(request.socket, response))) return;
    if (refused !== undefined) {
      send(response, { status: 403, ...text(`${refused}\n`) });
    } else if (endpoint === undefined) {
      send(response, { status: 404, ...text(`Known: ${[...paths.keys()].join(' ')}\n`) });
    } else if (method !== endpoint.method && !(method === 'HEAD' && endpoint.method === 'GET')) {
      response.setHeader('allow', endpoint.method === 'GET' ? 'GET, HEAD' : endpoint.method);
      send(response, { status: 405, ...text(`Use ${endpoint.method}\n`) });
    } else {
      try {
        send(response, await endpoint.answer(new URLSearchParams(query), request.headers));
      } catch (error) {
        onError(path, error);
        send(response, { status: 500, ...text('The agent failed to answer; its log says why\n') });
      }
    }
  }
}

/** A JSON answer, with a line end for terminals. */
export function json(value: unknown): Answer {
  return { type: 'application/json', body: `${JSON.stringify(value)}\n` };
}

/** A plain-text answer. */
export function text(body: string): Answer {
  return { type: 'text/plain; charset=utf-8', body };
}

/** Of a body in chunks nobody knows the size. */
function isTooLarge({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES;
}

function send(response: ServerResponse, { status = 200, type, body, headers }: Answer): void {
  const length = Buffer.byteLength(body);
  response.writeHead(status, { ...headers, 'content-type': type, 'content-length': length }).end(body);
}
