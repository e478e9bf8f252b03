import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyTable } from '../../src/core/key-table.ts';
import { Resource } from '../../src/core/resource.ts';
import { ValueType } from '../../src/core/value-type.ts';
import { BatchRecordView } from '../../src/sdk/batch-record-view.ts';
import type { SettableValue } from '../../src/sdk/record-view.ts';
import { attributesOf, plainRecord } from '../harness/batch.ts';
import { batchOfObjects } from '../stages/stage-fixture.ts';

function viewOf(object: string, keys = new KeyTable(), resource = new Resource()) {
  const batch = batchOfObjects([object], keys, resource);
  const view = new BatchRecordView('own');
  view.show(batch, 0);
  return { batch, view };
}

for (const { value, string, number, bigint, boolean } of [
  { value: '"text"', string: 'text', number: undefined, bigint: undefined, boolean: undefined },
  { value: '""', string: '', number: undefined, bigint: undefined, boolean: undefined },
  { value: '"größer\\n"', string: 'größer\n', number: undefined, bigint: undefined, boolean: undefined },
  { value: '"12"', string: '12', number: 12, bigint: 12n, boolean: undefined },
  { value: '"012"', string: '012', number: undefined, bigint: undefined, boolean: undefined },
  { value: '" 12"', string: ' 12', number: undefined, bigint: undefined, boolean: undefined },
  { value: '"0x10"', string: '0x10', number: undefined, bigint: undefined, boolean: undefined },
  { value: '"Infinity"', string: 'Infinity', number: undefined, bigint: undefined, boolean: undefined },
  { value: '"true"', string: 'true', number: undefined, bigint: undefined, boolean: true },
  { value: '-7', string: '-7', number: -7, bigint: -7n, boolean: undefined },
  { value: '1.50', string: '1.50', number: 1.5, bigint: undefined, boolean: undefined },
  { value: '1e3', string: '1e3', number: 1000, bigint: undefined, boolean: undefined },
  {
    value: '9007199254740993',
    string: '9007199254740993',
    number: 2 ** 53,
    bigint: 2n ** 53n + 1n,
    boolean: undefined,
  },
  {
    value: '-9223372036854775808',
    string: '-9223372036854775808',
    number: -(2 ** 63),
    bigint: -(2n ** 63n),
    boolean: undefined,
  },
  { value: `"${'9'.repeat(20)}"`, string: '9'.repeat(20), number: 1e20, bigint: undefined, boolean: undefined },
  { value: 'true', string: 'true', number: undefined, bigint: undefined, boolean: true },
  { value: 'false', string: 'false', number: undefined, bigint: undefined, boolean: false },
  { value: 'null', string: undefined, number: undefined, bigint: undefined, boolean: undefined },
  { value: '{"a":[1]}', string: '{"a":[1]}', number: undefined, bigint: undefined, boolean: undefined },
]) {
  test(`RecordView reads ${value.slice(0, 24)} as text, number, bigint and boolean`, () => {
    const { view } = viewOf(`{"k":${value}}`);
    assert.deepEqual(
      [view.string('k'), view.number('k'), view.bigint('k'), view.boolean('k'), view.has('k')],
      [string, number, bigint, boolean, true],
    );
  });
}

test('RecordView reads a list of one text as JSON, in an attribute and in the body', () => {
  const { batch, view } = viewOf('{"k":"curl"}');
  const row = batch.firstAttribute[0]!;
  batch.attributeType[row] = ValueType.TextList;
  batch.setBody(0, ValueType.TextList, batch.attributeStart[row]!, batch.attributeEnd[row]!);
  assert.deepEqual([view.string('k'), view.body], ['["curl"]', '["curl"]']);
});

test('RecordView reads nothing from an attribute that is not there', () => {
  const { view } = viewOf('{"k":1}');
  assert.deepEqual(
    [view.string('x'), view.number('x'), view.bigint('x'), view.boolean('x'), view.has('x'), view.remove('x')],
    [undefined, undefined, undefined, undefined, false, false],
  );
});

for (const { value, expected } of [
  { value: 'text', expected: 'text' },
  { value: '', expected: '' },
  { value: 'größer 🙂', expected: 'größer 🙂' },
  { value: '\ud800', expected: '\ufffd' },
  { value: 7, expected: 7 },
  { value: -0, expected: 0 },
  { value: 1.5, expected: 1.5 },
  { value: 1e300, expected: 1e300 },
  { value: 2n ** 63n - 1n, expected: 2n ** 63n - 1n },
  { value: -(2n ** 63n), expected: -(2n ** 63n) },
  { value: true, expected: true },
  { value: false, expected: false },
] as { value: SettableValue; expected: unknown }[]) {
  test(`RecordView.set() adds and replaces with ${typeof value} ${String(value)}`, () => {
    const { batch, view } = viewOf('{"a":{"b":1},"c":2}');
    view.set('a', value);
    view.set('new', value);
    assert.deepEqual(Object.entries(attributesOf(batch)), [
      ['a', expected],
      ['c', 2],
      ['new', expected],
    ]);
  });
}

