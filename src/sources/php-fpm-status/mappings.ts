import type { MappedType, MetricMapping } from '../../mapping/metric-mapping.ts';

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
