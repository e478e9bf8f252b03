import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareNames, LabelSet } from '../../src/core/label-set.ts';

test('LabelSet.of() sorts by name, leaves empty values out, and takes the last of equal names', () => {
  const labels = LabelSet.of([
    ['b', '1'],
    ['a', '2'],
    ['gone', ''],
    ['b', '3'],
  ]);
  assert.deepEqual(
    [...labels],
    [
      ['a', '2'],
      ['b', '3'],
    ],
  );
  assert.equal(labels.get('b'), '3');
  assert.equal(labels.get('gone'), undefined);
});

test('LabelSet.of() gives equal ids for equal sets, in whatever order, and others for others', () => {
  const pairs = fc.uniqueArray(fc.tuple(fc.string(), fc.string({ minLength: 1 })), { selector: ([name]) => name });
  fc.assert(
    fc.property(pairs, pairs, (some, others) => {
      assert.equal(LabelSet.of(some).id, LabelSet.of([...some].reverse()).id);
      const isEqual = JSON.stringify([...LabelSet.of(some)]) === JSON.stringify([...LabelSet.of(others)]);
      assert.equal(LabelSet.of(some).id === LabelSet.of(others).id, isEqual);
    }),
  );
});

test('compareNames() orders by code points, not by UTF-16 units', () => {
  assert.deepEqual(['\u{1f600}', '\uffee', 'a'].sort(compareNames), ['a', '\uffee', '\u{1f600}']);
});
