import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { outcomes } from '../../src/agent/cases.ts';
import type { RecordFields } from '../../src/agent/record-fields.ts';
import { readyMade } from '../harness/ready-made.ts';

const FOLDER = join(import.meta.dirname, '../../../shared/corpora/elastic-beats/oss-apache2/elasticsearch');
const skip = existsSync(FOLDER) ? false : 'the corpora are not here';

/** Where the pipeline puts what Filebeat's module for Elasticsearch calls by a name of ECS. */
const NAMES = {
  'log.level': 'severity_text',
  'elasticsearch.component': 'attributes.log.logger',
  'elasticsearch.cluster.name': 'attributes.elasticsearch.cluster.name',
  'elasticsearch.cluster.uuid': 'attributes.elasticsearch.cluster.uuid',
  'elasticsearch.node.name': 'attributes.elasticsearch.node.name',
  'elasticsearch.node.id': 'attributes.elasticsearch.node.id',
  'elasticsearch.audit.action': 'attributes.elasticsearch.audit.action',
  'elasticsearch.audit.indices': 'attributes.elasticsearch.audit.indices',
  'elasticsearch.audit.layer': 'attributes.elasticsearch.audit.layer',
  'elasticsearch.audit.request.id': 'attributes.elasticsearch.audit.request.id',
  'event.action': 'attributes.elasticsearch.audit.event',
  'http.request.method': 'attributes.http.request.method',
  'source.ip': 'attributes.client.address',
  'source.port': 'attributes.client.port',
  'user.name': 'attributes.user.name',
} as const;

/** The fields of a record by the names of ECS, as far as those that are expected go. */
function ecsFields(record: RecordFields, expected: Record<string, unknown>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const fieldOf = (name: string): unknown => JSON.parse(record.get(name) ?? 'null') as unknown;
  fields['@timestamp'] = String(fieldOf('time')).replace(/(\.\d{3})0{6}Z$/, '$1Z');
  for (const [ecs, own] of Object.entries(NAMES)) if (ecs in expected) fields[ecs] = fieldOf(own);
  return fields;
}

for (const name of [
  'server/test-json.log',
  'deprecation/test-json.log',
  'slowlog/es_index_indexing_slowlog-json.log',
  'slowlog/es_index_search_slowlog-json.log',
  'audit/test-audit-730.log',
  'audit/test-audit-docker.log',
]) {
  test(`the ready-made pipeline elasticsearch reads what Filebeat reads out of ${name}`, { skip }, async () => {
    const file = join(FOLDER, name);
    const all = JSON.parse(readFileSync(`${file}-expected.json`, 'utf8')) as Record<string, unknown>[];
    let records = outcomes(readFileSync(file), { ...(await readyMade('elasticsearch')), stream: file });
    // The module for the audit log leaves out what else stands in the output of a container.
    if (name.startsWith('audit/')) {
      records = records.filter((record) => record.get('attributes.elasticsearch.type') === '"audit"');
    }
    assert.equal(records.length, all.length);
    for (const [index, expected] of all.entries()) {
      const names = ['@timestamp', ...Object.keys(NAMES)].filter((key) => key in expected);
      const wanted = Object.fromEntries(names.map((key) => [key, expected[key]]));
      assert.deepEqual(ecsFields(records[index]!, expected), wanted, `record ${index + 1}`);
      assert.equal(records[index]!.has('marks'), false);
    }
  });
}
