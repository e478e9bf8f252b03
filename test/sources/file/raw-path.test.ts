import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fsPath, pathOf } from '../../../src/sources/file/raw-path.ts';

test('DSC-07 fsPath() has the bytes back of any name', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const path = pathOf(Buffer.from(bytes));
      assert.deepEqual(Buffer.from(fsPath(path)), Buffer.from(bytes));
    }),
  );
});

for (const { name, bytes, expected } of [
  { name: 'keeps text of every script', bytes: Buffer.from('a é 漢 😀'), expected: 'a é 漢 😀' },
  { name: 'keeps bytes apart that are no text', bytes: Buffer.from('a\xff\xfe', 'latin1'), expected: 'a\udcff\udcfe' },
  { name: 'keeps the text around them', bytes: Buffer.of(0xc3, 0xa9, 0xc3, 0x28), expected: 'é\udcc3(' },
  { name: 'takes encoded surrogates for bytes', bytes: Buffer.of(0xed, 0xb2, 0x80), expected: '\udced\udcb2\udc80' },
]) {
  test(`DSC-07 pathOf() ${name}`, () => assert.equal(pathOf(bytes), expected));
}
