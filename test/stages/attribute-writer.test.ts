import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyTable } from '../../src/core/key-table.ts';
import { ValueType } from '../../src/core/value-type.ts';
import { AttributeWriter } from '../../src/stages/attribute-writer.ts';
import { attributesOf, batchOf } from '../harness/batch.ts';

const names = fc.constantFrom('a', 'b', 'c', 'd', 'e');

for (const { name, maxKeys } of [
  { name: 'keys of the table', maxKeys: 100 },
  { name: 'keys that the table has no room for', maxKeys: 2 },
]) {
  test(`AttributeWriter keeps the last value of each key and replaces older ones: ${name}`, () => {
    fc.assert(
      fc.property(fc.uniqueArray(names), fc.array(fc.array(names)), (before, records) => {
        const batch = batchOf([...records.map(() => ''), 'abcde'], new KeyTable(maxKeys));
        const at = batch.bodyStart[records.length]!;
        const keyOf = (letter: string): number => {
          const start = at + 'abcde'.indexOf(letter);
          return batch.internKey(start, start + 1);
        };
        const writer = new AttributeWriter();
        for (const [record, letters] of records.entries()) {
          const expected: Record<string, unknown> = {};
          for (const letter of before) {
            batch.addSpan(record, keyOf(letter), ValueType.String, at, at + 1);
            expected[letter] = 'a';
          }
          writer.begin(batch, record);
          for (const [i, letter] of letters.entries()) {
            const start = batch.appendText(String(i));
            writer.set(batch, record, keyOf(letter), ValueType.Int, start, batch.byteLength);
            expected[letter] = i;
          }
          writer.finish(batch, record);
          assert.deepEqual(attributesOf(batch, record), expected);
          const added = batch.addSpan(record, keyOf('a'), ValueType.True, 0, 0);
          assert.equal(batch.lastAttribute[record], added);
        }
      }),
    );
  });
}
