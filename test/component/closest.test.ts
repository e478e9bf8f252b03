import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closest } from '../../src/component/closest.ts';

const WORDS = ['include', 'exclude', 'start_at', 'to', 'ca_file', 'key_one', 'key_two'];

for (const { name, wrong, expected } of [
  { name: 'finds a word with two letters swapped', wrong: 'inculde', expected: 'include' },
  { name: 'finds a word with a letter missing', wrong: 'exlude', expected: 'exclude' },
  { name: 'finds a word with a letter too many', wrong: 'too', expected: 'to' },
  { name: 'finds a word with a letter replaced', wrong: 'start-at', expected: 'start_at' },
  { name: 'finds a word whatever the case', wrong: 'CaFile', expected: 'ca_file' },
  { name: 'prefers the nearest', wrong: 'enclude', expected: 'include' },
  { name: 'finds a word by its first part', wrong: 'start', expected: 'start_at' },
  { name: 'finds a word by its last part', wrong: 'file', expected: 'ca_file' },
  { name: 'finds a word that has something behind it', wrong: 'include_many_paths', expected: 'include' },
  { name: 'finds nothing by a part of several words', wrong: 'key', expected: undefined },
  { name: 'finds nothing that is far', wrong: 'multiline', expected: undefined },
  { name: 'finds nothing for the empty word', wrong: '', expected: undefined },
  { name: 'looks at no long word', wrong: 'x'.repeat(1_000_000), expected: undefined },
])
  test(`closest() ${name}`, () => assert.equal(closest(wrong, WORDS), expected));

test('closest() finds nothing among no words', () => assert.equal(closest('a', []), undefined));
