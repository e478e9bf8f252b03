import type { ConfigError } from '../../core/errors.ts';
import { checkUrl, urlError, withoutSecrets } from '../../delivery/check-url.ts';

/** Where the specification sends what nobody has said where to send. */
export const DEFAULT_ENDPOINT = 'http://localhost:4318';

export interface EndpointOptions {
  readonly endpoint: string;
  readonly logs_endpoint?: string | undefined;
  readonly metrics_endpoint?: string | undefined;
}

const SPEAKS = 'This sink speaks OTLP over HTTP, usually on port 4318';

/** What has a URL of its own. */
export type Signal = 'logs' | 'metrics';

const SIGNALS: readonly Signal[] = ['logs', 'metrics'];

/** The option with the URL that is used as it is. */
type OwnKey = `${Signal}_endpoint`;

const KEYS = { logs: 'logs_endpoint', metrics: 'metrics_endpoint' } as const satisfies Record<Signal, OwnKey>;

/**
 * Where a signal goes, by "Endpoint URLs for OTLP/HTTP" of the OpenTelemetry specification: its path is appended to
 * `endpoint`, `<signal>_endpoint` is used as it is. The options must have passed `checkEndpoint()`.
 */
export function signalUrl(options: EndpointOptions, signal: Signal): URL {
  const own = options[KEYS[signal]];
  if (own !== undefined) return new URL(own);
  const url = new URL(options.endpoint);
  url.pathname = url.pathname.replace(/\/+$/, '') + pathOf(signal);
  return url;
}

/** The URLs that are used, as options name them; null where what is written is no URL. */
export function usedUrls(options: EndpointOptions): { readonly key: 'endpoint' | OwnKey; readonly url: URL | null }[] {
  const own = SIGNALS.map((signal) => KEYS[signal]).filter((key) => options[key] !== undefined);
  // What is left as it is beside URLs of their own is nobody's mistake.
  const isUsed = own.length === 0 || (own.length < SIGNALS.length && options.endpoint !== DEFAULT_ENDPOINT);
  const keys = isUsed ? (['endpoint', ...own] as const) : own;
  return keys.map((key) => ({ key, url: URL.parse(options[key] ?? '') }));
}

/** What is wrong with the endpoints that would be used. The messages hold no credentials. */
export function checkEndpoint(options: EndpointOptions): ConfigError[] {
  return usedUrls(options).flatMap(({ key, url }) => checkUsed(options[key] ?? '', url, key));
}

function checkUsed(text: string, url: URL | null, key: 'endpoint' | OwnKey): ConfigError[] {
  const errors = checkUrl(text, { key, speaks: SPEAKS, example: 'http://collector:4318' });
  const [, signal] = /\/v1\/(logs|metrics|traces)\/*$/.exec(url?.pathname ?? '') ?? [];
  if (errors.length > 0 || key !== 'endpoint' || signal === undefined) return errors;
  const base = text.replace(/\/v1\/(logs|metrics|traces).*$/, '');
  const own = signal === 'metrics' ? KEYS.metrics : KEYS.logs;
  const hint = `Write ${withoutSecrets(base)}, or use "${own}" for a URL that is used as it is`;
  return [urlError(text, key, `the path "${pathOf('logs')}" is appended to it`, hint)];
}

function pathOf(signal: Signal): string {
  return `/v1/${signal}`;
}
