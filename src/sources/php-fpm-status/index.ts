import type { SourceDefinition } from '../../component/definition.ts';
import type { Infer } from '../../component/options.ts';
import { checkHttpOptions } from '../../delivery/create-http-client.ts';
import { metricDocs } from '../../mapping/metric-docs.ts';
import { openHttpPage, type PageKind } from '../http-pages.ts';
import { checkTargets, checkTimeout, httpTarget } from '../http-targets.ts';
import { buildMappedSource } from '../mapped-source.ts';
import { statusPageOptions } from '../status-page.ts';
import { askPhpFpm } from './ask-php-fpm.ts';
import { PHP_FPM_MAPPINGS } from './mappings.ts';
import { parseStatus } from './parse-status.ts';

const options = statusPageOptions({
  doc: 'Where PHP-FPM shows the status of a pool (`pm.status_path`): `fcgi://host:port/status` asks it itself, URLs with http and `host:port` for `http://host:port/status` ask a web server that passes it on. `?json&full` is added.',
  default: 'fcgi://localhost:9000/status',
});

type Options = Infer<typeof options>;

const kind: PageKind = {
  urlOf: statusUrl,
  example: 'http://localhost:8080/status',
  accept: 'application/json',
  parse: parseStatus,
  mappings: PHP_FPM_MAPPINGS,
  start: { time: '["start time"]' },
};

/** Pools of PHP-FPM. */
export const phpFpmStatusSource: SourceDefinition<Options> = {
  type: 'php_fpm_status',
  summary:
    'Asks PHP-FPM for the status page of a pool, by FastCGI or by way of a web server, and reads processes and requests out of it, with `up`.',
  gives: 'metrics',
  metrics: metricDocs(PHP_FPM_MAPPINGS),
  options,
  check(options) {
    const first = statusUrl(options.targets[0] ?? '');
    return [
      ...checkTargets(options.targets, statusUrl, kind.example, 'a URL with http, https or fcgi'),
      ...checkTimeout(options),
      ...checkHttpOptions(options, first !== null && isFastCgi(first) ? null : first, 'targets'),
    ];
  },
  build(options, context) {
    const setting = { maxBytes: options.max_body_size, timeoutMs: options.timeout, clock: context.clock };
    return buildMappedSource(options, context, {
      ...kind,
      open: (url) =>
        isFastCgi(url)
          ? { read: async (signal) => parseStatus(await askPhpFpm(url, setting, signal)), close: () => {} }
          : openHttpPage(options, context, kind, url),
    });
  },
};

function isFastCgi({ protocol }: URL): boolean {
  return protocol === 'fcgi:';
}

function statusUrl(target: string): URL | null {
  const url = target.startsWith('fcgi:') ? fastCgiUrl(target) : httpTarget(target, '/status');
  if (url !== null && url.search === '') url.search = '?json&full';
  return url;
}

function fastCgiUrl(target: string): URL | null {
  const url = URL.parse(target);
  if (url === null || url.hostname === '' || url.username !== '' || url.password !== '') return null;
  if (url.port === '') url.port = '9000';
  if (url.pathname === '' || url.pathname === '/') url.pathname = '/status';
  url.hash = '';
  return url;
}
