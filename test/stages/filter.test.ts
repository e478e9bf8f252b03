import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConditions } from '../../src/condition/library.ts';
import { RecordFlag } from '../../src/core/record-batch.ts';
import { filterStage } from '../../src/stages/filter.ts';
import {
  assertExample,
  batchOfObjects,
  buildStage,
  optionErrors,
  processObjects,
  stageContext,
} from './stage-fixture.ts';

await loadConditions();

test('the example of filter holds', () => assertExample(filterStage));

test('filter drops what does not meet its condition, and fails what it cannot decide about', () => {
  const objects = ['{"status":503}', '{"status":200}', '{"status":"503"}', '{}'];
  const batch = processObjects(filterStage, 'attributes.status >= 500', objects);
  const { Dropped, ParseFailed } = RecordFlag;
  assert.deepEqual([...batch.flags.subarray(0, 4)], [0, Dropped, ParseFailed, ParseFailed]);
  assert.deepEqual([...batch.drops], [['filter', 1]]);
  assert.deepEqual(
    batch.failures.map(({ record }) => record),
    [2, 3],
  );
});

test('filter leaves dropped records alone', () => {
  const batch = batchOfObjects(['{"a":1}', '{"a":2}']);
  batch.drop(0);
  buildStage(filterStage, 'attributes.a == 1', stageContext(batch.keys)).process(batch);
  assert.deepEqual([...batch.drops], [['filter', 2]]);
});

test('filter explains a wrong condition', () => {
  const [error] = optionErrors(filterStage, 'sevrity > INFO');
  assert.match(error?.message ?? '', /there is no "sevrity"/);
});
