import type { MappedType, MetricMapping } from '../../mapping/metric-mapping.ts';

/** Versions of Redis, and what it is set up for, decide which fields there are. */
function metric(name: string, type: MappedType, unit: string, value: string, description: string): MetricMapping {
  return { name: `redis.${name}`, type, unit, description, value, optional: true };
}

function count(name: string, unit: string, value: string, description: string): MetricMapping {
  return metric(name, 'counter', unit, value, description);
}

function ofDatabases(name: string, unit: string, field: string, description: string): MetricMapping {
  const each = ['db, database in databases'];
  return { ...metric(name, 'gauge', unit, `database.${field}`, description), each, labels: { db: 'db' } };
}

const CPU_STATES = ['sys', 'user', 'sys_children', 'user_children', 'sys_main_thread', 'user_main_thread'];

/** By the names that the receiver of the OpenTelemetry Collector has for them. */
export const REDIS_MAPPINGS: readonly MetricMapping[] = [
  count('uptime', 's', 'uptime_in_seconds', 'How long Redis has been running.'),
  ...CPU_STATES.map((state) => ({
    ...count('cpu.time', 's', `used_cpu_${state}`, 'CPU time; `sys` and `user` hold that of the threads.'),
    labels: { state: `"${state}"` },
  })),
  metric('clients.connected', 'up_down_counter', '{client}', 'connected_clients', 'Clients, without replicas.'),
  metric('clients.blocked', 'up_down_counter', '{client}', 'blocked_clients', 'Clients that wait in a command.'),
  metric(
    'clients.max_input_buffer',
    'gauge',
    'By',
    'client_recent_max_input_buffer',
    'The largest input buffer of a client.',
  ),
  metric(
    'clients.max_output_buffer',
    'gauge',
    'By',
    'client_recent_max_output_buffer',
    'The largest output buffer of a client.',
  ),
  count('connections.received', '{connection}', 'total_connections_received', 'Connections that were accepted.'),
  count('connections.rejected', '{connection}', 'rejected_connections', 'Connections beyond `maxclients`.'),
  count('commands.processed', '{command}', 'total_commands_processed', 'Commands.'),
  metric('commands', 'gauge', '{command}/s', 'instantaneous_ops_per_sec', 'Commands a second.'),
  count('net.input', 'By', 'total_net_input_bytes', 'Bytes from clients.'),
  count('net.output', 'By', 'total_net_output_bytes', 'Bytes to clients.'),
  count('keys.expired', '{event}', 'expired_keys', 'Keys that have expired.'),
  count('keys.evicted', '{key}', 'evicted_keys', 'Keys that were evicted because of `maxmemory`.'),
  count('keyspace.hits', '{hit}', 'keyspace_hits', 'Look-ups of keys that were there.'),
  count('keyspace.misses', '{miss}', 'keyspace_misses', 'Look-ups of keys that were not.'),
  metric('memory.used', 'gauge', 'By', 'used_memory', 'Memory that Redis has allocated.'),
  metric('memory.peak', 'gauge', 'By', 'used_memory_peak', 'The most that it ever had.'),
  metric('memory.rss', 'gauge', 'By', 'used_memory_rss', 'Memory by the count of the system.'),
  metric('memory.lua', 'gauge', 'By', 'used_memory_lua', 'Memory of scripts.'),
  metric(
    'memory.fragmentation_ratio',
    'gauge',
    '1',
    'mem_fragmentation_ratio',
    '`redis.memory.rss` by `redis.memory.used`.',
  ),
  metric('maxmemory', 'gauge', 'By', 'maxmemory', 'The limit `maxmemory`; 0: none.'),
  metric(
    'rdb.changes_since_last_save',
    'up_down_counter',
    '{change}',
    'rdb_changes_since_last_save',
    'Changes since the last dump.',
  ),
  metric('latest_fork', 'gauge', 'us', 'latest_fork_usec', 'How long the last fork took.'),
  metric('slaves.connected', 'up_down_counter', '{replica}', 'connected_slaves', 'Replicas.'),
  metric('replication.offset', 'gauge', 'By', 'master_repl_offset', 'Where replication is.'),
  metric(
    'replication.backlog_first_byte_offset',
    'gauge',
    'By',
    'repl_backlog_first_byte_offset',
    'Where the backlog of replication begins.',
  ),
  metric('replication.replica_offset', 'gauge', 'By', 'slave_repl_offset', 'Where this replica is.'),
  {
    ...metric('role', 'up_down_counter', '{role}', 'role', 'Whether it is a primary or a replica.'),
    states: { master: 'primary', slave: 'replica' },
    state_label: 'role',
  },
  ofDatabases('db.keys', '{key}', 'keys', 'Keys of a database.'),
  ofDatabases('db.expires', '{key}', 'expires', 'Those of them that expire.'),
  ofDatabases('db.avg_ttl', 'ms', 'avg_ttl', 'How long they have left on average.'),
];

/** What `INFO` says of each command, where it is asked for. */
export const REDIS_COMMAND_MAPPINGS: readonly MetricMapping[] = [
  {
    ...count('cmd.calls', '{call}', 'stats.calls', 'Calls of a command (`commands: true`).'),
    each: ['cmd, stats in commands'],
    labels: { cmd: 'cmd' },
  },
  {
    ...count('cmd.usec', 'us', 'stats.usec', 'How long they took altogether (`commands: true`).'),
    each: ['cmd, stats in commands'],
    labels: { cmd: 'cmd' },
  },
  {
    ...metric('cmd.latency', 'gauge', 's', 'latency', 'How long a command takes (`commands: true`, from Redis 7 on).'),
    each: ['cmd, latencies in latencies', 'percentile, latency in latencies'],
    scale: 1e-6,
    labels: { cmd: 'cmd', percentile: 'percentile' },
  },
];
