import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isPrintable, printable, printableJson, quoteText } from '../../src/core/printable.ts';

for (const { name, text, expected } of [
  {
    name: 'keeps text of every script',
    text: 'a é € 漢 😀 \u00a0 👩\u200d🚀',
    expected: 'a é € 漢 😀 \u00a0 👩\u200d🚀',
  },
  { name: 'keeps a backslash', text: 'C:\\temp', expected: 'C:\\temp' },
  { name: 'shows ends of lines and tabs by their letters', text: 'a\r\n\tb', expected: 'a\\r\\n\\tb' },
  { name: 'shows escape sequences', text: '\u001b[31mred', expected: '\\u001b[31mred' },
  { name: 'shows NUL, DEL and C1', text: '\0\u007f\u0080\u009b', expected: '\\u0000\\u007f\\u0080\\u009b' },
  { name: 'shows line separators of Unicode', text: '\u2028\u2029', expected: '\\u2028\\u2029' },
  {
    name: 'shows what turns the direction of text',
    text: '\u202a\u202e\u2066\u200f',
    expected: '\\u202a\\u202e\\u2066\\u200f',
  },
  { name: 'shows what is invisible', text: '\ufeff\u200b\u{e0001}', expected: '\\ufeff\\u200b\\U000e0001' },
  { name: 'shows lone surrogates', text: '\ud800a\udfff', expected: '\\ud800a\\udfff' },
]) {
  test(`printable() ${name}`, () => {
    assert.equal(printable(text), expected);
    assert.equal(isPrintable(text), text === expected);
  });
}

test('printableJson() keeps the value of any JSON', () => {
  const texts = fc.array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 50 });
  fc.assert(
    fc.property(texts, (codes) => {
      const value = { [String.fromCodePoint(...codes)]: String.fromCodePoint(...codes) };
      const json = printableJson(JSON.stringify(value));
      assert.ok(isPrintable(json));
      assert.deepEqual(JSON.parse(json), value);
    }),
  );
});

test('quoteText() escapes quotes and backslashes', () => {
  assert.equal(quoteText('a"b\\c\u001b\n'), '"a\\"b\\\\c\\u001b\\n"');
});

test('quoteText() is bounded and printable, whatever the text', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 100 }), (codes) => {
      const quoted = quoteText(String.fromCodePoint(...codes), 20);
      assert.ok(quoted.length <= 20 * 10 + 3);
      assert.ok(isPrintable(quoted));
    }),
  );
});
