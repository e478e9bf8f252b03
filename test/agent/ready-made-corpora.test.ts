import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { outcomes } from '../../src/agent/cases.ts';
import { readyMade } from '../harness/ready-made.ts';

const corpora = join(import.meta.dirname, '../../../shared/corpora');
const skip = existsSync(join(corpora, 'elastic-beats')) ? false : 'the corpora are not there';

/** The values of the fields of a record, by their names. */
type Values = ReadonlyMap<string, unknown>;

/** What a pipeline makes of an input. */
async function read(pipeline: string, input: Uint8Array): Promise<Values[]> {
  const records = outcomes(input, { ...(await readyMade(pipeline)), stream: 'app.log' });
  return records.map((fields) => new Map(Array.from(fields, ([name, value]) => [name, JSON.parse(value) as unknown])));
}

/** The names of ECS, with those of a record; of the others there is none, or it is compared below. */
const ECS_NAMES: Readonly<Record<string, string>> = {
  '@timestamp': 'time',
  'log.level': 'severity_text',
  message: 'body',
  'source.address': 'attributes.client.address',
  'source.port': 'attributes.client.port',
  'user.name': 'attributes.user.name',
  'http.request.method': 'attributes.http.request.method',
  'http.response.status_code': 'attributes.http.response.status_code',
  'http.response.body.bytes': 'attributes.http.response.body.size',
  'http.response.bytes': 'attributes.http.response.size',
  'http.request.referrer': 'attributes.http.request.header.referer',
  'http.version': 'attributes.network.protocol.version',
  'user_agent.original': 'attributes.user_agent.original',
  'url.path': 'attributes.url.path',
  'url.query': 'attributes.url.query',
  'process.pid': 'attributes.process.pid',
  'process.thread.id': 'attributes.thread.id',
  'process.name': 'attributes.syslog.appname',
  'nginx.error.connection_id': 'attributes.nginx.connection',
  'apache.error.module': 'attributes.apache.module',
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
  'traefik.access.frontend_name': 'attributes.traefik.router',
  'traefik.access.backend_url': 'attributes.traefik.service_url',
  'traefik.access.request_count': 'attributes.traefik.request_count',
  'kafka.log.class': 'attributes.log.logger',
  'kafka.log.trace.class': 'attributes.exception.type',
  'kafka.log.trace.message': 'attributes.exception.message',
};

/** Whether the value is what Filebeat has: it keeps dashes and such, `2.0`, and names of levels in its own case. */
function isAsExpected(name: string, expected: unknown, value: unknown): boolean {
  if (name === '@timestamp') return new Date(String(value)).toISOString() === expected;
  if (expected === '-' || expected === '<NOSRV>') return value === undefined;
  // It leaves all that nginx and Apache write behind the message in it, and takes Kafka's component out.
  if (name === 'message') return String(expected).startsWith(String(value)) || String(value).endsWith(String(expected));
  if (name === 'http.version') return String(expected).replace(/^([2-9])\.0$/, '$1') === value;
  if (name === 'log.level') return String(expected).toLowerCase() === String(value).toLowerCase();
  return String(expected) === String(Array.isArray(value) ? value[0] : value);
}

for (const { pipeline, file, fields } of [
  { pipeline: 'nginx', file: 'nginx/access/access.log', fields: 96 },
  { pipeline: 'nginx', file: 'nginx/error/error.log', fields: 12 },
  { pipeline: 'apache', file: 'apache/access/test.log', fields: 40 },
  { pipeline: 'apache', file: 'apache/error/test.log', fields: 23 },
  { pipeline: 'apache', file: 'apache/error/darwin-2.4.23.log', fields: 10 },
  { pipeline: 'apache', file: 'apache/error/ubuntu-2.2.22.log', fields: 27 },
  { pipeline: 'haproxy', file: 'haproxy/log/default.log', fields: 5 },
  { pipeline: 'haproxy', file: 'haproxy/log/httplog-no-headers.log', fields: 45 },
  { pipeline: 'traefik', file: 'traefik/access/test.log', fields: 70 },
  { pipeline: 'log4j', file: 'kafka/log/controller.log', fields: 80 },
  { pipeline: 'log4j', file: 'kafka/log/server-2.0.0.log', fields: 400 },
  { pipeline: 'log4j', file: 'kafka/log/state-change.log', fields: 4 },
  { pipeline: 'log4j', file: 'kafka/log/state-change-2.0.0.log', fields: 4 },
]) {
  test(`${pipeline} finds in ${file} what Filebeat finds`, { skip }, async () => {
    const path = join(corpora, 'elastic-beats/oss-apache2', file);
    const bytes = readFileSync(path);
    const documents = JSON.parse(readFileSync(`${path}-expected.json`, 'utf8')) as Record<string, unknown>[];
    const offsets = documents.map((document) => Number(document['log.offset']));
    let compared = 0;
    for (const [index, document] of documents.entries()) {
      const line = bytes.subarray(offsets[index], offsets[index + 1] ?? bytes.length);
      const [record] = await read(pipeline, line);
      assert.equal(record?.get('marks')?.toString().includes('parse_failed') ?? false, false, line.toString());
      for (const [name, expected] of Object.entries(document)) {
        const own = ECS_NAMES[name];
        if (own === undefined || (name === '@timestamp' && isWithoutYear(line))) continue;
        const value = record?.get(own);
        assert.ok(
          isAsExpected(name, expected, value),
          `${name}: ${String(expected)}, not ${String(value)}, in ${line}`,
        );
        compared++;
      }
    }
    assert.ok(compared >= fields, `${compared} fields compared`);
  });
}

