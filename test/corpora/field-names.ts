import type { RecordFields } from '../../src/agent/record-fields.ts';
import type { FieldReader } from './corpus-file.ts';
import { read } from './measure.ts';

type Names = Readonly<Record<string, FieldReader>>;

/** A number in another unit. */
function times(factor: number, field: string): FieldReader {
  return (record: RecordFields) => {
    const value = read(record, field);
    return value === undefined ? undefined : String(Math.round(Number(value) * factor));
  };
}

/** The address where it is one, and no name. */
function ip(field: string): FieldReader {
  return (record) => {
    const value = read(record, field);
    return value !== undefined && /^[\d.]+$|:/.test(value) ? value : undefined;
  };
}

/** The component of Kafka is an attribute, and stays in the message too. */
function withoutComponent(record: RecordFields): string | undefined {
  return read(record, 'body')?.replace(/^\[[^\]]*\]:? ?/, '');
}

/** The client, which Apache writes before the message of an error. */
export function withClient(record: RecordFields): string | undefined {
  const client = read(record, 'attributes.client.address');
  const body = read(record, 'body');
  return client === undefined ? body : `[client ${client}] ${body}`;
}

/** What stood in the request line. */
function originalUrl(record: RecordFields): string | undefined {
  const query = read(record, 'attributes.url.query');
  const path = read(record, 'attributes.url.path');
  return read(record, 'attributes.url.original') ?? (query === undefined ? path : `${path}?${query}`);
}

/** What most modules of Filebeat have. */
const ECS: Names = {
  message: 'body',
  'process.pid': 'attributes.process.pid',
  'user.name': 'attributes.user.name',
  'source.ip': ip('attributes.client.address'),
  'source.port': 'attributes.client.port',
};

/** What access logs have. */
const ACCESS: Names = {
  ...ECS,
  'source.address': 'attributes.client.address',
  'http.request.method': 'attributes.http.request.method',
  'http.response.status_code': 'attributes.http.response.status_code',
  'http.response.body.bytes': 'attributes.http.response.body.size',
  'http.request.referrer': 'attributes.http.request.header.referer',
  'http.version': 'attributes.network.protocol.version',
  'url.original': originalUrl,
  'user_agent.original': 'attributes.user_agent.original',
};

/** Names of Filebeat's modules, by the ready-made pipeline. */
export const ELASTIC_NAMES = {
  postgresql: {
    ...ECS,
    'postgresql.log.database': 'attributes.db.namespace',
    'postgresql.log.query': 'attributes.db.query.text',
    'postgresql.log.error.code': 'attributes.db.response.status_code',
    'event.duration': times(1e6, 'attributes.postgresql.duration_ms'),
  },
  redis: { ...ECS, 'redis.log.role': 'attributes.redis.role' },
  kafka: {
    ...ECS,
    message: withoutComponent,
    'kafka.log.class': 'attributes.log.logger',
    'kafka.log.component': 'attributes.kafka.component',
    'kafka.log.trace.class': 'attributes.exception.type',
    'kafka.log.trace.message': 'attributes.exception.message',
  },
  'mysql-slow': {
    ...ECS,
    'event.duration': times(1e9, 'attributes.mysql.query_time'),
    'mysql.slowlog.bytes_sent': 'attributes.mysql.bytes_sent',
    'mysql.slowlog.full_scan': 'attributes.mysql.full_scan',
    'mysql.slowlog.last_errno': 'attributes.mysql.errno',
    'mysql.slowlog.lock_time.sec': 'attributes.mysql.lock_time',
    'mysql.slowlog.query': 'attributes.db.query.text',
    'mysql.slowlog.rows_affected': 'attributes.mysql.rows_affected',
    'mysql.slowlog.rows_examined': 'attributes.mysql.rows_examined',
    'mysql.slowlog.rows_sent': 'attributes.db.response.returned_rows',
    'mysql.slowlog.schema': 'attributes.db.namespace',
    'mysql.thread_id': 'attributes.thread.id',
  },
  elasticsearch: {
    ...ECS,
    'http.request.method': 'attributes.http.request.method',
    'http.request.body.content': 'attributes.http.request.body.content',
    'elasticsearch.component': 'attributes.log.logger',
    'elasticsearch.cluster.name': 'attributes.elasticsearch.cluster.name',
    'elasticsearch.cluster.uuid': 'attributes.elasticsearch.cluster.uuid',
    'elasticsearch.node.name': 'attributes.elasticsearch.node.name',
    'elasticsearch.node.id': 'attributes.elasticsearch.node.id',
    'event.action': 'attributes.elasticsearch.audit.event',
    'elasticsearch.audit.indices': 'attributes.elasticsearch.audit.indices',
    'elasticsearch.audit.action': 'attributes.elasticsearch.audit.action',
    'elasticsearch.audit.layer': 'attributes.elasticsearch.audit.layer',
    'elasticsearch.audit.origin.type': 'attributes.elasticsearch.audit.origin.type',
    'elasticsearch.audit.request.id': 'attributes.elasticsearch.audit.request.id',
    'elasticsearch.audit.request.name': 'attributes.elasticsearch.audit.request.name',
    'elasticsearch.audit.user.realm': 'attributes.elasticsearch.audit.user.realm',
  },
  nginx: {
    ...ACCESS,
    'process.thread.id': 'attributes.thread.id',
    'nginx.error.connection_id': 'attributes.nginx.connection',
  },
  apache: {
    ...ACCESS,
    'process.thread.id': 'attributes.thread.id',
    'apache.error.module': 'attributes.apache.module',
  },
  haproxy: {
    ...ACCESS,
    'http.response.bytes': 'attributes.http.response.size',
    'process.name': 'attributes.syslog.appname',
    'haproxy.frontend_name': 'attributes.haproxy.frontend',
    'haproxy.backend_name': 'attributes.haproxy.backend',
    'haproxy.server_name': 'attributes.haproxy.server',
    'haproxy.termination_state': 'attributes.haproxy.termination_state',
    'haproxy.connections.active': 'attributes.haproxy.active_connections',
    'haproxy.connections.frontend': 'attributes.haproxy.frontend_connections',
    'haproxy.connections.backend': 'attributes.haproxy.backend_connections',
    'haproxy.connections.server': 'attributes.haproxy.server_connections',
    'haproxy.connections.retries': 'attributes.haproxy.retries',
    'haproxy.server_queue': 'attributes.haproxy.server_queue',
    'haproxy.backend_queue': 'attributes.haproxy.backend_queue',
    'haproxy.mode': 'attributes.haproxy.mode',
    'destination.port': 'attributes.network.local.port',
  },
  traefik: {
    ...ACCESS,
    'traefik.access.frontend_name': 'attributes.traefik.router',
    'traefik.access.backend_url': 'attributes.traefik.service_url',
    'traefik.access.request_count': 'attributes.traefik.request_count',
  },
  log4j: {
    ...ECS,
    message: withoutComponent,
    'kafka.log.class': 'attributes.log.logger',
    'kafka.log.trace.class': 'attributes.exception.type',
    'kafka.log.trace.message': 'attributes.exception.message',
  },
  syslog: {
    ...ECS,
    'host.hostname': 'attributes.host.name',
    'process.name': 'attributes.syslog.appname',
  },
  auth: {
    ...ECS,
    'host.hostname': 'attributes.host.name',
    'process.name': 'attributes.syslog.appname',
    'group.name': 'attributes.groupadd.name',
    'user.id': 'attributes.user.id',
    'system.auth.ssh.dropped_ip': 'attributes.client.address',
    'system.auth.ssh.event': 'attributes.sshd.auth_result',
    'system.auth.ssh.method': 'attributes.sshd.auth_method',
    'system.auth.sudo.command': 'attributes.process.command_line',
    'system.auth.sudo.error': 'attributes.sudo.error',
    'system.auth.sudo.pwd': 'attributes.process.working_directory',
    'system.auth.sudo.tty': 'attributes.sudo.tty',
    'system.auth.sudo.user': 'attributes.process.user.name',
    'system.auth.useradd.home': 'attributes.useradd.home',
    'system.auth.useradd.shell': 'attributes.useradd.shell',
  },
} as const satisfies Readonly<Record<string, Names>>;

