import type { MappedType, MetricMapping } from '../../mapping/metric-mapping.ts';

const ROW = {
  each: ['row in .'],
  labels: { 'haproxy.proxy_name': 'row.pxname', 'haproxy.service_name': 'row.svname', 'haproxy.type': 'row.type' },
  // What a frontend has, a server has not.
  optional: true,
} as const;

function metric(name: string, type: MappedType, unit: string, column: string, description: string): MetricMapping {
  return { ...ROW, name: `haproxy.${name}`, type, unit, description, value: `row.${column}` };
}

function count(name: string, unit: string, column: string, description: string): MetricMapping {
  return metric(name, 'counter', unit, column, description);
}

/** By the names that the receiver of the OpenTelemetry Collector has for them. */
export const HAPROXY_MAPPINGS: readonly MetricMapping[] = [
  count('connections.total', '{connection}', 'conn_tot', 'Connections of clients.'),
  metric('connections.rate', 'gauge', '{connection}', 'conn_rate', 'Connections in the last second.'),
  count('connections.errors', '{error}', 'econ', 'Requests that could not be connected to a server.'),
  count('connections.retries', '{retry}', 'wretr', 'Times a connection to a server was tried again.'),
  count('sessions.total', '{session}', 'stot', 'Sessions.'),
  metric('sessions.count', 'up_down_counter', '{session}', 'scur', 'Sessions of now.'),
  metric('sessions.limit', 'up_down_counter', '{session}', 'slim', 'How many sessions there may be.'),
  metric('sessions.rate', 'gauge', '{session}', 'rate', 'Sessions in the last second.'),
  metric('sessions.average', 'gauge', 'ms', 'ttime', 'How long the last 1024 sessions took on average.'),
  {
    ...ROW,
    name: 'haproxy.requests.total',
    type: 'counter',
    unit: '{request}',
    description: 'Requests over HTTP, by the class of the status that answered them.',
    each: ['row in .', 'code, n in row.responses'],
    value: 'n',
    labels: { ...ROW.labels, status_code: 'code' },
  },
  metric('requests.rate', 'gauge', '{request}', 'req_rate', 'Requests over HTTP in the last second.'),
  metric('requests.queued', 'up_down_counter', '{request}', 'qcur', 'Requests that wait for a server.'),
  count('requests.denied', '{request}', 'dreq', 'Requests that were denied by a rule.'),
  count('requests.errors', '{error}', 'ereq', 'Requests that were wrong.'),
  count('requests.redispatched', '{request}', 'wredis', 'Requests that were given to another server.'),
  count('responses.denied', '{response}', 'dresp', 'Answers that were denied by a rule.'),
  count('responses.errors', '{error}', 'eresp', 'Answers that were wrong, and those that servers broke off.'),
  count('bytes.input', 'By', 'bin', 'Bytes that came from clients.'),
  count('bytes.output', 'By', 'bout', 'Bytes that went to clients.'),
  count('clients.canceled', '{cancellation}', 'cli_abrt', 'Transfers that clients broke off.'),
  count('server_selected.total', '{selection}', 'lbtot', 'Times a server was chosen.'),
  count('compression.input', 'By', 'comp_in', 'Bytes of answers that were given to the compressor.'),
  count('compression.output', 'By', 'comp_out', 'Bytes of answers that came out of it.'),
  count('compression.bypass', 'By', 'comp_byp', 'Bytes of answers that went past it.'),
  count('compression.count', '{response}', 'comp_rsp', 'Answers that were compressed.'),
  count('failed_checks', '{check}', 'chkfail', 'Checks that failed while the server was up.'),
  count('downtime', 's', 'downtime', 'How long it was down.'),
  {
    ...ROW,
    name: 'haproxy.status',
    type: 'gauge',
    description: 'Whether it is up (`UP` or `OPEN`), 1 for the state that it is in.',
    value: 'row.status',
    states: {
      UP: 'up',
      OPEN: 'up',
      'no check': 'unchecked',
      DOWN: 'down',
      STOP: 'down',
      NOLB: 'no_new_sessions',
      DRAIN: 'drain',
      MAINT: 'maintenance',
    },
    state_label: 'haproxy.state',
  },
];
