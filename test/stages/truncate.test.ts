import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecordFlag } from '../../src/core/record-batch.ts';
import { truncateStage } from '../../src/stages/truncate.ts';
import { attributesOf, batchOf, plainRecord } from '../harness/batch.ts';
import {
  assertExample,
  batchOfObjects,
  buildStage,
  optionErrors,
  processObjects,
  stageContext,
} from './stage-fixture.ts';

test('the example of truncate holds', () => assertExample(truncateStage));

for (const { name, object, options, expected, isMarked } of [
  {
    name: 'keeps what fits',
    object: '{"a":"abcd"}',
    options: { max_attribute: '4B' },
    expected: { a: 'abcd' },
    isMarked: false,
  },
  {
    name: 'cuts text',
    object: '{"a":"abcde","b":"x"}',
    options: { max_attribute: '4B' },
    expected: { a: 'abcd', b: 'x' },
    isMarked: true,
  },
  {
    name: 'cuts before a character that does not fit',
    object: '{"a":"abcé","b":"abä€","c":"😀😀"}',
    options: { max_attribute: '4B' },
    expected: { a: 'abc', b: 'abä', c: '😀' },
    isMarked: true,
  },
  {
    name: 'makes text of nested values',
    object: '{"a":{"b":[1,2]},"c":[]}',
    options: { max_attribute: '6B' },
    expected: { a: '{"b":[', c: [] },
    isMarked: true,
  },
  {
    name: 'makes text of numbers',
    object: '{"a":1234567,"b":0.123456789}',
    options: { max_attribute: '5B' },
    expected: { a: '12345', b: '0.123' },
    isMarked: true,
  },
  {
    name: 'keeps true and false',
    object: '{"a":false,"b":true}',
    options: { max_attribute: '4B' },
    expected: { a: false, b: true },
    isMarked: false,
  },
  {
    name: 'keeps the first attributes',
    object: '{"a":1,"b":2,"c":3}',
    options: { max_attributes: 2 },
    expected: { a: 1, b: 2 },
    isMarked: true,
  },
  { name: 'keeps no attribute', object: '{"a":1}', options: { max_attributes: 0 }, expected: {}, isMarked: true },
  {
    name: 'keeps as many as are allowed',
    object: '{"a":1,"b":2}',
    options: { max_attributes: 2 },
    expected: { a: 1, b: 2 },
    isMarked: false,
  },
]) {
  test(`truncate ${name}`, () => {
    const batch = processObjects(truncateStage, options, [object]);
    assert.deepEqual(attributesOf(batch), expected);
    assert.equal(plainRecord(batch, 0).flags, isMarked ? RecordFlag.Truncated : 0);
  });
}

test('truncate cuts the body, and counts by part', () => {
  const context = stageContext();
  const batch = batchOfObjects(['{"a":"abcdef","b":2,"c":3}', '{"a":1}', '{"a":1,"b":1}'], context.keys);
  batch.drop(2);
  const options = { max_body: '8B', max_attribute: '4B', max_attributes: 1 };
  buildStage(truncateStage, options, context).process(batch);
  assert.deepEqual(
    [0, 1, 2].map((record) => plainRecord(batch, record).body),
    ['{"a":"ab', '{"a":1}', '{"a":1,"b":1}'],
  );
  const counts = context.metrics.sumBy('pillion_truncated_values_total', 'part', { stage: 'logs/1' });
  assert.deepEqual(counts, { body: 1, attribute: 1, attributes: 2 });
});

test('truncate leaves a record whole to which attributes are added later', () => {
  const batch = processObjects(truncateStage, { max_attributes: 1 }, ['{"a":1,"b":2}']);
  const start = batch.appendText('9');
  batch.addSpan(0, batch.keys.internText('z'), 2, start, batch.byteLength);
  assert.deepEqual(attributesOf(batch), { a: 1, z: 9 });
});

test('what truncate leaves is the longest start of the text in whole characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 4, max: 40 }), (text, max) => {
      const whole = Buffer.from(text).toString();
      const batch = batchOf([whole]);
      buildStage(truncateStage, { max_body: `${max}B` }, stageContext(batch.keys)).process(batch);
      const body = String(plainRecord(batch, 0).body);
      assert.ok(whole.startsWith(body));
      const next = [...whole.slice(body.length)][0];
      assert.ok(Buffer.byteLength(body) <= max);
      assert.ok(next === undefined || Buffer.byteLength(body + next) > max);
    }),
  );
});

for (const { name, options, path } of [
  { name: 'a size in which no character fits', options: { max_body: '3B' }, path: ['max_body'] },
  { name: 'a number below 0', options: { max_attributes: -1 }, path: ['max_attributes'] },
]) {
  test(`truncate refuses ${name}`, () => {
    assert.deepEqual(
      optionErrors(truncateStage, options).map((error) => error.path),
      [path],
    );
  });
}
