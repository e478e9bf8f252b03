import type { RequestOptions } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import type { Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import { quoteText } from '../core/printable.ts';
import type { Tracer } from '../telemetry/tracer.ts';
import { conceal, secretsOfHeaders } from './conceal.ts';
import type { Credential } from './credentials.ts';
import { ConnectionError, type HttpAnswer } from './http-answer.ts';
import { exchange } from './http-exchange.ts';
import { endHttpSpan, startHttpSpan } from './http-span.ts';
import { type OpenedStream, openStream } from './http-stream.ts';
import { proxyFor } from './proxy.ts';
import { decompressAnswer } from './response-body.ts';
import { sharedLookup } from './shared-lookup.ts';
import { FileCredentials } from './tls-credentials.ts';
import type { TlsFiles } from './tls-files.ts';

/** The largest body of an answer, also after decompression: OTLP's default for clients. */
export const MAX_RESPONSE_BYTES = 4 * 2 ** 20;

export interface HttpClientOptions {
  /** Without user name and password: nothing here sends them. */
  readonly url: URL;
  /** Headers of every request, such as `content-type`. */
  readonly headers: Readonly<Record<string, string>>;
  /** For one request, from the connection to the last byte of the answer. */
  readonly timeoutMs: number;
  /** How many idle connections are kept. */
  readonly maxIdleConnections: number;
  readonly tls?: TlsFiles & { readonly serverName?: string | undefined };
  /** What is sent with every request so that the peer lets it in. */
  readonly credentials?: readonly Credential[];
  /** Finds addresses; `dns.lookup()` where it is left out. */
  readonly lookup?: LookupFunction;
  /** Where the proxy is named, `process.env` where it is left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Is told of each request whose answer is awaited. */
  readonly tracer?: Tracer | undefined;
}

/** One request. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query in place of those of the URL. */
  readonly path?: string;
  /** Beside those of every request, and before them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Read until the answer is there, and not kept. */
  readonly body?: Uint8Array;
  /** The largest body of the answer; `MAX_RESPONSE_BYTES` where it is left out. */
  readonly maxResponseBytes?: number;
  /** In place of that of the client. */
  readonly timeoutMs?: number;
}

/** Statuses that say that this client may not, so its credentials may have been replaced. */
const UNAUTHORIZED = new Set([401, 403, 407]);

/**
 * Sends requests to one host over kept connections. Knows HTTP, TLS and proxies, and nothing of what is sent. Follows no
 * redirect and resends nothing: that is the caller's to decide.
 *
 * `node:http` is asked for at run time: an `import` of it evaluates all its exports, WebSocket among them, which takes
 * 14 MB more; `node:https` is loaded only when it is needed, since TLS takes 6 MB.
 */
export class HttpClient {
  /** Origin and path, quoted, for messages: a query can hold a key. */
  readonly target: string;
  readonly #options: HttpClientOptions;
  readonly #isSecure: boolean;
  readonly #isNamed: boolean;
  readonly #isProxied: boolean;
  readonly #http: typeof import('node:http') | typeof import('node:https');
  readonly #agent: InstanceType<typeof import('node:http').Agent>;
  readonly #address: RequestOptions;
  readonly #credentials: readonly Credential[];
  readonly #secrets: readonly string[];
  readonly #tls: FileCredentials;

