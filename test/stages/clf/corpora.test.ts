import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { clfStage } from '../../../src/stages/clf/index.ts';
import { attributesOf, plainRecord } from '../../harness/batch.ts';
import { processTexts } from '../stage-fixture.ts';

const corpora = join(import.meta.dirname, '../../../../shared/corpora');
const missing = existsSync(join(corpora, 'elastic-beats')) ? false : 'the corpora are not there';

/** What Filebeat calls an attribute. */
const ECS_NAMES: Readonly<Record<string, string>> = {
  'source.address': 'client.address',
  'user.name': 'user.name',
  'http.request.method': 'http.request.method',
  'http.response.status_code': 'http.response.status_code',
  'http.response.body.bytes': 'http.response.body.size',
  'http.request.referrer': 'http.request.header.referer',
  'user_agent.original': 'user_agent.original',
};

for (const path of ['nginx/access/access.log', 'apache/access/test.log', 'traefik/access/test.log']) {
  test(`clf reads ${path} of Filebeat`, { skip: missing }, (t) => {
    const file = join(corpora, 'elastic-beats/oss-apache2', path);
    const bytes = readFileSync(file);
    const documents = JSON.parse(readFileSync(`${file}-expected.json`, 'utf8')) as Record<string, unknown>[];
    let read = 0;
    for (const document of documents) {
      const line = bytes.subarray(Number(document['log.offset'])).toString().split('\n', 1)[0]!;
      const batch = processTexts(clfStage, {}, [line]);
      if (batch.failures.length > 0) {
        t.diagnostic(`${batch.failures[0]!.reason}: ${line}`);
        continue;
      }
      read++;
      const { attributes, timeUnixNano } = plainRecord(batch, 0);
      const written = /\[(\d+)\/(\w+)\/(\d+):(\S+) (\S+)\]/.exec(line)!;
      const time = `${written[1]} ${written[2]} ${written[3]} ${written[4]} ${written[5]}`;
      assert.equal(timeUnixNano / 1_000_000n, BigInt(Date.parse(time)), line);
      for (const [ecs, name] of Object.entries(ECS_NAMES)) {
        const value = attributes[name];
        const plain = Array.isArray(value) ? value[0] : value;
        const expected = document[ecs];
        if (expected !== undefined && expected !== '-' && !(ecs === 'http.request.method' && plain === '_OTHER')) {
          assert.equal(plain, expected, `${ecs} of ${line}`);
        }
      }
      const original = document['url.original'];
      const target =
        attributes['url.query'] === undefined
          ? attributes['url.path']
          : `${attributes['url.path']}?${attributes['url.query']}`;
      if (typeof original === 'string' && original.startsWith('/'))
        assert.equal(target, original.replace(/\?$/, ''), line);
    }
    assert.ok(read > documents.length / 2, `${read} of ${documents.length} lines`);
  });
}

test('clf reads the access lines of Alloy', { skip: missing }, () => {
  const path = join(corpora, 'grafana-alloy/files/file/testdata/short-access.log');
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const batch = processTexts(clfStage, { format: 'combined', rest: 'forwarded_for' }, lines);
  assert.deepEqual(batch.failures, []);
  for (let record = 0; record < batch.count; record++)
    assert.match(String(attributesOf(batch, record)['forwarded_for']), /^"[^"]+"$/);
  const { 'user_agent.original': agent, ...rest } = attributesOf(batch, 3);
  assert.match(String(agent), /bingbot/);
  assert.deepEqual(rest, {
    'client.address': '40.77.167.122',
    'http.request.method': 'GET',
    'url.path': '/filter/b238,b32,b5',
    'network.protocol.version': '1.1',
    'http.response.status_code': 200,
    'http.response.body.size': 37376,
    forwarded_for: '"-"',
  });
});

interface CrowdsecEvent {
  readonly event: number;
  readonly Parsed: Readonly<Record<string, string>>;
}

for (const folder of ['nginx-http-malformed']) {
  test(`clf reads ${folder} of Crowdsec`, { skip: missing }, () => {
    const lines = readFileSync(join(corpora, 'crowdsec-hub', folder, 'input.log'), 'utf8').split('\n');
    const expected = JSON.parse(readFileSync(join(corpora, 'crowdsec-hub', folder, 'expected.json'), 'utf8')) as {
      's01-parse'?: Record<string, CrowdsecEvent[]>;
    };
    let read = 0;
    for (const events of Object.values(expected['s01-parse'] ?? {})) {
      for (const { event, Parsed: parsed } of events) {
        const line = parsed['message'] ?? lines[event]!;
        const batch = processTexts(clfStage, {}, [line]);
        if (batch.failures.length > 0 || parsed['status'] === undefined) continue;
        read++;
        const attributes = attributesOf(batch);
        assert.equal(attributes['http.response.status_code'], Number(parsed['status']), line);
      }
    }
    assert.ok(read > 0);
  });
}
