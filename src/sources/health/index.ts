import type { SourceContext, SourceDefinition } from '../../component/definition.ts';
import {
  duration,
  flag,
  type Infer,
  integer,
  object,
  optionalDuration,
  optionalText,
  someTexts,
} from '../../component/options.ts';
import { ConfigError, type ConfigPath } from '../../core/errors.ts';
import { checkHttpOptions, createHttpClient } from '../../delivery/create-http-client.ts';
import { httpOptions } from '../../delivery/http-options.ts';
import { EventRecords } from '../event-records.ts';
import { httpTarget } from '../http-targets.ts';
import type { Check } from './check.ts';
import { FileCheck } from './file-check.ts';
import { HealthLegacy } from './health-legacy.ts';
import { HealthSource } from './health-source.ts';
import { HttpCheck, type StatusRange } from './http-check.ts';
import { TcpCheck } from './tcp-check.ts';

const options = object({
  http: optionalText({
    doc: 'A page that is asked for, as a URL or as `host:port`. One of `http`, `tcp` and `file` is needed.',
    example: 'http://localhost:8080/healthz',
  }),
  tcp: optionalText({
    doc: 'A port that must take a connection, as `host:port`; IPv6 in brackets.',
    example: 'localhost:5432',
  }),
  file: optionalText({ doc: 'A path at which there must be something.', example: '/var/run/app/ready' }),
  status: someTexts({
    doc: 'Of `http`: the statuses that pass, as ranges. Redirects are not followed.',
    default: ['200-399'],
    example: '["200", "204-206"]',
  }),
  body: optionalText({ doc: 'Of `http`: a text that must be in the answer.', example: '"status":"UP"' }),
  max_age: optionalDuration({
    doc: 'Of `file`: how long ago it may have been written.',
    example: '1m',
    min: '1s',
  }),
  interval: duration({ doc: 'How often it is looked.', default: '10s', min: '1s' }),
  timeout: duration({ doc: 'How long that may take; at most `interval`.', default: '1s', min: '10ms' }),
  failure_threshold: integer({
    doc: 'How many checks in a row must fail before the application is down.',
    default: 3,
    min: 1,
    max: 1000,
  }),
  success_threshold: integer({
    doc: 'How many in a row must pass before it is up.',
    default: 1,
    min: 1,
    max: 1000,
  }),
  readiness: flag({
    doc: 'Whether the agent is ready only while the application is up, and with it the pod: `/readyz` and `pillion status --ready` then say no. `/startupz` does not go with it, since a native sidecar is started before the application. Leave it off where the application waits until the agent is healthy (`depends_on` of compose): they would wait for each other.',
    default: false,
  }),
  events: flag({
    doc: 'Whether each change is a record, for the sinks of the pipelines that take records: down with the reason, and up again. Switch it off where a sink of type `otlp` leads to a backend that refuses records.',
    default: true,
  }),
  ...httpOptions,
});

type Options = Infer<typeof options>;

/** What changes take at most that wait for a sink. */
const MAX_EVENT_BYTES = 64 * 1024;
const STATUS_RANGE = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/;

/** Looks whether the application beside the agent is well. */
export const healthSource: SourceDefinition<Options> = {
  type: 'health',
  summary:
    'Looks at an application by HTTP, TCP or a file: whether it is up as metrics, changes as records, and, if you like, as readiness of the pod.',
  gives: 'both',
  options,
  check,
  build(options, context) {
    const { name, clock, logger, ledger, predecessor } = context;
    const resource = () => context.resource;
    const left = predecessor instanceof HealthLegacy ? predecessor : undefined;
    const events = options.events
      ? (left?.takeEvents(ledger) ?? new EventRecords({ name: 'health', resource, ledger, maxBytes: MAX_EVENT_BYTES }))
      : undefined;
    const target = JSON.stringify([options.http, options.tcp, options.file]);
    return new HealthSource({
      name,
      target,
      memory: left?.take(target),
      check: createCheck(options, context),
      intervalMs: options.interval,
      timeoutMs: options.timeout,
      successThreshold: options.success_threshold,
      failureThreshold: options.failure_threshold,
      isForReadiness: options.readiness,
      events,
      resource,
      clock,
      logger,
    });
  },
};

