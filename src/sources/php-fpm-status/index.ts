import type { MappedType, MetricMapping } from '../../mapping/metric-mapping.ts';
import { httpTarget } from '../http-targets.ts';
import { statusPageOptions, statusPageSource } from '../status-page.ts';
import { parseStatus } from './parse-status.ts';

const POOL = { 'phpfpm.pool': 'pool' };

function metric(name: string, type: MappedType, unit: string, field: string, description: string): MetricMapping {
  return { name: `phpfpm.${name}`, type, unit, description, value: `["${field}"]`, labels: POOL };
}

/** Nobody has agreed on names for these. */
export const PHP_FPM_MAPPINGS: readonly MetricMapping[] = [
  metric('connections.accepted', 'counter', '{connection}', 'accepted conn', 'Requests that the pool has taken.'),
  metric(
    'listen_queue.length',
    'up_down_counter',
    '{connection}',
    'listen queue',
    'Requests that wait for a free process.',
  ),
  metric('listen_queue.max', 'gauge', '{connection}', 'max listen queue', 'The most that have ever waited.'),
  metric('listen_queue.limit', 'up_down_counter', '{connection}', 'listen queue len', 'How many may wait.'),
  {
    ...metric(
      'processes',
      'up_down_counter',
      '{process}',
      'idle processes',
      'Processes of the pool, by what they do: `idle` or `active`.',
    ),
    labels: { ...POOL, state: '"idle"' },
  },
  {
    ...metric('processes', 'up_down_counter', '{process}', 'active processes', ''),
    labels: { ...POOL, state: '"active"' },
  },
  metric('processes.max_active', 'gauge', '{process}', 'max active processes', 'The most that were active at once.'),
  {
    name: 'phpfpm.process.states',
    type: 'up_down_counter',
    unit: '{process}',
    description: 'Processes of the pool, by the step of a request in which they are.',
    each: ['state, n in states'],
    value: 'n',
    labels: { ...POOL, state: 'state' },
    optional: true,
  },
  metric(
    'max_children_reached',
    'counter',
    '{time}',
    'max children reached',
    'How often there should have been more processes than `pm.max_children`.',
  ),
  metric('slow_requests', 'counter', '{request}', 'slow requests', 'Requests beyond `request_slowlog_timeout`.'),
  {
    ...metric('memory.peak', 'gauge', 'By', 'memory peak', 'The most memory of a request (from PHP 8.4 on).'),
    optional: true,
  },
  metric('uptime', 'gauge', 's', 'start since', 'How long the pool has been running.'),
];

/** Pools of PHP-FPM. */
export const phpFpmStatusSource = statusPageSource({
  type: 'php_fpm_status',
  summary:
    'Asks PHP-FPM for the status page of a pool, by way of a web server, and reads processes and requests out of it, with `up`.',
  options: statusPageOptions({
    doc: 'Where a web server passes `pm.status_path` on to PHP-FPM: URLs, or `host:port` for `http://host:port/status`. `?json&full` is added.',
    default: 'http://localhost/status',
  }),
  kind: {
    urlOf: statusUrl,
    example: 'http://localhost:8080/status',
    accept: 'application/json',
    parse: parseStatus,
    mappings: PHP_FPM_MAPPINGS,
    start: { time: '["start time"]' },
  },
});

function statusUrl(target: string): URL | null {
  const url = httpTarget(target, '/status');
  if (url !== null && url.search === '') url.search = '?json&full';
  return url;
}