for (const { value, error } of [
  { value: Number.NaN, error: RangeError },
  { value: Number.POSITIVE_INFINITY, error: RangeError },
  { value: 2n ** 63n, error: RangeError },
  { value: -(2n ** 63n) - 1n, error: RangeError },
  { value: undefined, error: TypeError },
  { value: null, error: TypeError },
  { value: {}, error: TypeError },
  { value: ['a'], error: TypeError },
]) {
  test(`RecordView.set() throws for ${String(value)}, and changes nothing`, () => {
    const { batch, view } = viewOf('{"a":1}');
    assert.throws(() => view.set('a', value as never), error);
    assert.deepEqual(attributesOf(batch), { a: 1 });
  });
}

test('RecordView.remove() removes, and keys() tells what is left, in its order', () => {
  const { batch, view } = viewOf('{"a":1,"b":2,"c":3}');
  assert.equal(view.remove('b'), true);
  assert.equal(view.remove('b'), false);
  view.set('d', 4);
  assert.deepEqual(view.keys(), ['a', 'c', 'd']);
  assert.deepEqual(attributesOf(batch), { a: 1, c: 3, d: 4 });
});

test('RecordView reads and sets the fields of the record', () => {
  const { batch, view } = viewOf('{"a":1}');
  assert.deepEqual([view.body, view.severityNumber, view.severityText, view.timeUnixNano], ['{"a":1}', 0, '', 0n]);
  view.body = 'größer';
  view.severityNumber = 17;
  view.severityText = 'oops';
  view.timeUnixNano = 2n ** 64n - 1n;
  assert.deepEqual(
    [view.body, view.severityNumber, view.severityText, view.timeUnixNano],
    ['größer', 17, 'oops', 2n ** 64n - 1n],
  );
  const { attributes: _, flags: _flags, ...record } = plainRecord(batch, 0);
  assert.deepEqual(record, {
    body: 'größer',
    severityNumber: 17,
    severityText: 'oops',
    timeUnixNano: 2n ** 64n - 1n,
    traceId: '',
    spanId: '',
  });
});

for (const { name, misuse } of [
  { name: 'a severity number of 25', misuse: (view: BatchRecordView) => (view.severityNumber = 25) },
  { name: 'a severity number of 1.5', misuse: (view: BatchRecordView) => (view.severityNumber = 1.5) },
  { name: 'a time before 1970', misuse: (view: BatchRecordView) => (view.timeUnixNano = -1n) },
  { name: 'a time beyond 64 bits', misuse: (view: BatchRecordView) => (view.timeUnixNano = 2n ** 64n) },
  { name: 'a reason that is a sentence', misuse: (view: BatchRecordView) => view.drop('It was late.') },
  { name: 'a reason that is too long', misuse: (view: BatchRecordView) => view.drop('a'.repeat(65)) },
]) {
  test(`RecordView throws a RangeError for ${name}, and changes nothing`, () => {
    const { batch, view } = viewOf('{"a":1}');
    const before = plainRecord(batch, 0);
    assert.throws(() => misuse(view), RangeError);
    assert.deepEqual(plainRecord(batch, 0), before);
    assert.equal(view.dropReason, undefined);
  });
}

test('RecordView reads the resource', () => {
  const { view } = viewOf('{}', new KeyTable(), new Resource([['service.name', 'checkout']]));
  assert.deepEqual([view.resource('service.name'), view.resource('x')], ['checkout', undefined]);
});

test('RecordView.drop() names the type of the stage when nothing else is said', () => {
  const { view } = viewOf('{}');
  assert.equal(view.dropReason, undefined);
  view.drop();
  assert.equal(view.dropReason, 'own');
  view.drop('health_check');
  assert.equal(view.dropReason, 'health_check');
});

test('RecordView finds, sets and removes attributes whose keys the full table does not know', () => {
  const keys = new KeyTable(2);
  // More keys than a batch looks for one by one: some get a second id when they are asked for.
  const names = Array.from({ length: 40 }, (_, i) => `k${i}`);
  const { batch, view } = viewOf(JSON.stringify(Object.fromEntries(names.map((name, i) => [name, i]))), keys);
  for (const [i, name] of names.entries()) {
    assert.equal(view.number(name), i, name);
    view.set(name, `v${i}`);
  }
  assert.deepEqual(attributesOf(batch), Object.fromEntries(names.map((name, i) => [name, `v${i}`])));
  view.set('new', 1);
  assert.equal(view.number('new'), 1);
  for (const name of names) assert.equal(view.remove(name), true, name);
  assert.deepEqual(attributesOf(batch), { new: 1 });
});

test('RecordView asks for keys without filling the arena', () => {
  const { batch, view } = viewOf('{"a":1}');
  const { byteLength } = batch;
  for (let i = 0; i < 100; i++) view.has(`key${i}`);
  assert.equal(batch.byteLength, byteLength);
});

test('RecordView throws once it is hidden', () => {
  const { view } = viewOf('{"a":1}');
  view.hide();
  for (const use of [
    () => view.string('a'),
    () => view.set('a', 1),
    () => view.keys(),
    () => view.body,
    () => (view.severityNumber = 1),
    () => view.resource('a'),
  ]) {
    assert.throws(use, /only valid during the call/);
  }
});