  /** Throws when the environment names a proxy that is none. */
  constructor(options: HttpClientOptions) {
    this.#options = options;
    const { url, env = process.env, credentials = [], tls = {}, clock } = options;
    this.target = quoteText(url.origin + url.pathname);
    this.#isSecure = url.protocol === 'https:';
    this.#http = this.#isSecure ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
    const proxy = proxyFor(url, env);
    this.#agent = new this.#http.Agent({
      keepAlive: true,
      maxFreeSockets: options.maxIdleConnections,
      ...(proxy === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url } }),
    });
    const { hostname, port, path, protocol } = urlToHttpOptions(url);
    this.#isProxied = proxy !== undefined;
    this.#isNamed = proxy?.isNamed ?? isIP(hostname ?? '') === 0;
    this.#address = { hostname, port, path, protocol, agent: this.#agent, lookup: options.lookup ?? sharedLookup() };
    this.#credentials = credentials;
    this.#secrets = [...secretsOfHeaders(options.headers), ...(proxy?.secrets ?? []), ...url.searchParams.values()];
    this.#tls = new FileCredentials(tls, clock, () => this.#closeIdle());
  }

  /** Never rejects. `body` is read until the promise resolves, and not kept. */
  post(body: Uint8Array, signal: AbortSignal): Promise<HttpAnswer> {
    return this.send({ method: 'POST', body }, signal);
  }

  /** Sends a request, and resolves with the whole answer. Never rejects. */
  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { tracer, url } = this.#options;
    if (tracer === undefined) return this.#exchange(request, signal);
    const span = startHttpSpan(tracer, url, request);
    const answer = await this.#exchange(request, signal);
    endHttpSpan(span, answer);
    return answer;
  }

  async #exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const prepared = await this.#prepare(request, signal);
    if (prepared instanceof ConnectionError) return { kind: 'no_answer', error: prepared };
    const { clock } = this.#options;
    const timeoutMs = request.timeoutMs ?? this.#options.timeoutMs;
    const maxResponseBytes = request.maxResponseBytes ?? MAX_RESPONSE_BYTES;
    const sent = this.#http.request(prepared);
    const exchanged = exchange(sent, {
      action: this.#actionOf(request),
      isSecure: this.#isSecure,
      isTunnelled: this.#isSecure && this.#isProxied,
      isNamed: this.#isNamed,
      timeoutMs,
      maxResponseBytes,
      clock,
      signal,
    });
    sent.end(request.body);
    const answer = await exchanged;
    this.#learn(answer);
    return decompressAnswer(answer, maxResponseBytes);
  }

  /** Sends a request whose answer comes in parts over a long time. Never rejects; the caller ends it by `signal`. */
  async open(request: HttpRequest, signal: AbortSignal): Promise<OpenedStream> {
    const prepared = await this.#prepare(request, signal);
    if (prepared instanceof ConnectionError) return { kind: 'failed', error: prepared };
    const { timeoutMs, clock } = this.#options;
    const opened = await openStream(this.#http.request(prepared), {
      action: this.#actionOf(request),
      timeoutMs,
      clock,
      signal,
    });
    if (opened.kind === 'refused' && UNAUTHORIZED.has(opened.status)) this.#forgetCredentials();
    return opened;
  }

  /** `text` without what nobody may see of what is sent: a peer may repeat it in its answer. */
  conceal(text: string): string {
    return conceal(text, [...this.#secrets, ...this.#credentials.flatMap(({ secrets }) => secrets)]);
  }

  /** Destroys all connections. */
  close(): void {
    for (const credential of this.#credentials) credential.close?.();
    this.#agent.destroy();
  }

  async #prepare(request: HttpRequest, signal: AbortSignal): Promise<RequestOptions | ConnectionError> {
    const action = this.#actionOf(request);
    const security = this.#isSecure ? await this.#security(action) : {};
    if (security instanceof ConnectionError) return security;
    const authorization = await this.#authorization(action, signal);
    if (authorization instanceof ConnectionError) return authorization;
    if (signal.aborted) return unsent(action, 'aborted', 'stopped');
    const length = request.body === undefined ? {} : { 'content-length': request.body.length };
    return {
      ...this.#address,
      ...security,
      ...(request.path === undefined ? {} : { path: request.path }),
      method: request.method,
      headers: { ...this.#options.headers, ...authorization, ...request.headers, ...length },
    };
  }

  /** The TLS options of the next connection. Verification is always on, whatever the environment says. */
  async #security(action: string): Promise<RequestOptions | ConnectionError> {
    const { serverName } = this.#options.tls ?? {};
    try {
      const credentials = await this.#tls.read();
      const servername = serverName === undefined ? {} : { servername: serverName };
      return { ...credentials, ...servername, rejectUnauthorized: true };
    } catch (error) {
      return unsent(action, 'tls', messageOf(error));
    }
  }

  /** The headers that let the request in. */
  async #authorization(action: string, signal: AbortSignal): Promise<Record<string, string> | ConnectionError> {
    const headers: Record<string, string> = {};
    try {
      for (const credential of this.#credentials) Object.assign(headers, await credential.headers(signal));
      return headers;
    } catch (error) {
      if (signal.aborted) return unsent(action, 'aborted', 'stopped');
      return unsent(action, 'credentials', this.conceal(messageOf(error)));
    }
  }

  /** What an answer says about the next attempt. */
  #learn(answer: HttpAnswer): void {
    if (answer.kind !== 'no_answer') {
      if (UNAUTHORIZED.has(answer.status)) this.#forgetCredentials();
      return;
    }
    const { failure } = answer.error;
    // A peer that closed one idle connection, by a restart or a time-out, has most likely closed the others too.
    if (failure === 'stale') this.#closeIdle();
    // A peer that refuses a certificate may say so only by closing the connection.
    if (this.#isSecure && (failure === 'tls' || failure === 'reset')) this.#forgetCredentials();
  }

  /** Tokens and certificates are replaced on disk: they are read before the next request. */
  #forgetCredentials(): void {
    this.#tls.forget();
    for (const credential of this.#credentials) credential.forget();
  }

  #closeIdle(): void {
    for (const sockets of Object.values(this.#agent.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy();
    }
  }

  #actionOf({ method }: HttpRequest): string {
    return `Cannot ${method === 'POST' ? 'deliver to' : 'read from'} ${this.target}`;
  }
}

function unsent(action: string, failure: 'aborted' | 'tls' | 'credentials', detail: string): ConnectionError {
  return new ConnectionError({ failure, message: `${action}: ${quoteText(detail)}`, mayHaveArrived: false });
}
