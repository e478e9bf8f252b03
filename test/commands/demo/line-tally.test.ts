import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineTally } from '../../../src/commands/demo/line-tally.ts';

test('LineTally counts each line once, in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100_000 })), (lines) => {
      const tally = new LineTally();
      for (const line of lines) assert.equal(tally.add(line), true);
      const distinct = new Set(lines).size;
      assert.deepEqual([tally.distinct, tally.repeats], [distinct, lines.length - distinct]);
    }),
  );
});

for (const line of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 30]) {
  test(`LineTally#add() does not take ${line} for a line number`, () => {
    const tally = new LineTally();
    assert.equal(tally.add(line), false);
    assert.deepEqual([tally.distinct, tally.repeats], [0, 0]);
  });
}
