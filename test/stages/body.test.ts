import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyStage } from '../../src/stages/body.ts';
import { plainRecord } from '../harness/batch.ts';
import { assertExample, batchOfObjects, buildStage, processObjects, stageContext } from './stage-fixture.ts';

test('the example of body holds', () => assertExample(bodyStage));

for (const { type, value } of [
  { type: 'text', value: '"a\\u000ab"' },
  { type: 'empty text', value: '""' },
  { type: 'a whole number beyond 2^53', value: '9007199254740993' },
  { type: 'a number with a fraction', value: '1.5' },
  { type: 'true', value: 'true' },
  { type: 'an object', value: '{"a":[1,2]}' },
  { type: 'null', value: 'null' },
]) {
  test(`body takes over ${type}`, () => {
    const batch = batchOfObjects([`{"msg":${value},"a":1}`]);
    const { attributes } = plainRecord(batch, 0);
    buildStage(bodyStage, {}, stageContext(batch.keys)).process(batch);
    const record = plainRecord(batch, 0);
    assert.deepEqual(record.body, attributes['msg']);
    assert.deepEqual(record.attributes, { a: 1 });
  });
}

test('body keeps the body of a record without the attribute', () => {
  const batch = processObjects(bodyStage, { field: 'message' }, ['{"msg":"x"}', 'no json']);
  assert.deepEqual([plainRecord(batch, 0).body, plainRecord(batch, 1).body], ['{"msg":"x"}', 'no json']);
});

test('body keeps the attribute when it is told to', () => {
  const record = plainRecord(processObjects(bodyStage, { keep: true }, ['{"msg":"x"}']), 0);
  assert.deepEqual([record.body, record.attributes], ['x', { msg: 'x' }]);
});

test('body leaves dropped records alone', () => {
  const batch = batchOfObjects(['{"msg":"x"}']);
  batch.drop(0);
  buildStage(bodyStage, {}, stageContext(batch.keys)).process(batch);
  assert.equal(plainRecord(batch, 0).body, '{"msg":"x"}');
});
