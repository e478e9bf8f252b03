import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moveStage } from '../../src/stages/move.ts';
import { attributesOf } from '../harness/batch.ts';
import {
  assertExample,
  batchOfObjects,
  buildStage,
  optionErrors,
  processObjects,
  stageContext,
} from './stage-fixture.ts';

test('the example of move holds', () => assertExample(moveStage));

for (const { name, moves, object, expected } of [
  {
    name: 'renames in place',
    moves: { b: 'x' },
    object: '{"a":1,"b":2,"c":3}',
    expected: [
      ['a', 1],
      ['x', 2],
      ['c', 3],
    ],
  },
  {
    name: 'renames several',
    moves: { c: 'x', a: 'y' },
    object: '{"a":1,"b":2,"c":3}',
    expected: [
      ['y', 1],
      ['b', 2],
      ['x', 3],
    ],
  },
  { name: 'replaces a target before it', moves: { b: 'a' }, object: '{"a":1,"b":2}', expected: [['a', 2]] },
  {
    name: 'replaces a target behind it',
    moves: { a: 'b' },
    object: '{"a":1,"b":2,"c":3}',
    expected: [
      ['b', 1],
      ['c', 3],
    ],
  },
  {
    name: 'keeps the target when there is nothing to move',
    moves: { x: 'a' },
    object: '{"a":1}',
    expected: [['a', 1]],
  },
  {
    name: 'moves in the order that is written',
    moves: { a: 'b', b: 'c' },
    object: '{"a":1,"b":2}',
    expected: [['c', 1]],
  },
  {
    name: 'moves the other way round',
    moves: { b: 'c', a: 'b' },
    object: '{"a":1,"b":2}',
    expected: [
      ['b', 1],
      ['c', 2],
    ],
  },
  {
    name: 'takes a name with a point for one name',
    moves: { 'a.b': 'x' },
    object: '{"a":{"b":1},"a.b":2}',
    expected: [
      ['a', { b: 1 }],
      ['x', 2],
    ],
  },
  { name: 'moves to "body" as to any name', moves: { a: 'body' }, object: '{"a":1}', expected: [['body', 1]] },
]) {
  test(`move ${name}`, () => {
    assert.deepEqual(Object.entries(attributesOf(processObjects(moveStage, moves, [object]))), expected);
  });
}

test('move leaves a record whole to which attributes are added later', () => {
  const batch = processObjects(moveStage, { a: 'b' }, ['{"a":1,"b":2}']);
  const start = batch.appendText('9');
  batch.addSpan(0, batch.keys.internText('z'), 2, start, batch.byteLength);
  assert.deepEqual(attributesOf(batch), { b: 1, z: 9 });
});

test('move leaves dropped records alone', () => {
  const batch = batchOfObjects(['{"a":1}', '{"a":1}']);
  batch.drop(0);
  buildStage(moveStage, { a: 'b' }, stageContext(batch.keys)).process(batch);
  assert.deepEqual([attributesOf(batch, 0), attributesOf(batch, 1)], [{ a: 1 }, { b: 1 }]);
});

for (const { name, options, path } of [
  { name: 'nothing', options: null, path: [] },
  { name: 'an empty map', options: {}, path: [] },
  { name: 'a list', options: ['a'], path: [] },
  { name: 'a number as a name', options: { a: 1 }, path: ['a'] },
  { name: 'an empty name', options: { a: '' }, path: ['a'] },
  { name: 'a move to itself', options: { a: 'a' }, path: ['a'] },
]) {
  test(`move refuses ${name}`, () => {
    assert.deepEqual(
      optionErrors(moveStage, options).map((error) => error.path),
      [path],
    );
  });
}
