import type { CorpusFile } from './corpus-file.ts';
import { readCrowdsec, readCrowdsecSyslog } from './crowdsec.ts';
import { readElastic } from './elastic.ts';
import type { ExpectedRecord } from './expected-record.ts';
import { CROWDSEC_NAMES, ELASTIC_NAMES, VECTOR_NAMES, withClient } from './field-names.ts';
import { readLoghub } from './loghub.ts';
import { linesOfVector, readVector } from './vector.ts';

function elastic(pipeline: string, paths: readonly string[], rest: Partial<CorpusFile> = {}): CorpusFile[] {
  return paths.map((path) => ({
    path: `elastic-beats/oss-apache2/${path}`,
    pipeline,
    expected: readElastic,
    names: (ELASTIC_NAMES as Record<string, CorpusFile['names']>)[pipeline],
    ...rest,
  }));
}

function crowdsec(pipeline: string, tests: readonly string[], expected = readCrowdsec): CorpusFile[] {
  const names = (CROWDSEC_NAMES as Record<string, CorpusFile['names']>)[pipeline];
  return tests.map((name) => ({ path: `crowdsec-hub/${name}/input.log`, pipeline, expected, names }));
}

/** Cases of Vector's function that is named `parse_<pipeline>`. */
function vector(pipeline: 'klog' | 'syslog', levels?: CorpusFile['levels']): CorpusFile {
  const path = `vector/vrl-parse/${pipeline}.json`;
  return { path, pipeline, expected: readVector, prepare: linesOfVector, names: VECTOR_NAMES[pipeline], levels };
}

/** Files of which the corpus says no more than what wrote them. */
function plain(pipeline: string, paths: readonly string[]): CorpusFile[] {
  return paths.map((path) => ({ path, pipeline }));
}

function plainCrowdsec(pipeline: string, tests: readonly string[]): CorpusFile[] {
  return plain(
    pipeline,
    tests.map((name) => `crowdsec-hub/${name}/input.log`),
  );
}

/** `Dec 10 06:55:46`, in the columns of LogHub, which have no year. */
function syslogTime(month: string, day: string, time: string): string {
  const number =
    1 + ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].indexOf(month);
  return `-${String(number).padStart(2, '0')}-${day.padStart(2, '0')}T${time}`;
}

function loghub(
  pipeline: string,
  name: string,
  timeOf: (row: ReadonlyMap<string, string>) => string,
  rest: Partial<CorpusFile> = {},
): CorpusFile {
  const expected = (file: string, input: Buffer): readonly ExpectedRecord[] => readLoghub(file, input, timeOf);
  return { path: `loghub/${name}/${name}_2k.log`, pipeline, expected, ...rest };
}

const column = (row: ReadonlyMap<string, string>, name: string): string => row.get(name) ?? '';

/** `Sun Dec 04 04:47:44 2005` */
function englishTime(text: string): string {
  const [, month = '', day = '', time = '', year = ''] = text.split(/ +/);
  return `${year}${syslogTime(month, day, time)}`;
}

const KAFKA_FILES = [
  'kafka/log/controller.log',
  'kafka/log/server-2.0.0.log',
  'kafka/log/state-change.log',
  'kafka/log/state-change-2.0.0.log',
];

