import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LabelRow } from '../../src/core/label-row.ts';
import { LabelSet } from '../../src/core/label-set.ts';

const names = fc.uniqueArray(fc.string({ maxLength: 4, unit: 'grapheme' }), { maxLength: 40 });

test('LabelRow.of() makes the set that the pairs make, and sets with the same labels share their names', () => {
  const rows = names.chain((row) =>
    fc.tuple(
      fc.constant(row),
      fc.array(fc.array(fc.constantFrom('', 'a', 'é'), { minLength: row.length, maxLength: row.length }), {
        maxLength: 5,
      }),
    ),
  );
  fc.assert(
    fc.property(rows, ([row, sets]) => {
      const maker = new LabelRow(row);
      for (const values of sets) {
        const made = maker.of(values);
        assert.deepEqual(made, LabelSet.of(row.map((name, i) => [name, values[i]!])));
        if (row.length <= 30 && made.size > 0) assert.equal(maker.of(values).names, made.names);
      }
    }),
  );
});
