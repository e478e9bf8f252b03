import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BatchRecordView } from '../../src/sdk/batch-record-view.ts';
import { castStage } from '../../src/stages/cast.ts';
import { attributesOf } from '../harness/batch.ts';
import {
  assertExample,
  batchOfObjects,
  buildStage,
  optionErrors,
  processObjects,
  stageContext,
} from './stage-fixture.ts';

test('the example of cast holds', () => assertExample(castStage));

for (const { type, text, expected } of [
  { type: 'int', text: '"200"', expected: 200 },
  { type: 'int', text: '"-7"', expected: -7 },
  { type: 'int', text: '"+7"', expected: 7 },
  { type: 'int', text: '"007"', expected: 7 },
  { type: 'int', text: '"-007"', expected: -7 },
  { type: 'int', text: '"000"', expected: 0 },
  { type: 'int', text: '"3.00"', expected: 3 },
  { type: 'int', text: '3.0', expected: 3 },
  { type: 'int', text: '5', expected: 5 },
  { type: 'int', text: '"9223372036854775807"', expected: 9223372036854775807n },
  { type: 'int', text: '"-9223372036854775808"', expected: -9223372036854775808n },
  { type: 'double', text: '"1.50"', expected: 1.5 },
  { type: 'double', text: '"-01.5e3"', expected: -1500 },
  { type: 'double', text: '"7"', expected: 7 },
  { type: 'double', text: '7', expected: 7 },
  { type: 'bool', text: '"TRUE"', expected: true },
  { type: 'bool', text: '"off"', expected: false },
  { type: 'bool', text: '1', expected: true },
  { type: 'bool', text: '"0"', expected: false },
  { type: 'bool', text: 'false', expected: false },
  { type: 'string', text: '1.50', expected: '1.50' },
  { type: 'string', text: '123456789012345678', expected: '123456789012345678' },
  { type: 'string', text: 'true', expected: 'true' },
  { type: 'string', text: '{"a":[1]}', expected: '{"a":[1]}' },
  { type: 'string', text: '"x"', expected: 'x' },
  { type: 'string', text: 'null', expected: null },
  { type: 'int', text: 'null', expected: null },
]) {
  test(`cast makes ${text} the ${type} ${expected}`, () => {
    const batch = processObjects(castStage, { v: type }, [`{"a":0,"v":${text},"z":1}`]);
    assert.deepEqual(Object.entries(attributesOf(batch)), Object.entries({ a: 0, v: expected, z: 1 }));
    assert.deepEqual(batch.failures, []);
  });
}

for (const [type, value] of [
  ['int', '1.5'],
  ['int', 'x'],
  ['int', ''],
  ['int', '-'],
  ['int', '1e3'],
  ['int', '1.'],
  ['int', ' 1'],
  ['int', '9223372036854775808'],
  ['int', true],
  ['int', [1]],
  ['double', '.5'],
  ['double', '1.'],
  ['double', 'NaN'],
  ['double', '1,5'],
  ['double', '0x10'],
  ['double', '1.5s'],
  ['bool', 'maybe'],
  ['bool', 2],
  ['bool', ''],
  ['bool', {}],
] as const) {
  test(`cast leaves ${JSON.stringify(value)}, which is no ${type}, and says so`, () => {
    const batch = processObjects(castStage, { v: type }, [JSON.stringify({ v: value })]);
    assert.deepEqual(attributesOf(batch), { v: value });
    assert.deepEqual(batch.failures, [{ record: 0, reason: `no ${type}` }]);
  });
}

test('what is cast to bool is true or false as text, too', () => {
  const context = stageContext();
  const batch = batchOfObjects(['{"a":"YES","b":1,"c":"Off"}'], context.keys);
  buildStage(castStage, { a: 'bool', b: 'bool', c: 'bool' }, context).process(batch);
  const view = new BatchRecordView('own');
  view.show(batch, 0);
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => view.boolean(key)),
    [true, true, false],
  );
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => view.string(key)),
    ['true', 'true', 'false'],
  );
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => view.number(key)),
    [undefined, undefined, undefined],
  );
});

test('cast reads every number that JavaScript writes', () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      (d, i) => {
        const batch = processObjects(castStage, { d: 'double', i: 'int' }, [JSON.stringify({ d: `${d}`, i: `${i}` })]);
        assert.deepEqual(batch.failures, []);
        const attributes = attributesOf(batch);
        assert.equal(attributes['d'], JSON.parse(`${d}`));
        assert.equal(BigInt(attributes['i'] as number), i);
      },
    ),
  );
});

test('cast casts several, passes over what is not there, and leaves dropped records alone', () => {
  const batch = batchOfObjects(['{"a":"1","b":"x"}', '{"a":"1","b":"x","c":"1"}']);
  batch.drop(0);
  buildStage(castStage, { b: 'int', c: 'int', a: 'int', d: 'int' }, stageContext(batch.keys)).process(batch);
  assert.deepEqual(
    [attributesOf(batch, 0), attributesOf(batch, 1)],
    [
      { a: '1', b: 'x' },
      { a: 1, b: 'x', c: 1 },
    ],
  );
  assert.deepEqual(batch.failures, [{ record: 1, reason: 'no int' }]);
});

for (const { name, options, path } of [
  { name: 'nothing', options: {}, path: [] },
  { name: 'a list', options: ['a'], path: [] },
  { name: 'an unknown type', options: { a: 'float' }, path: ['a'] },
]) {
  test(`cast refuses ${name}`, () => {
    assert.deepEqual(
      optionErrors(castStage, options).map((error) => error.path),
      [path],
    );
  });
}