function createCheck(options: Options, { clock, userAgent }: SourceContext): Check {
  const { http, tcp, file = '', max_age: maxAgeMs, status, body, timeout: timeoutMs } = options;
  if (http !== undefined) {
    const url = httpTarget(http, '/')!;
    // No connection is kept: that a new one can be made is what is to be known.
    const client = createHttpClient(options, { url, userAgent, timeoutMs, maxIdleConnections: 0, clock });
    return new HttpCheck(client, status.flatMap(parseRange), body);
  }
  const address = tcp === undefined ? undefined : parseAddress(tcp);
  return address === undefined ? new FileCheck(file, maxAgeMs, clock) : new TcpCheck(address.host, address.port);
}

function parseRange(text: string): StatusRange[] {
  const [, from, to = from] = STATUS_RANGE.exec(text) ?? [];
  return from !== undefined && Number(from) <= Number(to) ? [{ from: Number(from), to: Number(to) }] : [];
}

function parseAddress(text: string): { readonly host: string; readonly port: number } | undefined {
  const [, host = '', port = ''] = /^(\[[0-9a-fA-F:.%\w]+\]|[^\s:/[\]]+):(\d{1,5})$/.exec(text) ?? [];
  if (host === '' || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { host: host.replace(/[[\]]/g, ''), port: Number(port) };
}

function check(options: Options): ConfigError[] {
  const { http, tcp, file, status, interval, timeout } = options;
  const given = [http, tcp, file].filter((target) => target !== undefined).length;
  if (given !== 1) {
    const message = given === 0 ? 'There is nothing to look at' : 'There is more than one thing to look at';
    const hint = 'Give one of "http", "tcp" and "file"; for more of them have a source each';
    return [
      new ConfigError({ code: given === 0 ? 'ERR_CONFIG_MISSING' : 'ERR_CONFIG_VALUE', path: [], message, hint }),
    ];
  }
  const url = http === undefined ? null : httpTarget(http, '/');
  const errors = misplaced(options);
  const refuse = (path: ConfigPath, message: string, hint: string): void =>
    void errors.push(new ConfigError({ code: 'ERR_CONFIG_VALUE', path, message, hint }));
  if (http !== undefined && url === null)
    refuse(
      ['http'],
      `Cannot ask ${JSON.stringify(http)}: it is neither a URL with http or https, nor host:port`,
      'Write it as in http://localhost:8080/healthz, without a user and password',
    );
  if (tcp !== undefined && parseAddress(tcp) === undefined)
    refuse(['tcp'], `Cannot connect to ${JSON.stringify(tcp)}: it is no host:port`, 'Write it as in localhost:5432');
  if (file !== undefined && !file.startsWith('/'))
    refuse(['file'], `Cannot look at ${JSON.stringify(file)}`, 'Give an absolute path');
  for (const [i, range] of status.entries())
    if (parseRange(range).length === 0)
      refuse(['status', i], `Cannot read ${JSON.stringify(range)} as statuses`, 'Write them as in "200" or "200-399"');
  if (timeout > interval)
    refuse(['timeout'], 'Cannot wait longer for a check than for the next one', 'Set "timeout" to at most "interval"');
  return [...errors, ...(http === undefined ? [] : checkHttpOptions(options, url, 'http'))];
}

/** Options that are about another kind of check. */
function misplaced({ http, file, body, max_age: maxAge, headers, ...credentials }: Options): ConfigError[] {
  const { bearer_token_file: token, basic_auth: basic, oauth2 } = credentials;
  const ofHttp = { body, headers: Object.keys(headers).length === 0 ? undefined : headers };
  const all = { ...ofHttp, bearer_token_file: token, basic_auth: basic, oauth2 };
  const wrong = http === undefined ? Object.entries(all).filter(([, value]) => value !== undefined) : [];
  const errors = wrong.map(([key]) => misplacedError(key, 'http'));
  return maxAge === undefined || file !== undefined ? errors : [...errors, misplacedError('max_age', 'file')];
}

function misplacedError(key: string, kind: string): ConfigError {
  const message = `Cannot use "${key}" without "${kind}"`;
  return new ConfigError({ code: 'ERR_CONFIG_VALUE', path: [key], message, hint: `Remove "${key}"` });
}
