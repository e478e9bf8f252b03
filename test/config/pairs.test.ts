import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePairs } from '../../src/config/pairs.ts';

for (const { name, text, expected } of [
  { name: 'reads one pair', text: 'a=1', expected: { a: '1' } },
  { name: 'reads several, with white space around them', text: ' a = 1 , b=2 ', expected: { a: '1', b: '2' } },
  { name: 'decodes keys and values', text: 'a%2Cb=Bearer%20x%3D%2c%C3%A4', expected: { 'a,b': 'Bearer x=,ä' } },
  { name: 'keeps "=", ";", "+" and spaces inside a value', text: 'a=b=c;d e+f', expected: { a: 'b=c;d e+f' } },
  { name: 'reads an empty value', text: 'a=', expected: { a: '' } },
  { name: 'passes over empty items', text: ',a=1,,', expected: { a: '1' } },
  { name: 'takes the last of equal keys', text: 'a=1,a=2', expected: { a: '2' } },
  { name: 'reads nothing out of nothing', text: '', expected: {} },
])
  test(`parsePairs() ${name}`, () => {
    const parsed = parsePairs(text);
    assert.deepEqual(parsed.ok ? Object.fromEntries(parsed.pairs) : parsed.message, expected);
  });

for (const { name, text, message } of [
  { name: 'an item without "="', text: 'a=1,secret', message: 'Item 2 of the list has no "="' },
  { name: 'a header as HTTP writes it', text: 'authorization: Bearer x', message: 'Item 1 of the list has no "="' },
  { name: 'an empty key', text: '=secret', message: 'Item 1 of the list has no key that can be read' },
  { name: 'a key that is badly encoded', text: '%zz=1', message: 'Item 1 of the list has no key that can be read' },
  {
    name: 'a value that is badly encoded',
    text: 'a=1,b=50%',
    message: 'The value of "b" has a "%" that encodes nothing',
  },
  { name: 'a value that is no UTF-8', text: 'a=%ff', message: 'The value of "a" has a "%" that encodes nothing' },
])
  test(`parsePairs() refuses ${name}, and shows no value`, () => {
    const parsed = parsePairs(text);
    assert.equal(parsed.ok ? 'read' : parsed.message, message);
  });