const CROWDSEC_ACCESS: Names = {
  'Meta.source_ip': 'attributes.client.address',
  'Meta.http_status': 'attributes.http.response.status_code',
};

/** Names of CrowdSec's parsers, by the ready-made pipeline. */
export const CROWDSEC_NAMES = {
  postgresql: {
    'Meta.source_ip': 'attributes.client.address',
    'Meta.user': 'attributes.user.name',
    'Parsed.pgsql_dbname': 'attributes.db.namespace',
    'Parsed.PID': 'attributes.process.pid',
  },
  mariadb: {
    'Meta.source_ip': 'attributes.client.address',
    'Meta.user': 'attributes.user.name',
    'Parsed.thread_id': 'attributes.thread.id',
  },
  mongodb: {
    'Parsed.remote_addr': 'attributes.client.address',
    'Meta.username': 'attributes.mongodb.attr.principalName',
    'Meta.authentication_database': 'attributes.mongodb.attr.authenticationDatabase',
  },
  nginx: CROWDSEC_ACCESS,
  apache: CROWDSEC_ACCESS,
  haproxy: CROWDSEC_ACCESS,
  caddy: {
    'Meta.source_ip': 'attributes.client.address',
    'Parsed.verb': 'attributes.http.request.method',
    'Parsed.http_version': 'attributes.network.protocol.version',
    'Parsed.http_user_agent': 'attributes.user_agent.original',
    'Parsed.request': originalUrl,
    'Parsed.status': 'attributes.http.response.status_code',
  },
  traefik: {
    'Meta.source_ip': 'attributes.client.address',
    'Parsed.verb': 'attributes.http.request.method',
    'Parsed.http_version': 'attributes.network.protocol.version',
    'Parsed.http_user_agent': 'attributes.user_agent.original',
    'Parsed.request': originalUrl,
    'Parsed.status': 'attributes.http.response.status_code',
    'Parsed.body_bytes_sent': 'attributes.http.response.body.size',
  },
  syslog: {
    'Meta.machine': 'attributes.host.name',
    'Parsed.program': 'attributes.syslog.appname',
    'Parsed.pid': 'attributes.process.pid',
    'Parsed.message': 'body',
  },
  auth: { 'Meta.source_ip': 'attributes.client.address', 'Meta.target_user': 'attributes.user.name' },
} as const satisfies Readonly<Record<string, Names>>;

/** Names of Vector's parsers, by the ready-made pipeline. */
export const VECTOR_NAMES = {
  klog: {
    id: 'attributes.thread.id',
    file: 'attributes.code.file.path',
    line: 'attributes.code.line.number',
    message: 'body',
  },
  syslog: {
    hostname: 'attributes.host.name',
    appname: 'attributes.syslog.appname',
    procid: 'attributes.process.pid',
    msgid: 'attributes.syslog.msgid',
    message: 'body',
  },
} as const satisfies Readonly<Record<string, Names>>;
