import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogsRequestEncoder } from '../../../src/codec/otlp/logs-request.ts';
import { protobufToJson } from '../../../src/sinks/otlp/protobuf-json.ts';
import { batchOf } from '../../harness/batch.ts';

test('protobufToJson() gives OTLP/JSON, and base64 of what no decoder takes', () => {
  const encoder = new LogsRequestEncoder({ scopeName: 'pillion', scopeVersion: '1' });
  encoder.append(batchOf(['a']), 0);
  const body = encoder.body(0, 1);
  assert.equal(JSON.parse(protobufToJson(body)).resourceLogs[0].scopeLogs[0].logRecords[0].body.stringValue, 'a');
  const cut = body.subarray(0, -1);
  assert.equal(JSON.parse(protobufToJson(cut)), Buffer.from(cut).toString('base64'));
});
