import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SeverityTable } from '../../../src/stages/severity/severity-table.ts';

function find(table: SeverityTable, word: string): number {
  // Letters on both sides show whether it looks beyond the span.
  const bytes = Buffer.from(`xx${word}xx`);
  return table.find(bytes, 2, bytes.length - 2);
}

const small = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const capital = (text: string): string => text.replace(/[a-z]/g, (letter) => letter.toUpperCase());

test('SeverityTable.find() finds what a map of small letters finds', () => {
  const name = fc.oneof(fc.string({ maxLength: 3 }), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }));
  const entries = fc.array(fc.tuple(name, fc.integer({ min: 1, max: 24 })), { maxLength: 80 });
  fc.assert(
    fc.property(entries, fc.array(name), (entries, others) => {
      const table = new SeverityTable(entries);
      const map = new Map(entries.map(([name, number]) => [small(name), number]));
      for (const word of [...entries.map(([name]) => name), ...others]) {
        for (const written of [word, small(word), capital(word), word.slice(1), `${word}a`]) {
          assert.equal(find(table, written), map.get(small(written)) ?? 0, JSON.stringify(written));
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('SeverityTable.find() finds nothing in a table without entries', () => {
  assert.deepEqual([find(new SeverityTable([]), ''), find(new SeverityTable([]), 'info')], [0, 0]);
});

test('SeverityTable.find() folds ASCII letters only', () => {
  const table = new SeverityTable([
    ['a[', 1],
    ['ä', 2],
  ]);
  assert.deepEqual(
    ['A[', 'A{', 'a{', 'ä', 'Ä'].map((word) => find(table, word)),
    [1, 0, 0, 2, 0],
  );
});
