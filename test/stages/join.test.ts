import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { joinStage } from '../../src/stages/join.ts';
import { attributesOf, plainRecord } from '../harness/batch.ts';
import { assertExample, optionErrors, processObjects } from './stage-fixture.ts';

test('the example of join holds', () => assertExample(joinStage));

for (const { name, list, expected } of [
  { name: 'puts lines together', list: '["a","b"]', expected: 'a\nb' },
  { name: 'decodes escapes', list: '["a\\"b","\\u00e9\\n"]', expected: 'a"b\né\n' },
  { name: 'takes white space for none', list: '[ "a" ,\t"b" ]', expected: 'a\nb' },
  {
    name: 'writes numbers by their digits',
    list: '[18446744073709551615,-1.50e3]',
    expected: '18446744073709551615\n-1.50e3',
  },
  { name: 'writes true and false', list: '[true,false]', expected: 'true\nfalse' },
  { name: 'leaves null out', list: '[null,"a",null,"b"]', expected: 'a\nb' },
  { name: 'keeps what is inside as JSON', list: '[{"a":[1,"x"]},[2,[]],"c"]', expected: '{"a":[1,"x"]}\n[2,[]]\nc' },
  { name: 'makes empty text of an empty list', list: '[]', expected: '' },
  { name: 'keeps empty texts', list: '["","",""]', expected: '\n\n' },
  { name: 'leaves an object alone', list: '{"a":1}', expected: { a: 1 } },
  { name: 'leaves text alone', list: '"[1]"', expected: '[1]' },
]) {
  test(`join ${name}`, () => {
    const batch = processObjects(joinStage, { fields: ['list', 'other'] }, [`{"list":${list},"z":[1]}`]);
    const record = plainRecord(batch, 0);
    assert.deepEqual(record.attributes, { list: expected, z: [1] });
    assert.equal(record.flags, 0);
  });
}

test('join() gives what Array#join() gives, wherever the record stands', () => {
  const lists = fc.array(fc.array(fc.string({ unit: 'binary' })), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(lists, (lists) => {
      const objects = lists.map((list) => JSON.stringify({ list }));
      const batch = processObjects(joinStage, { fields: ['list'], separator: ', ' }, objects);
      for (const [record, list] of lists.entries()) {
        const expected = list.map((text) => text.toWellFormed()).join(', ');
        assert.equal(attributesOf(batch, record)['list'], expected);
      }
    }),
  );
});

test('join refuses a long separator, with which a short line would take much memory', () => {
  const [error] = optionErrors(joinStage, { fields: ['a'], separator: '-'.repeat(17) });
  assert.equal(error?.message, 'Cannot join with a separator of more than 16 bytes');
});

test('join takes a MiB of empty texts', () => {
  const list = new Array(300_000).fill('');
  const batch = processObjects(joinStage, { fields: ['list'] }, [JSON.stringify({ list })]);
  assert.ok(attributesOf(batch, 0)['list'] === '\n'.repeat(299_999));
});
