import assert from 'node:assert/strict';
import { test } from 'node:test';
import { visible } from '../../../src/sinks/console/visible.ts';

for (const { name, text, expected } of [
  { name: 'keeps text of every script', text: 'a é € 漢 😀 \u00a0 \u200d', expected: 'a é € 漢 😀 \u00a0 \u200d' },
  { name: 'keeps a backslash', text: 'C:\\temp', expected: 'C:\\temp' },
  { name: 'shows ends of lines and tabs by their letters', text: 'a\r\n\tb', expected: 'a\\r\\n\\tb' },
  { name: 'shows escape sequences', text: '\u001b[31mred', expected: '\\x1b[31mred' },
  { name: 'shows NUL, DEL and C1', text: '\0\u007f\u0080\u009b\u009f', expected: '\\x00\\x7f\\x80\\x9b\\x9f' },
  { name: 'shows line ends of Unicode', text: '\u2028\u2029', expected: '\\u2028\\u2029' },
  { name: 'shows bidirectional overrides', text: '\u202a\u202e', expected: '\\u202a\\u202e' },
  { name: 'shows bidirectional isolates', text: '\u2066\u2069', expected: '\\u2066\\u2069' },
]) {
  test(`visible() ${name}`, () => assert.equal(visible(text), expected));
}
