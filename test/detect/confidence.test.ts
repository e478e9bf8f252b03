import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { confidenceOf } from '../../src/detect/confidence.ts';

for (const { name, fitting, records, rival = 0, most = 1, expected } of [
  { name: 'high for many lines that all fit', fitting: 100, records: 100, expected: 'high 0.99' },
  { name: 'high for ten', fitting: 10, records: 10, expected: 'high 0.91' },
  { name: 'medium for a few', fitting: 3, records: 3, expected: 'medium 0.75' },
  { name: 'medium for one', fitting: 1, records: 1, expected: 'medium 0.5' },
  { name: 'medium when a fifth does not fit', fitting: 80, records: 100, expected: 'medium 0.76' },
  { name: 'low for a quarter', fitting: 25, records: 100, expected: 'low 0.21' },
  { name: 'nothing for a few of many', fitting: 2, records: 100, expected: undefined },
  { name: 'nothing for no line', fitting: 0, records: 0, expected: undefined },
  {
    name: 'medium when as many lines fit something else',
    fitting: 100,
    records: 100,
    rival: 1,
    expected: 'medium 0.5',
  },
  { name: 'medium when nearly as many do', fitting: 100, records: 100, rival: 0.8, expected: 'medium 0.69' },
  { name: 'high when half as many do', fitting: 100, records: 100, rival: 0.5, expected: 'high 0.99' },
  { name: 'no more than is possible', fitting: 100, records: 100, most: 0.8, expected: 'medium 0.8' },
]) {
  test(`confidenceOf() is ${name}`, () => {
    const confidence = confidenceOf(fitting, records, { rival, most });
    assert.equal(confidence && `${confidence.level} ${confidence.value}`, expected);
  });
}

test('confidenceOf() does not fall when more of the same lines come, and rises with none that does not fit', () => {
  const counts = fc.tuple(fc.nat(200), fc.nat(200), fc.integer({ min: 2, max: 9 }));
  fc.assert(
    fc.property(counts, ([fitting, others, times]) => {
      const value = (fitting: number, records: number): number => confidenceOf(fitting, records)?.value ?? 0;
      const records = fitting + others;
      assert.ok(value(times * fitting, times * records) >= value(fitting, records));
      assert.ok(value(fitting, records + 1) <= value(fitting, records));
    }),
  );
});
