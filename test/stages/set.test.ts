import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setStage } from '../../src/stages/set.ts';
import { attributesOf } from '../harness/batch.ts';
import {
  assertExample,
  batchOfObjects,
  buildStage,
  optionErrors,
  processObjects,
  stageContext,
} from './stage-fixture.ts';

test('the example of set holds', () => assertExample(setStage));

for (const value of ['', 'text', 'größer', '12', true, false, 0, -7, 1.5, 1e21, 1e-7, 2 ** 53, -0, Number.MAX_VALUE]) {
  test(`set gives ${JSON.stringify(value)} with its type`, () => {
    assert.deepEqual(attributesOf(processObjects(setStage, { k: value }, ['{}'])), { k: value === 0 ? 0 : value });
  });
}

test('set replaces an attribute in place, whatever its type, and adds others behind', () => {
  const batch = processObjects(setStage, { b: 'x', z: 1 }, ['{"a":1,"b":{"c":2},"d":3}']);
  assert.deepEqual(Object.entries(attributesOf(batch)), [
    ['a', 1],
    ['b', 'x'],
    ['d', 3],
    ['z', 1],
  ]);
});

test('set gives every record its attributes, but dropped ones', () => {
  const objects = Array.from({ length: 3000 }, (_, i) => `{"i":${i}}`);
  const batch = batchOfObjects(objects);
  batch.drop(1);
  const length = batch.byteLength;
  buildStage(setStage, { team: 'payments' }, stageContext(batch.keys)).process(batch);
  for (let i = 0; i < objects.length; i++) {
    assert.deepEqual(attributesOf(batch, i), i === 1 ? { i } : { i, team: 'payments' });
  }
  assert.equal(batch.byteLength - length, 'payments'.length, 'all records share the bytes');
});

for (const { name, options, path } of [
  { name: 'nothing', options: null, path: [] },
  { name: 'an empty map', options: {}, path: [] },
  { name: 'a list', options: ['a'], path: [] },
  { name: 'a map as a value', options: { a: {} }, path: ['a'] },
  { name: 'null as a value', options: { a: null }, path: ['a'] },
  { name: 'a number that JSON does not have', options: { a: Number.NaN }, path: ['a'] },
  { name: 'an infinite number', options: { a: Number.POSITIVE_INFINITY }, path: ['a'] },
]) {
  test(`set refuses ${name}`, () => {
    assert.deepEqual(
      optionErrors(setStage, options).map((error) => error.path),
      [path],
    );
  });
}
