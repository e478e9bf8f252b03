import assert from 'node:assert/strict';
import { test } from 'node:test';
import { removeStage } from '../../src/stages/remove.ts';
import { attributesOf } from '../harness/batch.ts';
import {
  assertExample,
  batchOfObjects,
  buildStage,
  optionErrors,
  processObjects,
  stageContext,
} from './stage-fixture.ts';

test('the example of remove holds', () => assertExample(removeStage));

for (const { name, names, expected } of [
  { name: 'the first', names: ['a'], expected: { b: 2, c: 3 } },
  { name: 'the last', names: ['c'], expected: { a: 1, b: 2 } },
  { name: 'several', names: ['c', 'a'], expected: { b: 2 } },
  { name: 'all', names: ['a', 'b', 'c'], expected: {} },
  { name: 'one that is not there', names: ['x'], expected: { a: 1, b: 2, c: 3 } },
  { name: 'one named twice', names: ['a', 'a'], expected: { b: 2, c: 3 } },
  { name: 'one named alone', names: 'b', expected: { a: 1, c: 3 } },
]) {
  test(`remove takes out ${name}`, () => {
    assert.deepEqual(attributesOf(processObjects(removeStage, names, ['{"a":1,"b":2,"c":3}'])), expected);
  });
}

test('remove leaves dropped records alone', () => {
  const batch = batchOfObjects(['{"a":1}', '{"a":1}']);
  batch.drop(0);
  buildStage(removeStage, ['a'], stageContext(batch.keys)).process(batch);
  assert.deepEqual([attributesOf(batch, 0), attributesOf(batch, 1)], [{ a: 1 }, {}]);
});

for (const options of [null, [], {}, [1], ['']]) {
  test(`remove refuses ${JSON.stringify(options)}`, () => assert.equal(optionErrors(removeStage, options).length, 1));
}
