import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LoopbackAddress } from '../component/options.ts';
import { messageOf, OperatorError } from '../core/errors.ts';
import { EXPOSITION_TYPE } from '../telemetry/exposition.ts';

/** What can be asked of an agent. */
export interface AdminApi {
  /** Everything that the agent knows of its work; it is sent as JSON. */
  ledger(): unknown;
  /** What the lines look like that stages could not read; it is sent as JSON. */
  unmatched(): unknown;
  /** Its own metrics, in Prometheus' text format. */
  metrics(): string;
  /** Has it send eagerly from now on. */
  sendEagerly(): void;
}

interface Answer {
  readonly type: string;
  readonly body: string;
}

interface Endpoint {
  readonly method: 'GET' | 'POST';
  readonly answer: (api: AdminApi) => Answer;
}

const ENDPOINTS = new Map<string, Endpoint>([
  ['/livez', { method: 'GET', answer: () => text('ok\n') }],
  ['/ledger', { method: 'GET', answer: (api) => json(api.ledger()) }],
  ['/unmatched', { method: 'GET', answer: (api) => json(api.unmatched()) }],
  ['/metrics', { method: 'GET', answer: (api) => ({ type: EXPOSITION_TYPE, body: api.metrics() }) }],
  [
    '/-/drain',
    {
      method: 'POST',
      answer: (api) => {
        api.sendEagerly();
        return text('ok\n');
      },
    },
  ],
]);

/** Names under which a browser, or anybody else, asks for this machine itself. */
const LOOPBACK_HOST = /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])(?::\d{1,5})?$/i;

const MAX_CONNECTIONS = 16;
const REQUEST_TIMEOUT_MS = 5000;

/**
 * Answers questions about one agent over HTTP, on a loopback address only: to whoever can run a process beside it.
 *
 * A web page in a browser on the same machine can send requests to loopback addresses, too; so who comes with an
 * `Origin`, or asks for another host (DNS rebinding), is refused. `node:http` is asked for at run time, and only when
 * there is somebody to answer: see `HttpClient`.
 */
export class AdminServer {
  readonly #server: Server;
  readonly #api: AdminApi;

  private constructor(api: AdminApi) {
    this.#api = api;
    this.#server = process
      .getBuiltinModule('node:http')
      .createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => this.#answer(request, response));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Listens. Rejects with an OperatorError when the address cannot be had. */
  static async listen({ host, port }: LoopbackAddress, api: AdminApi): Promise<AdminServer> {
    const admin = new AdminServer(api);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    admin.#server.once('error', reject);
    admin.#server.listen(port, host, resolve);
    try {
      await promise;
    } catch (cause) {
      throw new OperatorError({
        code: 'ERR_ADMIN_LISTEN',
        message: `Cannot listen on admin address ${JSON.stringify(`${host}:${port}`)}: ${messageOf(cause)}`,
        hint: 'Give "admin.listen" a port that is free; the containers of a pod share their ports',
        cause,
      });
    }
    admin.#server.off('error', reject);
    return admin;
  }

  /** As in a URL; with the port that was given where the configuration said 0. */
  get address(): string {
    const { address, port, family } = this.#server.address() as AddressInfo;
    return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const { method = '', url = '', headers } = request;
    const endpoint = ENDPOINTS.get(url.split('?', 1)[0]!);
    if (headers.origin !== undefined || !LOOPBACK_HOST.test(headers.host ?? '')) {
      send(response, 403, text('Only for this machine, and not for web pages\n'));
    } else if (endpoint === undefined) {
      send(response, 404, text(`Known: ${[...ENDPOINTS.keys()].join(' ')}\n`));
    } else if (method !== endpoint.method) {
      response.setHeader('allow', endpoint.method);
      send(response, 405, text(`Use ${endpoint.method}\n`));
    } else {
      send(response, 200, endpoint.answer(this.#api));
    }
  }
}

function json(value: unknown): Answer {
  return { type: 'application/json', body: `${JSON.stringify(value)}\n` };
}

function text(body: string): Answer {
  return { type: 'text/plain; charset=utf-8', body };
}

function send(response: ServerResponse, status: number, { type, body }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}
