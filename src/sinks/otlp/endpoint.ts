import { ConfigError } from '../../core/errors.ts';

export interface EndpointOptions {
  readonly endpoint: string;
  readonly logs_endpoint?: string | undefined;
}

const SIGNAL_PATH = '/v1/logs';

/**
 * Where logs go, by "Endpoint URLs for OTLP/HTTP" of the OpenTelemetry specification: the signal's path is appended to
 * `endpoint`, `logs_endpoint` is used as it is. The options must have passed `checkEndpoint()`.
 */
export function logsUrl(options: EndpointOptions): URL {
  if (options.logs_endpoint !== undefined) return new URL(options.logs_endpoint);
  const url = new URL(options.endpoint);
  url.pathname = url.pathname.replace(/\/+$/, '') + SIGNAL_PATH;
  return url;
}

/** The option that is used. */
export function endpointKey(options: EndpointOptions): 'endpoint' | 'logs_endpoint' {
  return options.logs_endpoint === undefined ? 'endpoint' : 'logs_endpoint';
}

/** The same as `logsUrl()`; null where what is written is no URL. */
export function urlOf(options: EndpointOptions): URL | null {
  return URL.canParse(options.logs_endpoint ?? options.endpoint) ? logsUrl(options) : null;
}

/** What is wrong with the endpoint that would be used. The messages hold no credentials. */
export function checkEndpoint(options: EndpointOptions): ConfigError[] {
  const key = endpointKey(options);
  const text = options.logs_endpoint ?? options.endpoint;
  const url = URL.parse(text);
  const invalid = (what: string, hint: string): ConfigError[] => [
    new ConfigError({
      code: 'ERR_CONFIG_VALUE',
      path: [key],
      message: `Cannot use ${withoutSecrets(text)} for "${key}": ${what}`,
      hint,
    }),
  ];
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return invalid('expected a URL that starts with http:// or https://', schemeHint(text));
  }
  if (url.username !== '' || url.password !== '') {
    return invalid('it holds a user name or password', 'Use "basic_auth", with the password in a file');
  }
  if (key === 'endpoint' && /\/v1\/(logs|metrics|traces)\/*$/.test(url.pathname)) {
    const base = text.replace(/\/v1\/(logs|metrics|traces).*$/, '');
    return invalid(
      `the path "${SIGNAL_PATH}" is appended to it`,
      `Write ${withoutSecrets(base)}, or use "logs_endpoint" for a URL that is used as it is`,
    );
  }
  return [];
}

function schemeHint(text: string): string {
  if (text.includes('://') && URL.canParse(text)) return 'This sink speaks OTLP over HTTP, usually on port 4318';
  const withScheme = `http://${text}`;
  if (!text.includes('://') && URL.canParse(withScheme))
    return `Write it with its scheme: ${withoutSecrets(withScheme)}`;
  return 'Write it as in "http://collector:4318"';
}

/** A URL as messages may show it: passwords stand before an `@`, keys behind a `?`. */
function withoutSecrets(text: string): string {
  return JSON.stringify((text.split('?', 1)[0] ?? '').replace(/^(\w+:\/\/)?.*@/, '$1…@'));
}