/** Which file of the corpora belongs to which ready-made pipeline. */
export const CORPUS_FILES: readonly CorpusFile[] = [
  ...elastic('postgresql', [
    'postgresql/log/postgresql-9.6-multi-core.log',
    'postgresql/log/postgresql-9.6-new-timestamp.log',
    'postgresql/log/postgresql-11.4.log',
  ]),
  ...crowdsec('postgresql', ['pgsql-logs', 'pgsql-user-enum']),
  ...elastic(
    'redis',
    ['redis/log/test.log', 'redis/log/redis-darwin-3.0.2.log', 'redis/log/redis-debian-1.2.6.first1000.log'],
    { levels: { debug: '.', verbose: '-', notice: '*', warning: '#' } },
  ),
  ...elastic('nginx', ['nginx/access/access.log', 'nginx/error/error.log']),
  ...crowdsec('nginx', [
    'nginx-http-malformed',
    'nginx_req_limit_exceeded',
    'nextcloud-whitelist',
    'jellyfin-whitelist',
  ]),
  ...elastic('apache', [
    'apache/access/test.log',
    'apache/error/test.log',
    'apache/error/darwin-2.4.23.log',
    'apache/error/ubuntu-2.2.22.log',
  ]),
  ...crowdsec('apache', ['apache2-logs', 'apache2-malformed', 'modsecurity-logs']),
  loghub('apache', 'Apache', (row) => englishTime(column(row, 'Time')), { names: { Content: withClient } }),
  ...elastic('haproxy', ['haproxy/log/default.log', 'haproxy/log/httplog-no-headers.log']),
  ...crowdsec('haproxy', ['haproxy-nextcloud-whitelist']),
  ...elastic('traefik', ['traefik/access/test.log']),
  ...elastic('log4j', KAFKA_FILES),
  loghub('log4j', 'Spark', (row) => `20${column(row, 'Date').replaceAll('/', '-')}T${column(row, 'Time')}`, {
    names: { Component: 'attributes.log.logger', Content: 'body' },
  }),
  ...elastic('kafka', KAFKA_FILES),
  ...elastic(
    'mysql-slow',
    [
      'mysql/slowlog/mysql-5.7.22.log',
      'mysql/slowlog/mysql-debian-5.7.17.log',
      'mysql/slowlog/mysql-ubuntu-5.5.53.log',
      'mysql/slowlog/percona-ubuntu-5.7.19.log',
      'mysql/slowlog/percona-ubuntu-5.7.19-innodb.log',
      'mysql/slowlog/percona-ubuntu-8.0.15.log',
      'mysql/slowlog/mariadb-10.1.21.log',
      'mysql/slowlog/mariadb-10.2.12.log',
      'mysql/slowlog/mariadb-10.3.13.log',
      'mysql/slowlog/mariadb-explain.log',
    ],
    { isInside: true },
  ),
  ...plain('mysql-slow', ['mtail/mysql_slowqueries.log']),
  ...crowdsec('mariadb', ['mariadb-logs']),
  loghub('openstack', 'OpenStack', (row) => `${column(row, 'Date')}T${column(row, 'Time').replace(/\.?0+$/, '')}`, {
    // The name of the file that each line came from.
    prepare: (text) => text.replace(/^\S+ /gm, ''),
    names: {
      Pid: 'attributes.process.pid',
      Component: 'attributes.log.logger',
      Content: 'body',
    },
  }),
  // The second half of a line that was torn when the file was made.
  ...elastic('elasticsearch', ['elasticsearch/server/test.log'], { foreign: /^ols \{/ }),
  ...elastic('elasticsearch', [
    'elasticsearch/server/test-json.log',
    'elasticsearch/deprecation/elasticsearch_deprecation.log',
    'elasticsearch/deprecation/test-json.log',
    'elasticsearch/slowlog/auditlog_index_indexing_slowlog.log',
    'elasticsearch/slowlog/es_index_indexing_slowlog-json.log',
    'elasticsearch/slowlog/es_index_search_slowlog-json.log',
    'elasticsearch/audit/test-access.log',
    'elasticsearch/audit/test-audit-730.log',
    'elasticsearch/audit/test-audit-docker.log',
  ]),
  ...crowdsec('mongodb', ['mongodb-logs']),
  ...plain('mongodb', ['crowdsec-hub/mongodb-bf/input.log']),
  ...crowdsec('caddy', ['caddy-logs']),
  ...crowdsec('traefik', ['traefik_json']),
  ...plain('kube-apiserver-audit', ['crowdsec-hub/k8s-audit-priv-pod-file/input.log']),
  ...elastic('syslog', ['system/syslog/suse-syslog.log', 'system/syslog/tz-offset.log']),
  ...crowdsec(
    'syslog',
    [
      'CVE-2021-4034',
      'amavis-logs',
      'asterisk-syslogs',
      'bind9-syslog',
      'configserver-lfd-logs',
      'dovecot-logs',
      'dovecot-slow-bf',
      'dovecot-slow-bf-no-overlap',
      'endlessh-syslogs',
      'iptables-logs',
      'opensearch-dashboard-logs',
      'opnsense-gui-auth',
      'pf-logs',
      'pfsense-rfc5424-filterlog',
      'pfsense-rfc5424-nginx',
      'postfix-logs',
      'postscreen-logs',
      'sonarr-logs',
      'synology-dsm-logs',
      'syslog-logs',
    ],
    readCrowdsecSyslog,
  ),
  vector('syslog'),
  vector('klog', { info: 'I' }),
  ...plainCrowdsec('syslog', [
    'amavis-blocked',
    'cowrie_telnet-bf',
    'dovecot-spam',
    'lemonldap-ng-bf',
    'mailscanner-highscore-spam',
    'mysql-bf',
    'opensearch-dashboard-bf',
    'postfix-helo',
    'postfix-non-smtp',
    'postfix-relay',
    'proxmox-bf',
    'smb-bf',
    'sonarr-bf',
    'sympa_ww-http-scan',
    'synology-dsm-bf',
    'wireguard-auth',
  ]),
  loghub('syslog', 'Mac', (row) => syslogTime(column(row, 'Month'), column(row, 'Date'), column(row, 'Time')), {
    names: {
      User: 'attributes.host.name',
      Component: 'attributes.syslog.appname',
      PID: 'attributes.process.pid',
      Content: 'body',
    },
  }),
  ...elastic('auth', ['system/auth/test.log', 'system/auth/timestamp.log', 'system/auth/auth-ubuntu1204.log']),
  loghub('auth', 'OpenSSH', (row) => syslogTime(column(row, 'Date'), column(row, 'Day'), column(row, 'Time')), {
    names: { Component: 'attributes.host.name', Pid: 'attributes.process.pid', Content: 'body' },
  }),
  ...crowdsec('auth', ['sshd-logs', 'sshd-logs-fp', 'whitelists']),
  ...plainCrowdsec('auth', [
    'ssh-bf',
    'ssh-generic-test',
    'ssh-slow-bf',
    'sshd-bad-keyexchange-bf',
    'sshd-impossible-travel',
    'sshd-impossible-travel-user',
    'sshd-refused-conn',
  ]),
];
