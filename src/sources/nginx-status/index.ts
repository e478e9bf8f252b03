import type { MetricMapping } from '../../mapping/metric-mapping.ts';
import { httpTarget } from '../http-targets.ts';
import { statusPageOptions, statusPageSource } from '../status-page.ts';
import { parseStubStatus } from './parse-stub-status.ts';

/** By the names that the receiver of the OpenTelemetry Collector has for them. */
export const NGINX_MAPPINGS: readonly MetricMapping[] = [
  {
    name: 'nginx.requests',
    type: 'counter',
    unit: '{request}',
    description: 'Requests that clients have made.',
    value: 'requests',
  },
  {
    name: 'nginx.connections_accepted',
    type: 'counter',
    unit: '{connection}',
    description: 'Connections of clients that were accepted.',
    value: 'accepted',
  },
  {
    name: 'nginx.connections_handled',
    type: 'counter',
    unit: '{connection}',
    description: 'Those of them that were handled: all, unless a limit such as `worker_connections` was reached.',
    value: 'handled',
  },
  {
    name: 'nginx.connections_current',
    type: 'up_down_counter',
    unit: '{connection}',
    description: 'Connections of now: `active` are all of them, `reading`, `writing` and `waiting` their parts.',
    each: ['state, n in connections'],
    value: 'n',
    labels: { state: 'state' },
  },
];

/** Connections and requests of nginx. */
export const nginxStatusSource = statusPageSource({
  type: 'nginx_status',
  summary: 'Asks nginx for its page of `stub_status`, and reads connections and requests out of it, with `up`.',
  options: statusPageOptions({
    doc: 'Where nginx shows `stub_status`: URLs, or `host:port` for `http://host:port/nginx_status`.',
    default: 'http://localhost/nginx_status',
  }),
  kind: {
    urlOf: (target) => httpTarget(target, '/nginx_status'),
    example: 'http://localhost:8080/nginx_status',
    accept: 'text/plain, */*;q=0.1',
    parse: parseStubStatus,
    mappings: NGINX_MAPPINGS,
  },
});
