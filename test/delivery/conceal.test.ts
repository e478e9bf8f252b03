import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conceal, secretsOfHeaders } from '../../src/delivery/conceal.ts';

for (const { name, text, secrets, expected } of [
  {
    name: 'takes out each secret, wherever it stands',
    text: 'bad abcd, again abcd',
    secrets: ['abcd'],
    expected: 'bad [secret], again [secret]',
  },
  {
    name: 'takes the longer of two first',
    text: 'user:abcdef',
    secrets: ['abcd', 'abcdef'],
    expected: 'user:[secret]',
  },
  { name: 'leaves what is too short to be told from words', text: 'a cat', secrets: ['a'], expected: 'a cat' },
  {
    name: 'takes characters of patterns for what they are',
    text: 'x a.c+ y',
    secrets: ['a.c+'],
    expected: 'x [secret] y',
  },
])
  test(`conceal() ${name}`, () => assert.equal(conceal(text, secrets), expected));

test('secretsOfHeaders() takes values by the names of headers, and what stands behind a scheme', () => {
  const headers = { authorization: 'Bearer abc', 'X-Api-Key': 'k1', 'x-scope-orgid': 'tenant', cookie: 'a=b' };
  assert.deepEqual(secretsOfHeaders(headers), ['Bearer abc', 'abc', 'k1', 'a=b']);
});
