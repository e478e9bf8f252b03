import type { Disagreement } from './measure.ts';

/** A difference that is meant, or is no fault of ours. */
export interface KnownDifference {
  /** How the path of the file begins. */
  readonly path: string;
  readonly field: string;
  /** What the corpus says; undefined: anything. */
  readonly expected?: RegExp;
  readonly reason: string;
}

const ELASTIC = 'elastic-beats/oss-apache2';

/** Where we say something else than a corpus, and why. Anything else that differs fails. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    path: `${ELASTIC}/postgresql/`,
    field: 'record',
    reason: 'LOCATION, HINT, STATEMENT and the like belong to the record of their report',
  },
  {
    path: `${ELASTIC}/postgresql/log/postgresql-9.6`,
    field: 'time',
    expected: /^2017-07-31/,
    reason: 'EST is five hours behind UTC in July, too; Filebeat takes it for the zone with its summer time',
  },
  {
    path: `${ELASTIC}/postgresql/`,
    field: 'postgresql.log.error.code',
    expected: /^0$/,
    reason: 'SQLSTATE 00000 says that there is no error, and is left out',
  },
  {
    path: `${ELASTIC}/postgresql/log/postgresql-9.6-multi-core.log`,
    field: 'user.name',
    expected: /^unknown$/,
    reason: '[unknown] is no name, and is left out',
  },
  {
    path: `${ELASTIC}/postgresql/log/postgresql-9.6-multi-core.log`,
    field: 'postgresql.log.database',
    expected: /^unknown$/,
    reason: '[unknown] is no name, and is left out',
  },
  {
    path: `${ELASTIC}/postgresql/log/postgresql-9.6-multi-core.log`,
    field: 'message',
    expected: /^2017-04-03 22:35/,
    reason: 'the body is the message; Filebeat keeps the whole line where it takes a statement out',
  },
  {
    path: `${ELASTIC}/nginx/error/`,
    field: 'message',
    expected: /, client: /,
    reason: 'what stands behind the message are attributes; Filebeat keeps it in the message',
  },
  {
    path: `${ELASTIC}/apache/error/`,
    field: 'message',
    expected: /, referer: /,
    reason: 'the referrer behind the message is an attribute; Filebeat keeps it in the message',
  },
  {
    path: `${ELASTIC}/haproxy/`,
    field: 'haproxy.server_name',
    expected: /^<NOSRV>$/,
    reason: '<NOSRV> says that there is no server, and is left out',
  },
  {
    path: `${ELASTIC}/redis/log/redis-darwin-3.0.2.log`,
    field: 'message',
    expected: /^Increased maximum number of open files/,
    reason: 'the picture that is printed at a start belongs to the record before it; Filebeat drops it',
  },
  {
    path: `${ELASTIC}/kafka/`,
    field: 'kafka.log.component',
    expected: /^(?:unknown|delete)$/,
    reason:
      'a message without a component has none; Filebeat writes "unknown", or takes brackets inside of the message',
  },
  {
    path: `${ELASTIC}/kafka/log/server-2.0.0.log`,
    field: 'message',
    expected: /^flush\.ms -> /,
    reason: 'Filebeat takes brackets inside of the message for the component, and loses what stands before them',
  },
  {
    path: `${ELASTIC}/elasticsearch/server/test.log`,
    field: 'message',
    expected: /^(?:creating index|update_mapping|duration|\[2018-07-03)/,
    reason: 'the message begins where the node ends; Filebeat takes index and collector out of it, or joins records',
  },
  {
    path: `${ELASTIC}/elasticsearch/server/test.log`,
    field: 'message',
    expected: /\n[\w.]+Exception/,
    reason: 'the stack trace is an attribute; Filebeat keeps it in the message',
  },
  {
    path: `${ELASTIC}/elasticsearch/server/test-json.log`,
    field: 'message',
    expected: /^\[Main\.cc/,
    reason: 'the message is all that the field holds; Filebeat takes the name of the process out of it',
  },
  ...['slowlog/', 'audit/test-access.log'].map((path) => ({
    path: `${ELASTIC}/elasticsearch/${path}`,
    field: 'message',
    reason: 'the body is the message; Filebeat keeps the whole line',
  })),
  {
    path: `${ELASTIC}/elasticsearch/audit/test-access.log`,
    field: 'http.request.body.content',
    reason: 'Filebeat ends the body of the request at the first bracket inside of it',
  },
  {
    path: 'crowdsec-hub/traefik_json/',
    field: 'Meta.source_ip',
    expected: /^10\.0\.0\.50$/,
    reason: 'of two addresses the first is that of the client',
  },
  {
    path: `${ELASTIC}/mysql/`,
    field: 'event.duration',
    reason: 'the digits of Query_time are exact; Filebeat rounds them to 32 bits',
  },
  {
    path: `${ELASTIC}/mysql/slowlog/percona-ubuntu-8.0.15.log`,
    field: 'time',
    reason: 'the time is that of "# Time:", when the line was written; Filebeat takes when the query began',
  },
  {
    path: `${ELASTIC}/mysql/slowlog/percona-ubuntu-8.0.15.log`,
    field: 'mysql.slowlog.query',
    reason: 'what is printed at a start is a record of its own; Filebeat takes it for the end of the query before it',
  },
  ...['Component', 'PID', 'Content'].map((field) => ({
    path: 'loghub/Mac/',
    field,
    reason:
      'the name of a program that holds a blank is no tag of RFC 3164, and what macOS puts between tag and colon is message',
  })),
  {
    path: 'crowdsec-hub/sshd-logs/',
    field: 'Meta.source_ip',
    expected: /^192\.168\.1\.1$/,
    reason: 'the address stays as it is written, ::ffff:192.168.1.1',
  },
  ...['appname', 'message'].map((field) => ({
    path: 'vector/vrl-parse/syslog.json',
    field,
    expected: /apache_error|php7:emerg/,
    reason: 'the name of a program ends with a colon or a number in brackets; without them it is message',
  })),
];

/** The known difference that a disagreement is; undefined: nobody knows it. */
export function knownDifference({ path, field, expected }: Disagreement): KnownDifference | undefined {
  return KNOWN_DIFFERENCES.find(
    (known) => path.startsWith(known.path) && known.field === field && (known.expected?.test(expected) ?? true),
  );
}
