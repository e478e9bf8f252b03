import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { StageDefinition } from '../../../src/component/definition.ts';
import { grokStage } from '../../../src/stages/grok/index.ts';
import { patternStage } from '../../../src/stages/pattern.ts';
import { regexStage } from '../../../src/stages/regex.ts';
import { attributesOf } from '../../harness/batch.ts';
import { processTexts } from '../stage-fixture.ts';

const corpora = join(import.meta.dirname, '../../../../shared/corpora');
const beats = join(corpora, 'elastic-beats/oss-apache2');
const missing = existsSync(beats) && existsSync(join(corpora, 'loghub')) ? false : 'the corpora of logs are not there';

function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '');
}

/** The attributes of each line, undefined for a line that did not fit. */
function readAll(
  definition: StageDefinition<never>,
  options: unknown,
  lines: readonly string[],
): (Record<string, unknown> | undefined)[] {
  const batch = processTexts(definition, options, lines);
  const failed = new Set(batch.failures.map(({ record }) => record));
  return lines.map((_, record) => (failed.has(record) ? undefined : attributesOf(batch, record)));
}

/** Their names of fields, and ours. What is `-` there is left out here. */
const NAMES = {
  'source.address': 'client.address',
  'user.name': 'user.name',
  'http.request.method': 'http.request.method',
  'url.original': 'url.original',
  'http.response.status_code': 'http.response.status_code',
  'http.response.body.bytes': 'http.response.body.size',
  'http.version': 'network.protocol.version',
  'http.request.referrer': 'http.request.header.referer',
  'user_agent.original': 'user_agent.original',
};

const ACCESS_PATTERNS = [
  '<client.address> <_> <user.name> [<time>] "<http.request.method> <url.original> HTTP/<network.protocol.version>" ' +
    '<http.response.status_code:int> <http.response.body.size:int><?> "<http.request.header.referer>" "<user_agent.original>"<?> <_>',
  '<client.address> <_> <user.name> [<time>] "<_>" <http.response.status_code:int> <http.response.body.size:int>' +
    '<?> "<http.request.header.referer>" "<user_agent.original>"<?> <_>',
];

const ACCESS_EXPRESSION =
  '^(?<client.address>\\S+) \\S+ (?<user.name>\\S+) \\[(?<time>[^\\]]+)\\] ' +
  '"(?:(?<http.request.method>[A-Z]+) (?<url.original>\\S+) HTTP/(?<network.protocol.version>[\\d.]+)|[^"]*)" ' +
  '(?<http.response.status_code>\\d+) (?<http.response.body.size>\\d+|-)' +
  '(?: "(?<http.request.header.referer>[^"]*)" "(?<user_agent.original>[^"]*)"(?: .*)?)?$';

for (const { name, definition, options } of [
  { name: 'grok', definition: grokStage, options: ['^%{COMBINEDAPACHELOG}', '^%{COMMONAPACHELOG}$'] },
  { name: 'pattern', definition: patternStage, options: ACCESS_PATTERNS },
  {
    name: 'regex',
    definition: regexStage,
    options: {
      match: ACCESS_EXPRESSION,
      types: { 'http.response.status_code': 'int', 'http.response.body.size': 'int' },
    },
  },
]) {
  test(`${name} reads access logs of Apache as Filebeat does`, { skip: missing }, () => {
    const path = join(beats, 'apache/access/test.log');
    const expected = JSON.parse(readFileSync(`${path}-expected.json`, 'utf8')) as Record<string, unknown>[];
    const found = readAll(definition as StageDefinition<never>, options, linesOf(path));
    assert.equal(found.length, expected.length);
    for (const [index, theirs] of expected.entries()) {
      for (const [from, to] of Object.entries(NAMES)) {
        const ours = found[index]?.[to];
        assert.equal(
          ours === '-' ? undefined : ours,
          theirs[from] === '-' ? undefined : theirs[from],
          `${index}: ${to}`,
        );
      }
    }
  });
}

for (const { file, options, expected } of [
  {
    file: 'loghub/OpenSSH/OpenSSH_2k.log',
    options: '^%{SYSLOGLINE}$',
    expected: { time: 'Dec 10 06:55:46', 'host.name': 'LabSZ', 'syslog.appname': 'sshd', 'process.pid': 24200 },
  },
  {
    file: 'loghub/Apache/Apache_2k.log',
    options: '^%{HTTPD_ERRORLOG}$',
    expected: { time: 'Sun Dec 04 04:47:44 2005', level: 'notice' },
  },
  {
    file: 'loghub/Spark/Spark_2k.log',
    options:
      '^(?<time>%{YEAR}/%{MONTHNUM}/%{MONTHDAY} %{TIME}) %{LOGLEVEL:level} %{JAVACLASS:logger}: %{GREEDYDATA:message}$',
    expected: { time: '17/06/09 20:10:40', level: 'INFO', logger: 'executor.CoarseGrainedExecutorBackend' },
  },
  {
    file: 'loghub/HPC/HPC_2k.log',
    options:
      '^%{INT:id:int} %{NOTSPACE:node} %{NOTSPACE:component} %{NOTSPACE:state} %{POSINT:time} %{INT:flag:int} %{GREEDYDATA:message}$',
    expected: { id: 134681, node: 'node-246', time: '1077804742', flag: 1 },
  },
  {
    file: 'elastic-beats/oss-apache2/apache/error/test.log',
    options: '^%{HTTPD_ERRORLOG}$',
    expected: { level: 'error', 'client.address': '192.168.33.1' },
  },
  {
    file: 'elastic-beats/oss-apache2/nginx/error/error.log',
    options: '^%{NGINX_ERRORLOG}$',
    expected: { time: '2016/10/25 14:49:34', level: 'error', 'process.pid': 54053, 'nginx.connection': 1 },
  },
  {
    file: 'elastic-beats/oss-apache2/haproxy/log/httplog-no-headers.log',
    options: '^%{HAPROXYHTTP}$',
    expected: { 'client.port': 35982, 'http.response.status_code': 503, 'url.original': '/' },
  },
  {
    file: 'elastic-beats/oss-apache2/system/syslog/suse-syslog.log',
    options: '^%{SYSLOGLINE}$',
    expected: { time: '2018-08-14T14:30:02.203151+02:00', 'syslog.appname': 'systemd' },
  },
  {
    file: 'elastic-beats/oss-apache2/nats/log/test.log',
    options:
      '^\\[%{POSINT:process.pid:int}\\] %{NOTSPACE:date} %{TIME:time} \\[%{WORD:level}\\] %{GREEDYDATA:message}$',
    expected: { 'process.pid': 1, level: 'INF' },
  },
]) {
  test(`grok reads every line of ${file}`, { skip: missing }, () => {
    const lines = linesOf(join(corpora, file));
    const found = readAll(grokStage as StageDefinition<never>, options, lines);
    const unread = lines.filter((_, index) => found[index] === undefined);
    assert.deepEqual(unread, []);
    const first = Object.fromEntries(Object.keys(expected).map((key) => [key, found[0]?.[key]]));
    assert.deepEqual(first, expected);
  });
}
