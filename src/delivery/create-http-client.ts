import type { Clock } from '../core/clock.ts';
import { ConfigError, type ConfigPath, messageOf } from '../core/errors.ts';
import type { Tracer } from '../telemetry/tracer.ts';
import { checkAuthorization, checkHeaders } from './check-headers.ts';
import { checkTls, tlsFilesOf } from './check-tls.ts';
import { basicAuth, bearerToken, type Credential, headerFromFile } from './credentials.ts';
import { HttpClient } from './http-client.ts';
import type { HttpOptions, TlsOptions } from './http-options.ts';
import { OAuth2 } from './oauth2.ts';
import { proxyFor } from './proxy.ts';

/** A client for a URL, as the options have it. */
export interface HttpClientSetting {
  readonly url: URL;
  readonly userAgent: string;
  /** Headers of the form of a request; a user's header never takes their place. */
  readonly formHeaders?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxIdleConnections: number;
  readonly clock: Clock;
  readonly tracer?: Tracer | undefined;
}

/**
 * What is wrong with the options of a client for `url`, their files and the environment included; null: the URL is
 * wrong, which somebody else has said. `urlKey`: the option that holds it.
 */
export function checkHttpOptions(options: HttpOptions, url: URL | null, urlKey: string): ConfigError[] {
  const { tls, oauth2 } = options;
  return [
    ...checkHeaders(options),
    ...checkAuthorization(options),
    ...checkTls(tls, ['tls'], url, urlKey),
    ...(oauth2 === undefined ? [] : checkTls(oauth2.tls, ['oauth2', 'tls'], URL.parse(oauth2.token_url), 'token_url')),
    ...checkProxy(url, [urlKey]),
    ...checkProxy(oauth2 === undefined ? null : URL.parse(oauth2.token_url), ['oauth2', 'token_url']),
  ];
}

/** The client. The options must have passed `checkHttpOptions()`. */
export function createHttpClient(options: HttpOptions, setting: HttpClientSetting): HttpClient {
  const { url, userAgent, formHeaders, timeoutMs, maxIdleConnections, clock, tracer } = setting;
  // Names in lower case, so that a user's header takes the place of ours whatever its spelling.
  const own = Object.entries(options.headers).map(([name, value]) => [name.toLowerCase(), value]);
  return new HttpClient({
    url,
    headers: { 'user-agent': userAgent, ...Object.fromEntries(own), ...formHeaders },
    timeoutMs,
    maxIdleConnections,
    tls: clientTls(options.tls),
    credentials: credentialsOf(options, setting),
    clock,
    tracer,
  });
}

function credentialsOf(options: HttpOptions, setting: HttpClientSetting): Credential[] {
  const { clock } = setting;
  const { headers_from_files: files, bearer_token_file: token, basic_auth: basic } = options;
  const credentials = Object.entries(files).map(([name, path]) => headerFromFile(name, path, clock));
  if (token !== undefined) credentials.push(bearerToken(token, clock));
  if (basic !== undefined) credentials.push(basicAuth(basic.username, basic.password_file, clock));
  if (options.oauth2 !== undefined) credentials.push(createOAuth2(options.oauth2, setting));
  return credentials;
}

function createOAuth2(options: NonNullable<HttpOptions['oauth2']>, setting: HttpClientSetting): OAuth2 {
  const { userAgent, timeoutMs, clock, tracer } = setting;
  const client = new HttpClient({
    url: new URL(options.token_url),
    headers: {
      'user-agent': userAgent,
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    },
    timeoutMs,
    maxIdleConnections: 1,
    tls: clientTls(options.tls),
    clock,
    tracer,
  });
  return new OAuth2({
    clientId: options.client_id,
    clientSecretFile: options.client_secret_file,
    scopes: options.scopes,
    params: options.params,
    target: client.target,
    post: (form, headers, signal) => client.send({ method: 'POST', body: Buffer.from(form), headers }, signal),
    close: () => client.close(),
    clock,
  });
}

function clientTls(options: TlsOptions) {
  return { ...tlsFilesOf(options), serverName: options.server_name };
}

function checkProxy(url: URL | null, path: ConfigPath): ConfigError[] {
  if (url === null) return [];
  try {
    proxyFor(url, process.env);
    return [];
  } catch (error) {
    const message = `Cannot reach the host of "${String(path.at(-1))}": the variable ${messageOf(error)}`;
    const hint = 'Write it as in http://proxy:3128, unset it, or name the host in NO_PROXY';
    return [new ConfigError({ code: 'ERR_CONFIG_VALUE', path, message, hint })];
  }
}
