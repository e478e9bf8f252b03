import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../core/clock.ts';
import { quoteText } from '../core/printable.ts';
import { ConnectionError, type ConnectionFailure, type HttpAnswer } from './http-answer.ts';

export interface ExchangeOptions {
  /** What fails when it fails, and the start of each message: `Cannot deliver to "http://…"`; without credentials. */
  readonly action: string;
  readonly isSecure: boolean;
  /** Whether a proxy makes the connection to a secure host; what comes is then a tunnel. */
  readonly isTunnelled: boolean;
  /** Whether the host is a name, which is looked up first. */
  readonly isNamed: boolean;
  /** From now to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Waits for the answer to `request`, which the caller has not ended yet. Never rejects.
 *
 * As soon as there is a status it counts, whatever happens to the connection afterwards: a peer that refuses a request
 * before it has read it all usually closes the connection under the hands of the writer. The connection goes back to
 * its agent only when both directions are through; otherwise it is destroyed, so nothing reads the request's body and
 * nothing hears a late answer once the promise is resolved.
 */
export function exchange(request: ClientRequest, options: ExchangeOptions): Promise<HttpAnswer> {
  return new Promise((resolve) => new Exchange(request, options, resolve));
}

/**
 * How far the request has come. `waiting`: the system has all of it, so the peer may. Before that it cannot: without its
 * last byte no request of a stated length is one.
 */
type Progress = 'resolving' | 'connecting' | 'securing' | 'sending' | 'waiting';

const NO_BYTES = Buffer.alloc(0);

class Exchange {
  readonly #request: ClientRequest;
  readonly #options: ExchangeOptions;
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #endTimeout: () => void;
  readonly #onStop = (): void => this.#fail('aborted', 'agent stops');
  /** Whether the answer is known. */
  #isOver = false;
  #progress: Progress;
  #response: IncomingMessage | undefined;
  #chunks: Buffer[] = [];
  #byteLength = 0;

