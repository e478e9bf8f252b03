import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { KeyTable } from '../../src/core/key-table.ts';

describe('KeyTable', () => {
  test('intern() gives equal keys one id and others another, like a Map, whatever stands around them', () => {
    const key = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom('', 'a', 'ab', 'level', 'message'),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(key, key), { maxLength: 200 }), (pairs) => {
        const table = new KeyTable();
        const model = new Map<string, number>();
        for (const [text, noise] of pairs) {
          const wellFormed = text.toWellFormed();
          if (!model.has(wellFormed)) model.set(wellFormed, model.size);
          const bytes = Buffer.from(noise + wellFormed + noise);
          const start = Buffer.byteLength(noise);
          const end = start + Buffer.byteLength(wellFormed);
          assert.equal(table.intern(bytes, start, end), model.get(wellFormed));
        }
        assert.equal(table.count, model.size);
        for (const [text, id] of model) {
          assert.equal(table.text(id), text);
          assert.deepEqual(table.bytes(id), Buffer.from(text));
          assert.ok(table.equals(id, Buffer.from(text), 0, Buffer.byteLength(text)));
        }
      }),
    );
  });

  test('intern() keeps ids while its arrays grow, up to the limit', () => {
    const table = new KeyTable(5000);
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 5000; i++) assert.equal(table.internText(`key-${i}`), i);
    }
    assert.equal(table.count, 5000);
    for (let i = 0; i < 5000; i++) assert.equal(table.text(i), `key-${i}`);
  });

  test('intern() takes keys longer than all of its memory', () => {
    const table = new KeyTable();
    const long = 'x'.repeat(100_000);
    const before = table.internText('before');
    const id = table.internText(long);
    assert.equal(table.internText(long), id);
    assert.equal(table.text(id), long);
    assert.equal(table.text(before), 'before');
  });

  test('internText() has room for keys of a configuration that comes when the table is full', () => {
    const table = new KeyTable(2);
    for (const key of ['a', 'b', 'c']) table.intern(Buffer.from(key), 0, 1);
    assert.deepEqual([table.internText('d'), table.internText('e'), table.internText('d')], [2, 3, 2]);
    assert.equal(table.intern(Buffer.from('d'), 0, 1), 2);
    assert.throws(() => table.internText('f'), RangeError);
  });

  test('intern() answers -1 for a new key when the table is full, and still knows the old ones', () => {
    const table = new KeyTable(2);
    table.internText('a');
    table.internText('b');
    assert.equal(table.intern(Buffer.from('c'), 0, 1), -1);
    assert.equal(table.intern(Buffer.from('b'), 0, 1), 1);
    assert.equal(table.count, 2);
  });

  test('internText() throws when the table is full, and names the key', () => {
    const table = new KeyTable(0);
    assert.throws(() => table.internText('a"b'), {
      name: 'RangeError',
      message: 'Cannot intern key "a\\"b": table holds 0 keys',
    });
  });

  test('equals() tells a key from its prefix and from one of the same length', () => {
    const table = new KeyTable();
    const id = table.internText('level');
    for (const [other, expected] of [
      ['level', true],
      ['leve', false],
      ['levels', false],
      ['lever', false],
      ['', false],
    ] as const) {
      assert.equal(table.equals(id, Buffer.from(other), 0, other.length), expected, other);
    }
  });
});
