import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBuffer } from '../../../src/bytes/byte-buffer.ts';
import { appendJsonString, appendJsonText } from '../../../src/codec/json/write-string.ts';
import { hostileText } from '../../harness/json-model.ts';

function jsonString(text: string): string {
  const out = new ByteBuffer(1);
  appendJsonText(out, text);
  return out.written().toString();
}

for (const { name, text, expected } of [
  { name: 'keeps plain text', text: 'plain ü € 😀', expected: '"plain ü € 😀"' },
  { name: 'escapes quotes and backslashes, not slashes', text: '"\\/', expected: '"\\"\\\\/"' },
  { name: 'uses the short escapes', text: '\b\f\n\r\t', expected: '"\\b\\f\\n\\r\\t"' },
  { name: 'escapes other C0 characters and DEL', text: '\0\u001b\u007f', expected: '"\\u0000\\u001b\\u007f"' },
  { name: 'escapes C1 characters', text: '\u0080\u009b\u009f\u00a0', expected: '"\\u0080\\u009b\\u009f\u00a0"' },
  { name: 'escapes line ends of Unicode', text: '\u2027\u2028\u2029', expected: '"\u2027\\u2028\\u2029"' },
  { name: 'escapes bidirectional overrides', text: '\u202a\u202e\u202f', expected: '"\\u202a\\u202e\u202f"' },
  { name: 'escapes isolates', text: '\u2065\u2066\u2069\u206a', expected: '"\u2065\\u2066\\u2069\u206a"' },
  { name: 'replaces lone surrogates', text: 'a\ud800b', expected: '"a\ufffdb"' },
]) {
  test(`appendJsonString() ${name}`, () => assert.equal(jsonString(text), expected));
}

test('appendJsonString() writes what JSON.parse reads back, with nothing in it that drives a terminal', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const written = jsonString(text);
      assert.equal(JSON.parse(written), text.toWellFormed());
      assert.doesNotMatch(written, /[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/);
    }),
  );
});

test('appendJsonString() takes the span alone, and keeps what was written before', () => {
  const out = new ByteBuffer(4);
  out.append(Buffer.from('before'));
  appendJsonString(out, Buffer.from('a\x01b\x01c'), 1, 4);
  assert.equal(out.written().toString(), 'before"\\u0001b\\u0001"');
});