  constructor(request: ClientRequest, options: ExchangeOptions, resolve: (answer: HttpAnswer) => void) {
    this.#request = request;
    this.#options = options;
    this.#resolve = resolve;
    this.#progress = options.isNamed ? 'resolving' : 'connecting';
    request.once('finish', () => {
      this.#progress = 'waiting';
    });
    request.once('socket', (socket) => this.#follow(socket));
    request.once('response', (response) => this.#receive(response));
    request.on('error', (error) => this.#breakOff(error));
    request.once('close', () => this.#breakOff(new Error('connection closed')));
    options.signal.addEventListener('abort', this.#onStop, { once: true });
    this.#endTimeout = options.clock.after(options.timeoutMs, () => this.#timeOut());
  }

  #follow(socket: Socket): void {
    if (this.#request.reusedSocket) {
      this.#progress = 'sending';
      return;
    }
    const { isSecure } = this.#options;
    // A tunnel is there by now.
    if (this.#options.isTunnelled) this.#progress = 'securing';
    const reach = (progress: Progress) => (): void => {
      this.#progress = progress;
    };
    socket.once('lookup', reach('connecting'));
    socket.once('connect', reach(isSecure ? 'securing' : 'sending'));
    if (isSecure) socket.once('secureConnect', reach('sending'));
  }

  #receive(response: IncomingMessage): void {
    this.#response = response;
    response.on('error', (error) => this.#breakOff(error));
    if (Number(response.headers['content-length']) > this.#options.maxResponseBytes) {
      this.#finish({ kind: 'response_too_large', status: statusOf(response) });
      return;
    }
    response.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#byteLength += chunk.length;
      if (this.#byteLength > this.#options.maxResponseBytes) {
        this.#finish({ kind: 'response_too_large', status: statusOf(response) });
      }
    });
    response.once('end', () => this.#answer(response, Buffer.concat(this.#chunks), response.complete));
  }

  #answer(response: IncomingMessage, body: Buffer, isWhole: boolean): void {
    this.#finish({ kind: 'answer', status: statusOf(response), headers: response.headers, body, isWhole });
  }

  #breakOff(error: NodeJS.ErrnoException): void {
    if (this.#response !== undefined) this.#answer(this.#response, NO_BYTES, false);
    else this.#fail(failureOf(error, this.#progress, this.#request.reusedSocket), detailOf(error));
  }

  #timeOut(): void {
    const isInTunnel = this.#options.isTunnelled && (this.#progress === 'resolving' || this.#progress === 'connecting');
    const [failure, missing] = isInTunnel ? NO_TUNNEL : MISSING[this.#progress];
    if (this.#response !== undefined) this.#answer(this.#response, NO_BYTES, false);
    else this.#fail(failure, `${missing} within ${this.#options.timeoutMs} ms`);
  }

  #fail(failure: ConnectionFailure, detail: string): void {
    const message = `${this.#options.action}: ${WORDS[failure]} (${detail})`;
    const mayHaveArrived = this.#progress === 'waiting';
    this.#finish({ kind: 'no_answer', error: new ConnectionError({ failure, message, mayHaveArrived }) });
  }

  /** Only the first call counts. */
  #finish(answer: HttpAnswer): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#endTimeout();
    this.#options.signal.removeEventListener('abort', this.#onStop);
    this.#chunks = [];
    const isThrough = answer.kind === 'answer' && answer.isWhole && this.#request.writableFinished;
    if (!isThrough) this.#request.destroy();
    this.#resolve(answer);
  }
}

/** What did not come in time, and which failure that is. */
const MISSING: Record<Progress, readonly [ConnectionFailure, string]> = {
  resolving: ['dns', 'no address'],
  connecting: ['unreachable', 'no connection'],
  securing: ['tls', 'no handshake'],
  sending: ['timeout', 'request not read'],
  waiting: ['timeout', 'no answer'],
};

/** The connection to the proxy, and the one that it makes, are not told apart. */
const NO_TUNNEL = ['proxy', 'no tunnel'] as const;

const WORDS: Record<ConnectionFailure, string> = {
  refused: 'connection refused',
  unreachable: 'host unreachable',
  dns: 'name not resolved',
  tls: 'TLS failed',
  credentials: 'no credentials',
  proxy: 'proxy gives no connection',
  timeout: 'timed out',
  reset: 'connection closed without an answer',
  stale: 'idle connection closed',
  protocol: 'answer is not HTTP',
  local: 'no handles, ports or memory left',
  aborted: 'stopped',
};

const LOCAL_CODES = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']);

function failureOf(error: NodeJS.ErrnoException, progress: Progress, isReused: boolean): ConnectionFailure {
  const code = error.code ?? '';
  if (LOCAL_CODES.has(code)) return 'local';
  if (code === 'ERR_PROXY_TUNNEL') return 'proxy';
  if (progress === 'resolving' || error.syscall === 'getaddrinfo') return 'dns';
  if (progress === 'securing' || /^(ERR_SSL|ERR_TLS|EPROTO)/.test(code)) return 'tls';
  if (code === 'ECONNREFUSED') return 'refused';
  if (progress === 'connecting') return 'unreachable';
  if (code.startsWith('HPE_')) return 'protocol';
  return isReused ? 'stale' : 'reset';
}

/** The error's own words. Those of a TLS error can hold names out of the peer's certificate. */
function detailOf(error: NodeJS.ErrnoException): string {
  // Those of a proxy can hold its password.
  if (error.code === 'ERR_PROXY_TUNNEL') return tunnelDetail(error);
  return quoteText(error.message || error.code || error.name);
}

function tunnelDetail(error: Error): string {
  const status = 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? `it answered ${status}` : 'it closed the connection';
}

function statusOf(response: IncomingMessage): number {
  return response.statusCode ?? 0;
}
