import type { Clock } from '../core/clock.ts';
import { basicValue, type Credential } from './credentials.ts';
import type { HttpAnswer } from './http-answer.ts';
import { lineIn, SecretFile, tokenIn } from './secret-file.ts';

/** A client that gets its tokens from an authorization server, by RFC 6749, 4.4. */
export interface OAuth2Options {
  readonly clientId: string;
  readonly clientSecretFile: string;
  readonly scopes: readonly string[];
  /** Further parameters of the request, such as `audience`. */
  readonly params: Readonly<Record<string, string>>;
  /** Where tokens come from, quoted, for messages. */
  readonly target: string;
  /** Posts a form to the token endpoint. Never rejects. */
  readonly post: (form: string, headers: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<HttpAnswer>;
  readonly close: () => void;
  readonly clock: Clock;
}

interface Token {
  readonly text: string;
  readonly refreshMs: number;
  readonly expiresMs: number;
}

/** A token of which the server does not say how long it lives. */
const DEFAULT_LIFE_S = 3600;
/** A token is replaced when a fifth of its life is left, a minute at most. */
const SPARE_PART = 5;
const MAX_SPARE_MS = 60_000;
/** As long as a token still holds, one that cannot be replaced is asked for no more often. */
const RETRY_MS = 10_000;

/**
 * Tokens by the grant `client_credentials`. One request at a time is under way, whoever waits for it; a token is replaced
 * before it ends, while requests still go out with the old one. The client shows itself by Basic, which every server must
 * take, and in the body where one does not.
 */
export class OAuth2 implements Credential {
  readonly #options: OAuth2Options;
  readonly #secret: SecretFile;
  readonly #stop = new AbortController();
  #token: Token | undefined;
  #asking: Promise<Token> | undefined;
  #nextAskMs = Number.NEGATIVE_INFINITY;
  /** How the client shows itself; undefined: nobody knows yet what the server takes. */
  #style: 'basic' | 'body' | undefined;
  #seen: readonly string[] = [];

  constructor(options: OAuth2Options) {
    this.#options = options;
    this.#secret = new SecretFile(options.clientSecretFile, lineIn, options.clock);
  }

  async headers(signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const nowMs = this.#options.clock.nowMs();
    let token = this.#token;
    if (token === undefined || nowMs >= token.expiresMs) token = await abortable(this.#ask(), signal);
    else if (nowMs >= token.refreshMs && nowMs >= this.#nextAskMs) void this.#ask().catch(() => {});
    return { authorization: `Bearer ${token.text}` };
  }

  forget(): void {
    this.#token = undefined;
  }

  get secrets(): readonly string[] {
    const { clientId } = this.#options;
    return [...this.#seen, ...this.#secret.seen.flatMap((secret) => [secret, basicValue(clientId, secret)])];
  }

  close(): void {
    this.#stop.abort();
    this.#options.close();
  }

  #ask(): Promise<Token> {
    this.#asking ??= this.#request().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #request(): Promise<Token> {
    this.#nextAskMs = this.#options.clock.nowMs() + RETRY_MS;
    const secret = await this.#secret.read();
    let style = this.#style ?? 'basic';
    let answer = await this.#post(style, secret);
    if (this.#style === undefined && isClientError(answer)) {
      style = 'body';
      answer = await this.#post(style, secret);
    }
    const token = this.#read(answer);
    this.#style = style;
    this.#token = token;
    this.#seen = [token.text, ...this.#seen.slice(0, 1)];
    return token;
  }

  #post(style: 'basic' | 'body', secret: string): Promise<HttpAnswer> {
    const { clientId, scopes, params, post } = this.#options;
    const form = new URLSearchParams({ grant_type: 'client_credentials', ...params });
    if (scopes.length > 0) form.set('scope', scopes.join(' '));
    if (style === 'body') {
      form.set('client_id', clientId);
      form.set('client_secret', secret);
      return post(form.toString(), {}, this.#stop.signal);
    }
    const authorization = `Basic ${basicValue(formEncode(clientId), formEncode(secret))}`;
    return post(form.toString(), { authorization }, this.#stop.signal);
  }

  /** Throws what says why there is no token, and nothing that could be one. */
  #read(answer: HttpAnswer): Token {
    const { target, clock } = this.#options;
    if (answer.kind === 'no_answer') throw new Error(`no token from ${target}`, { cause: answer.error });
    const fields = answer.kind === 'answer' && answer.isWhole ? fieldsOf(answer.body) : {};
    if (answer.status !== 200) {
      // The secret may have been replaced.
      if (answer.status < 500) this.#secret.forget();
      throw new Error(`no token from ${target}: answered ${answer.status}${errorWord(fields['error'])}`);
    }
    const { access_token: text, token_type: type, expires_in: life } = fields;
    const isBearer = type === undefined || String(type).toLowerCase() === 'bearer';
    if (typeof text !== 'string' || !isToken(text) || !isBearer) {
      throw new Error(`no token from ${target}: the answer holds no bearer token`);
    }
    const lifeMs = 1000 * (Number(life) > 0 ? Number(life) : DEFAULT_LIFE_S);
    const nowMs = clock.nowMs();
    const spareMs = Math.min(lifeMs / SPARE_PART, MAX_SPARE_MS);
    return { text, refreshMs: nowMs + lifeMs - spareMs, expiresMs: nowMs + lifeMs };
  }
}

function isToken(text: string): boolean {
  try {
    return tokenIn(text) === text;
  } catch {
    return false;
  }
}

/** The server does not take the client as it shows itself. */
function isClientError(answer: HttpAnswer): boolean {
  return answer.kind === 'answer' && (answer.status === 400 || answer.status === 401);
}

/** A code of RFC 6749, 5.2; anything else is not shown. */
function errorWord(error: unknown): string {
  return typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? `, "${error}"` : '';
}

function fieldsOf(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** As RFC 6749, 2.3.1 has client ids and secrets encoded. */
function formEncode(text: string): string {
  return new URLSearchParams({ _: text }).toString().slice(2);
}

/** What `promise` gives, or a rejection as soon as `signal` aborts. Leaves nothing behind at the signal. */
function abortable<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Error('stopped'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