/** Whether the only time of the line has no year: the cases have another one than Filebeat had. */
function isWithoutYear(line: Uint8Array): boolean {
  return /^[A-Z][a-z]{2} +\d/.test(line.toString()) && !/\/\d{4}:/.test(line.toString());
}

interface CrowdsecEvent {
  readonly event: number;
  readonly Parsed: Readonly<Record<string, string>>;
  readonly Meta: Readonly<Record<string, string>>;
}

for (const { pipeline, folder } of [
  { pipeline: 'nginx', folder: 'nginx-http-malformed' },
  { pipeline: 'nginx', folder: 'nginx_req_limit_exceeded' },
  { pipeline: 'nginx', folder: 'nextcloud-whitelist' },
  { pipeline: 'nginx', folder: 'jellyfin-whitelist' },
  { pipeline: 'apache', folder: 'apache2-logs' },
  { pipeline: 'apache', folder: 'apache2-malformed' },
  { pipeline: 'apache', folder: 'modsecurity-logs' },
  { pipeline: 'haproxy', folder: 'haproxy-nextcloud-whitelist' },
]) {
  test(`${pipeline} reads every line of ${folder}, with the addresses that CrowdSec finds`, { skip }, async () => {
    const path = join(corpora, 'crowdsec-hub', folder);
    const records = await read(pipeline, readFileSync(join(path, 'input.log')));
    const marked = records.filter((record) => String(record.get('marks')).includes('parse_failed'));
    assert.deepEqual(marked, []);
    const lines = readFileSync(join(path, 'input.log'), 'utf8').split('\n');
    const expected = JSON.parse(readFileSync(join(path, 'expected.json'), 'utf8')) as Record<string, object>;
    const events = Object.values(expected['s01-parse'] ?? {}).flat() as CrowdsecEvent[];
    for (const { event, Meta: meta } of events) {
      const [record] = await read(pipeline, Buffer.from(lines[event]!));
      if (meta['source_ip']) assert.equal(record!.get('attributes.client.address'), meta['source_ip'], lines[event]);
      const status = record!.get('attributes.http.response.status_code');
      if (meta['http_status']) assert.equal(String(status), meta['http_status'], lines[event]);
    }
  });
}

for (const { pipeline, system, names } of [
  { pipeline: 'apache', system: 'Apache', names: ['LineId', 'Time', 'Level', 'Content'] },
  { pipeline: 'log4j', system: 'Spark', names: ['LineId', 'Date', 'Time', 'Level', 'Component', 'Content'] },
]) {
  test(`${pipeline} reads the 2,000 lines of ${system} in Loghub as they are labelled`, { skip }, async () => {
    const folder = join(corpora, 'loghub', system);
    const records = await read(pipeline, readFileSync(join(folder, `${system}_2k.log`)));
    const rows = readFileSync(join(folder, `${system}_2k.log_structured.csv`), 'utf8')
      .trim()
      .split(/\r?\n/)
      .slice(1);
    assert.equal(records.length, rows.length);
    for (const [index, row] of rows.entries()) {
      const cells = cellsOf(row);
      const labels = Object.fromEntries(names.map((name, i) => [name, cells[i]]));
      const record = records[index]!;
      assert.equal(record.get('severity_text'), labels['Level']);
      if ('Component' in labels) assert.equal(record.get('attributes.log.logger'), labels['Component']);
      // Of Apache the client, which is an attribute, stands in front of the text.
      assert.ok(labels['Content']!.trim().endsWith(String(record.get('body')).trim()), row);
      assert.ok(record.has('time'), row);
    }
  });
}

/** The cells of a row of CSV without newlines in them. */
function cellsOf(row: string): string[] {
  return Array.from(row.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/g), ([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
  );
}
