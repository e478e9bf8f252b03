import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { closest } from '../../src/component/closest.ts';

const WORDS = ['include', 'exclude', 'start_at', 'max_record_size', 'type', 'to', 'from'];

describe('closest()', () => {
  for (const { wrong, expected } of [
    { wrong: 'include', expected: 'include' },
    { wrong: 'inclde', expected: 'include' },
    { wrong: 'includes', expected: 'include' },
    { wrong: 'inlcude', expected: 'include' },
    { wrong: 'INCLUDE', expected: 'include' },
    { wrong: 'startAt', expected: 'start_at' },
    { wrong: 'maxRecordSize', expected: 'max_record_size' },
    { wrong: 'form', expected: 'from' },
    { wrong: 'tpye', expected: 'type' },
    { wrong: 't', expected: 'to' },
    { wrong: 'endpoint', expected: undefined },
    { wrong: 'xyz', expected: undefined },
    { wrong: '', expected: undefined },
  ]) {
    test(`gives ${expected} for ${JSON.stringify(wrong)}`, () => assert.equal(closest(wrong, WORDS), expected));
  }

  test('gives nothing when there are no words', () => assert.equal(closest('a', []), undefined));

  test('gives the first of two that are equally near', () => assert.equal(closest('bat', ['cat', 'hat']), 'cat'));

  test('finds a word in spite of one wrong, missing, doubled or swapped letter', () => {
    const word = fc.string({ unit: fc.constantFrom(...'abcdefgh_'), minLength: 2, maxLength: 12 });
    const edits: ((word: string, at: number) => string)[] = [
      (word, at) => `${word.slice(0, at)}z${word.slice(at + 1)}`,
      (word, at) => word.slice(0, at) + word.slice(at + 1),
      (word, at) => word.slice(0, at + 1) + word.slice(at),
      (word, at) => word.slice(0, at) + (word[at + 1] ?? '') + word[at] + word.slice(at + 2),
    ];
    fc.assert(
      fc.property(word, fc.nat(11), fc.constantFrom(...edits), (word, at, edit) => {
        assert.equal(closest(edit(word, at % word.length), [word]), word);
      }),
    );
  });
});
