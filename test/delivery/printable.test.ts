import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quoteText } from '../../src/delivery/printable.ts';

for (const { name, text, expected } of [
  { name: 'keeps letters of all languages', text: 'größer 大 🙂', expected: '"größer 大 🙂"' },
  { name: 'escapes quotes and backslashes', text: 'a"b\\c', expected: '"a\\"b\\\\c"' },
  { name: 'escapes escape sequences and line ends', text: '\u001b[31mred\n', expected: '"\\u{1b}[31mred\\n"' },
  { name: 'escapes C1 controls and line separators', text: '\u009b\u2028', expected: '"\\u{9b}\\u{2028}"' },
  { name: 'escapes what turns the direction of text', text: '\u202eabc', expected: '"\\u{202e}abc"' },
  { name: 'escapes lone surrogates', text: '\ud800', expected: '"\\u{d800}"' },
]) {
  test(`quoteText() ${name}`, () => assert.equal(quoteText(text), expected));
}

test('quoteText() is bounded and printable, whatever the text', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 100 }), (codes) => {
      const text = String.fromCodePoint(...codes);
      const quoted = quoteText(text, 20);
      assert.ok(quoted.length <= 20 * 10 + 3);
      assert.doesNotMatch(quoted, /[\p{C}\p{Zl}\p{Zp}]/u);
    }),
  );
});
