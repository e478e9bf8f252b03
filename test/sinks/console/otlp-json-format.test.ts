import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Resource } from '../../../src/core/resource.ts';
import { OtlpJsonFormat } from '../../../src/sinks/console/otlp-json-format.ts';
import { batchOfModels, recordModel } from '../../harness/arbitrary-batch.ts';
import { batchOf } from '../../harness/batch.ts';

interface LogsData {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly {
      readonly scope: unknown;
      readonly logRecords: readonly { readonly body: unknown }[];
    }[];
  }[];
}

test('OtlpJsonFormat writes a LogsData a batch, without what was dropped', () => {
  const format = new OtlpJsonFormat({ scopeName: 'pillion', scopeVersion: '1.2.3' });
  for (const _ of ['first batch', 'second batch']) {
    const batch = batchOf(['one', 'two', 'three']);
    batch.drop(1);
    const text = format.render(batch);
    assert.match(text, /^[^\n]+\n$/);
    const [scopeLogs] = (JSON.parse(text) as LogsData).resourceLogs[0]!.scopeLogs;
    assert.deepEqual(scopeLogs!.scope, { name: 'pillion', version: '1.2.3' });
    assert.deepEqual(
      scopeLogs!.logRecords.map(({ body }) => body),
      [{ stringValue: 'one' }, { stringValue: 'three' }],
    );
  }
});

test('OtlpJsonFormat writes one line without control characters', () => {
  const format = new OtlpJsonFormat({ scopeName: 'pillion', scopeVersion: '1.2.3' });
  const resource = new Resource([['service.name', '\u001b\u009b\u202e\n']]);
  fc.assert(
    fc.property(recordModel, (model) => {
      const text = format.render(batchOfModels([model], resource));
      assert.match(text, /^[^\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+\n$/);
    }),
    { numRuns: 300 },
  );
});
