import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { unescapeInto } from '../../../src/codec/json/unescape.ts';

function decoded(text: string): string {
  const bytes = Buffer.from(text);
  const target = Buffer.alloc(bytes.length, 0xff);
  return target.toString('utf8', 0, unescapeInto(bytes, 0, bytes.length, target, 0));
}

for (const { name, input, expected } of [
  { name: 'keeps text without escapes', input: 'plain ü 😀', expected: 'plain ü 😀' },
  { name: 'decodes each short escape', input: '\\"\\\\\\/\\b\\f\\n\\r\\t', expected: '"\\/\b\f\n\r\t' },
  { name: 'decodes code points of one to three bytes', input: '\\u0041\\u00e9\\u20AC', expected: 'Aé€' },
  { name: 'decodes NUL', input: 'a\\u0000b', expected: 'a\0b' },
  { name: 'joins surrogate pairs', input: '\\ud83d\\uDE00', expected: '😀' },
  { name: 'replaces a lone high surrogate', input: '\\ud83dx', expected: '\ufffdx' },
  { name: 'replaces a lone low surrogate', input: '\\ude00x', expected: '\ufffdx' },
  { name: 'replaces a high surrogate at the end', input: 'x\\ud83d', expected: 'x\ufffd' },
  { name: 'decodes what follows a lone high surrogate', input: '\\ud83d\\u0041', expected: '\ufffdA' },
  { name: 'pairs the second of two high surrogates', input: '\\ud83d\\ud83d\\ude00', expected: '\ufffd😀' },
]) {
  test(`unescapeInto() ${name}`, () => assert.equal(decoded(input), expected));
}

test('unescapeInto() reads nothing behind the end', () => {
  const bytes = Buffer.from('\\ud83d\\ude00');
  const target = Buffer.alloc(12);
  assert.equal(target.toString('utf8', 0, unescapeInto(bytes, 0, 6, target, 0)), '\ufffd');
});

/** Every string as JSON with as many escapes as chance wants. */
const jsonText = fc
  .array(fc.tuple(fc.string({ unit: 'binary', minLength: 0, maxLength: 4 }), fc.boolean()), { maxLength: 20 })
  .map((parts) =>
    parts
      .map(([text, escaped]) =>
        escaped
          ? Array.from(
              { length: text.length },
              (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`,
            ).join('')
          : JSON.stringify(text.toWellFormed()).slice(1, -1),
      )
      .join(''),
  );

test('unescapeInto() agrees with JSON.parse, also in place', () => {
  fc.assert(
    fc.property(jsonText, (text) => {
      const expected = (JSON.parse(`"${text}"`) as string).toWellFormed();
      const bytes = Buffer.from(text);
      assert.equal(decoded(text), expected);
      const end = unescapeInto(bytes, 0, bytes.length, bytes, 0);
      assert.ok(end <= bytes.length);
      assert.equal(bytes.toString('utf8', 0, end), expected);
    }),
  );
});
