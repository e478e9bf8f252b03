import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { marksOf } from '../../../src/codec/otlp/marks.ts';
import { type RecordBatch, RecordFlag } from '../../../src/core/record-batch.ts';
import { Resource } from '../../../src/core/resource.ts';
import { ValueType } from '../../../src/core/value-type.ts';
import { JsonFormat } from '../../../src/sinks/console/json-format.ts';
import { batchOfModels, recordModel } from '../../harness/arbitrary-batch.ts';
import { batchOf, plainRecord } from '../../harness/batch.ts';

const CONTROL = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;
const OBSERVED = '2026-01-02T03:04:05.678000000Z';

function render(batch: RecordBatch): string {
  return new JsonFormat().render(batch);
}

test('JsonFormat writes time and body of a plain record, and nothing that it does not have', () => {
  assert.equal(render(batchOf(['hi'])), `{"time":"${OBSERVED}","body":"hi"}\n`);
});

test('JsonFormat writes a line a record, without what was dropped', () => {
  const batch = batchOf(['one', 'two', 'three']);
  batch.drop(1);
  assert.deepEqual(
    render(batch)
      .split('\n')
      .map((line) => line.slice(line.indexOf('"body"'))),
    ['"body":"one"}', '"body":"three"}', ''],
  );
});

test('JsonFormat writes every field', () => {
  const resource = new Resource([
    ['service.name', 'a"b'],
    ['pid', 7],
    ['ready', true],
  ]);
  const batch = batchOf(['hi'], undefined, resource);
  const nanos = 1_581_452_773_000_000_789n;
  batch.time.set([Number(nanos & 0xffffffffn), Number(nanos >> 32n)]);
  batch.severityNumber[0] = 17;
  batch.severityStart[0] = batch.appendText('fehler');
  batch.severityEnd[0] = batch.byteLength;
  const key = batch.keys.internText('id');
  const start = batch.appendText('9223372036854775807');
  batch.addSpan(0, key, ValueType.Int, start, batch.byteLength);
  batch.traceId[0] = batch.appendBytes(Buffer.alloc(16, 0xab), 0, 16);
  batch.spanId[0] = batch.appendBytes(Buffer.alloc(8, 0xcd), 0, 8);
  batch.flags[0] = RecordFlag.Truncated;
  assert.equal(
    render(batch),
    `{"time":"2020-02-11T20:26:13.000000789Z","severity":"fehler","severity_number":17,"body":"hi",` +
      `"attributes":{"id":9223372036854775807},"resource":{"service.name":"a\\"b","pid":7,"ready":true},` +
      `"trace_id":"${'ab'.repeat(16)}","span_id":"${'cd'.repeat(8)}","marks":["truncated"]}\n`,
  );
});

test('JsonFormat names the severity by its number, where the source had no word', () => {
  const batch = batchOf(['hi']);
  batch.severityNumber[0] = 10;
  assert.equal(render(batch), `{"time":"${OBSERVED}","severity":"INFO","severity_number":10,"body":"hi"}\n`);
});

interface Line {
  readonly body: unknown;
  readonly attributes?: Record<string, unknown>;
  readonly marks?: readonly string[];
}

test('JsonFormat writes one line of JSON that says what the record says, without control characters', () => {
  fc.assert(
    fc.property(recordModel, (model) => {
      const batch = batchOfModels([model], new Resource());
      const text = render(batch);
      assert.doesNotMatch(text.slice(0, -1), /\n/);
      assert.doesNotMatch(text, CONTROL);
      const line = JSON.parse(text) as Line;
      const { body, attributes } = plainRecord(batch, 0);
      assert.equal(canonical(line.body), canonical(body));
      assert.equal(canonical(line.attributes ?? {}), canonical(attributes));
      assert.deepEqual(line.marks ?? [], marksOf(model.flags));
    }),
    { numRuns: 500 },
  );
});

test('JsonFormat lets no control character through, whatever the bytes are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (body) => assert.doesNotMatch(render(batchOf([body])), CONTROL)),
    { numRuns: 500 },
  );
});

/** The value as text, big integers as the doubles that JSON.parse makes of them, lone surrogates replaced. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part) => {
    if (typeof part === 'bigint') return Number(part);
    return typeof part === 'string' ? part.toWellFormed() : part;
  }).replaceAll(/\\ud[89ab][0-9a-f]{2}|\\ud[c-f][0-9a-f]{2}/g, '\ufffd');
}
