import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeLogs } from '../../../src/codec/otlp/decode-logs.ts';
import { logsToJson } from '../../../src/codec/otlp/decoded-json.ts';
import { LogsRequestEncoder } from '../../../src/codec/otlp/logs-request.ts';
import { Resource } from '../../../src/core/resource.ts';
import { batchOfModels, recordModel } from '../../harness/arbitrary-batch.ts';
import { decodeJsonLogs } from '../../harness/otlp-json.ts';

test('logsToJson() says in OTLP/JSON, on one line, what was decoded, whatever the records', () => {
  const resource = new Resource(Object.entries({ 'service.name': 'checkout', weight: 1.5, port: 8080, isOn: true }));
  fc.assert(
    fc.property(fc.array(recordModel, { minLength: 1, maxLength: 3 }), (models) => {
      const encoder = new LogsRequestEncoder({ scopeName: 'my.library', scopeVersion: '' });
      const batch = batchOfModels(models, resource);
      for (let record = 0; record < batch.count; record++) encoder.append(batch, record);
      const decoded = decodeLogs(encoder.body(0, batch.count));
      const json = logsToJson(decoded);
      assert.ok(!json.includes('\n'));
      assert.deepEqual(decodeJsonLogs(json), decoded);
    }),
    { numRuns: 200 },
  );
});

test('logsToJson() writes bytes as base64, and as text what JSON has no number for', () => {
  const value = new Map<string, string | number | Buffer>([
    ['bytes', Buffer.from([0, 255])],
    ['nan', Number.NaN],
    ['less', Number.NEGATIVE_INFINITY],
  ]);
  const resource = { attributes: value, droppedAttributesCount: 2 };
  const json = logsToJson({ resourceLogs: [{ resource, scopeLogs: [], schemaUrl: 'https://schema' }] });
  assert.deepEqual(JSON.parse(json).resourceLogs[0], {
    resource: {
      attributes: [
        { key: 'bytes', value: { bytesValue: 'AP8=' } },
        { key: 'nan', value: { doubleValue: 'NaN' } },
        { key: 'less', value: { doubleValue: '-Infinity' } },
      ],
      droppedAttributesCount: 2,
    },
    scopeLogs: [],
    schemaUrl: 'https://schema',
  });
});
