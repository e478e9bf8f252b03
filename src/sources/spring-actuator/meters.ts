import type { MappedType, MetricMapping } from '../../mapping/metric-mapping.ts';
import type { Meter } from './read-meters.ts';

/** A meter, and the metric that is made of it. */
export interface KnownMeter {
  readonly meter: Meter;
  readonly mapping: MetricMapping;
}

interface Parts {
  /** Names of labels by the tags of the meter. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly words?: Readonly<Record<string, string>>;
  readonly scale?: number;
  /** Further labels. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** What Micrometer says of a kind of meter, and of which type its metric is. */
export const METER_KINDS = {
  counter: { type: 'counter', value: 'COUNT' },
  gauge: { type: 'gauge', value: 'VALUE' },
  timer: { type: 'histogram', sum: 'TOTAL_TIME' },
  summary: { type: 'histogram', sum: 'TOTAL' },
} as const;

/** How a meter becomes a metric. */
export function meterMapping(
  metric: Pick<MetricMapping, 'name' | 'unit' | 'description' | 'optional' | 'scale'>,
  meter: string,
  kind: keyof typeof METER_KINDS,
  labels: Readonly<Record<string, string>>,
  type: MappedType = METER_KINDS[kind].type,
): MetricMapping {
  const form = METER_KINDS[kind];
  const parts =
    'value' in form ? { value: `sample.${form.value}` } : { count: 'sample.COUNT', sum: `sample.${form.sum}` };
  return { ...metric, type, each: [`sample in ["${meter}"]`], ...parts, labels };
}

/** The path of the value of a tag. */
export function tagPath(tag: string): string {
  return `sample.tags["${tag}"]`;
}

function known(
  name: string,
  kind: keyof typeof METER_KINDS,
  type: MappedType,
  unit: string,
  meter: string,
  description: string,
  { tags = {}, words = {}, scale = 1, labels = {} }: Parts = {},
): KnownMeter {
  const paths = Object.entries(tags).map(([tag, label]) => [label, tagPath(tag)]);
  // Which meters there are depends on the version and on what the application uses.
  const metric = { name, unit, description, scale, optional: true };
  return {
    meter: { name: meter, tags: Object.keys(tags), words },
    mapping: meterMapping(metric, meter, kind, { ...Object.fromEntries(paths), ...labels }, type),
  };
}

const MEMORY = { tags: { area: 'jvm.memory.type' }, words: { nonheap: 'non_heap' } };
const POOL = { pool: 'db.client.connection.pool.name' };

/** Meters of Micrometer by the names of the semantic conventions, as far as there are any. */
export const KNOWN_METERS: readonly KnownMeter[] = [
  known('jvm.memory.used', 'gauge', 'up_down_counter', 'By', 'jvm.memory.used', 'Memory that is in use.', MEMORY),
  known(
    'jvm.memory.committed',
    'gauge',
    'up_down_counter',
    'By',
    'jvm.memory.committed',
    'Memory that the JVM has.',
    MEMORY,
  ),
  known(
    'jvm.memory.limit',
    'gauge',
    'up_down_counter',
    'By',
    'jvm.memory.max',
    'Memory that the JVM may have.',
    MEMORY,
  ),
  known('jvm.gc.duration', 'timer', 'histogram', 's', 'jvm.gc.pause', 'Pauses for the collection of garbage.', {
    tags: { action: 'jvm.gc.action' },
  }),
  known('jvm.thread.count', 'gauge', 'up_down_counter', '{thread}', 'jvm.threads.states', 'Threads, by state.', {
    tags: { state: 'jvm.thread.state' },
    words: { 'timed-waiting': 'timed_waiting' },
  }),
  known('jvm.class.count', 'gauge', 'up_down_counter', '{class}', 'jvm.classes.loaded', 'Classes that are loaded.'),
  known('jvm.class.unloaded', 'counter', 'counter', '{class}', 'jvm.classes.unloaded', 'Classes that were unloaded.'),
  known('jvm.cpu.time', 'counter', 'counter', 's', 'process.cpu.time', 'CPU time of the process.', { scale: 1e-9 }),
  known('jvm.cpu.recent_utilization', 'gauge', 'gauge', '1', 'process.cpu.usage', 'Recent use of the CPUs.'),
  known('jvm.cpu.count', 'gauge', 'up_down_counter', '{cpu}', 'system.cpu.count', 'CPUs that the JVM has.'),
  known(
    'jvm.file_descriptor.count',
    'gauge',
    'up_down_counter',
    '{file_descriptor}',
    'process.files.open',
    'File descriptors that are open.',
  ),
  known(
    'jvm.file_descriptor.limit',
    'gauge',
    'up_down_counter',
    '{file_descriptor}',
    'process.files.max',
    'File descriptors that may be open.',
  ),
  known('process.uptime', 'gauge', 'gauge', 's', 'process.uptime', 'How long the JVM has been running.'),
  known(
    'http.server.request.duration',
    'timer',
    'histogram',
    's',
    'http.server.requests',
    'Requests that were answered, with the sum of the time that they took, by status.',
    { tags: { status: 'http.response.status_code' } },
  ),
  known(
    'db.client.connection.count',
    'gauge',
    'up_down_counter',
    '{connection}',
    'hikaricp.connections.active',
    'Connections of a pool of HikariCP, by state.',
    { tags: POOL, labels: { 'db.client.connection.state': '"used"' } },
  ),
  known('db.client.connection.count', 'gauge', 'up_down_counter', '{connection}', 'hikaricp.connections.idle', '', {
    tags: POOL,
    labels: { 'db.client.connection.state': '"idle"' },
  }),
  known(
    'db.client.connection.pending_requests',
    'gauge',
    'up_down_counter',
    '{request}',
    'hikaricp.connections.pending',
    'Requests that wait for a connection.',
    { tags: POOL },
  ),
  known(
    'db.client.connection.max',
    'gauge',
    'up_down_counter',
    '{connection}',
    'hikaricp.connections.max',
    'How many connections the pool may have.',
    { tags: POOL },
  ),
  known('logback.events', 'counter', 'counter', '{event}', 'logback.events', 'Lines of the log, by level.', {
    tags: { level: 'level' },
  }),
];

/** Where the start of the application is; no metric of its own. */
export const START_METER: Meter = { name: 'process.start.time', tags: [] };
