import type { RequestOptions } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import type { Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import { quoteText } from '../core/printable.ts';
import { BearerToken } from './bearer-token.ts';
import { ConnectionError, type HttpAnswer } from './http-answer.ts';
import { exchange } from './http-exchange.ts';
import { decompressAnswer } from './response-body.ts';
import { sharedLookup } from './shared-lookup.ts';
import { readTlsFiles, type TlsCredentials, type TlsFiles } from './tls-files.ts';

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
  /** A file with a token that is sent as `Authorization: Bearer …`. */
  readonly bearerTokenFile?: string | undefined;
  /** Finds addresses; `dns.lookup()` where it is left out. */
  readonly lookup?: LookupFunction;
  readonly clock: Clock;
}

/** Statuses that say that this client may not, so its credentials may have been replaced. */
const UNAUTHORIZED = new Set([401, 403, 407]);

/**
 * Posts bodies to one URL over kept connections. Knows HTTP and TLS and nothing of what is sent. Follows no redirect
 * and resends nothing: that is the caller's to decide.
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
  readonly #http: typeof import('node:http') | typeof import('node:https');
  readonly #agent: InstanceType<typeof import('node:http').Agent>;
  readonly #address: RequestOptions;
  readonly #token: BearerToken | undefined;
  #credentials: TlsCredentials | undefined;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.target = quoteText(options.url.origin + options.url.pathname);
    this.#isSecure = options.url.protocol === 'https:';
    this.#http = this.#isSecure ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
    this.#agent = new this.#http.Agent({ keepAlive: true, maxFreeSockets: options.maxIdleConnections });
    const { hostname, port, path, protocol } = urlToHttpOptions(options.url);
    this.#isNamed = isIP(hostname ?? '') === 0;
    this.#address = { hostname, port, path, protocol, agent: this.#agent, lookup: options.lookup ?? sharedLookup() };
    const { bearerTokenFile, clock } = options;
    if (bearerTokenFile !== undefined) this.#token = new BearerToken(bearerTokenFile, clock);
  }

  /** Never rejects. `body` is read until the promise resolves, and not kept. */
  async post(body: Uint8Array, signal: AbortSignal): Promise<HttpAnswer> {
    const security = this.#isSecure ? await this.#security() : {};
    if (security instanceof ConnectionError) return { kind: 'no_answer', error: security };
    const authorization = await this.#authorization();
    if (authorization instanceof ConnectionError) return { kind: 'no_answer', error: authorization };
    if (signal.aborted) return this.#unsent('aborted', 'stopped');
    const { headers, timeoutMs, clock } = this.#options;
    const request = this.#http.request({
      ...this.#address,
      ...security,
      method: 'POST',
      headers: { ...headers, ...authorization, 'content-length': body.length },
    });
    const exchanged = exchange(request, {
      target: this.target,
      isSecure: this.#isSecure,
      isNamed: this.#isNamed,
      timeoutMs,
      maxResponseBytes: MAX_RESPONSE_BYTES,
      clock,
      signal,
    });
    request.end(body);
    const answer = await exchanged;
    this.#learn(answer);
    return decompressAnswer(answer, MAX_RESPONSE_BYTES);
  }

  /** Destroys all connections. */
  close(): void {
    this.#agent.destroy();
  }

  /** The TLS options of the next connection. Verification is always on, whatever the environment says. */
  async #security(): Promise<RequestOptions | ConnectionError> {
    const { tls = {} } = this.#options;
    try {
      this.#credentials ??= await readTlsFiles(tls);
    } catch (error) {
      return this.#unsent('tls', messageOf(error)).error;
    }
    const servername = tls.serverName === undefined ? {} : { servername: tls.serverName };
    return { ...this.#credentials, ...servername, rejectUnauthorized: true };
  }

  /** The token's header, if there is one to send. */
  async #authorization(): Promise<{ readonly authorization?: string } | ConnectionError> {
    if (this.#token === undefined) return {};
    try {
      return { authorization: await this.#token.header() };
    } catch (error) {
      return this.#unsent('credentials', messageOf(error)).error;
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
    this.#credentials = undefined;
    this.#token?.forget();
  }

  #closeIdle(): void {
    for (const sockets of Object.values(this.#agent.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy();
    }
  }

  #unsent(failure: 'aborted' | 'tls' | 'credentials', detail: string): Extract<HttpAnswer, { kind: 'no_answer' }> {
    const message = `Cannot deliver to ${this.target}: ${quoteText(detail)}`;
    return { kind: 'no_answer', error: new ConnectionError({ failure, message, mayHaveArrived: false }) };
  }
}
