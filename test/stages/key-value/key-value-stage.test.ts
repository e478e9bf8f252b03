import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { keyValueStage } from '../../../src/stages/key-value/index.ts';
import { attributesOf, plainRecord } from '../../harness/batch.ts';
import { cpuMsOf } from '../../harness/cpu-time.ts';
import { assertExample, optionErrors, processTexts } from '../stage-fixture.ts';

test('the example of key_value holds', () => assertExample(keyValueStage));

const COLON = { key_separator: ':' };
const BLANK = { pair_separator: ' ' };

for (const { name, line, options, expected } of [
  { name: 'pairs', line: 'a=1,b=2', expected: { a: '1', b: '2' } },
  { name: 'blanks around everything', line: ' a = 1 ,\tb= x y ', expected: { a: '1', b: 'x y' } },
  { name: 'separators that follow each other', line: ',,a=1, ,b=2,', expected: { a: '1', b: '2' } },
  { name: 'quotes', line: `a="x,y", 'b c'='d=e' ,"f"=`, expected: { a: 'x,y', 'b c': 'd=e', f: '' } },
  { name: 'escapes in quotes', line: String.raw`a="x\"y\n",b='it\'s'`, expected: { a: 'x"y\n', b: "it's" } },
  { name: 'the first separator of a key', line: 'a=b=c', expected: { a: 'b=c' } },
  { name: 'a key without a value', line: 'a, b=1, c=', expected: { a: '', b: '1', c: '' } },
  { name: 'a value that goes on behind its quotes', line: 'a="b" c, d="e', expected: { a: '"b" c', d: '"e' } },
  { name: 'the last value of a key that comes twice', line: 'a=1,a=2', expected: { a: '2' } },
  {
    name: 'pairs that blanks separate',
    line: 'a=1  b=2\tc',
    options: { pair_separator: [' ', '\t'] },
    expected: { a: '1', b: '2', c: '' },
  },
  {
    name: 'a key whose value is missing',
    line: 'foo= bar= tar=data',
    options: BLANK,
    expected: { foo: '', bar: '', tar: 'data' },
  },
  {
    name: 'a value behind a blank',
    line: 'zork: zoog nonk : nink',
    options: { ...BLANK, ...COLON },
    expected: { zork: 'zoog', nonk: 'nink' },
  },
  {
    name: 'longer separators',
    line: 'a->1||b-> 2|3',
    options: { pair_separator: '||', key_separator: '->' },
    expected: { a: '1', b: '2|3' },
  },
  {
    name: 'the longer of two separators',
    line: 'a:=1,b:2',
    options: { key_separator: [':', ':='] },
    expected: { a: '1', b: '2' },
  },
  {
    name: 'lines',
    line: 'To: tom\nCc: "tim" \n',
    options: { pair_separator: '\n', ...COLON },
    expected: { To: 'tom', Cc: 'tim' },
  },
  { name: 'an apostrophe without end', line: `a='tis, b="x, y"`, expected: { a: "'tis", b: 'x, y' } },
  { name: 'nothing', line: ' ', expected: {} },
  {
    name: 'types',
    line: 'a=1, b=1.5, c=true, d="2", e=x',
    options: { types: true },
    expected: { a: 1, b: 1.5, c: true, d: '2', e: 'x' },
  },
]) {
  test(`key_value reads ${name}`, () => {
    const batch = processTexts(keyValueStage, options ?? {}, [line]);
    assert.deepEqual(batch.failures, []);
    assert.deepEqual(attributesOf(batch), expected);
  });
}

for (const { name, line, why } of [
  { name: 'text', line: 'it went wrong', why: 'no key with a value' },
  { name: 'a value without a key', line: 'a=1,=2', why: 'no key where one must be' },
  { name: 'an empty key in quotes', line: '""=2', why: 'no key where one must be' },
  { name: 'an unknown escape', line: 'a="\\q"', why: 'an unknown escape' },
]) {
  test(`key_value leaves a record as it was that holds ${name}`, () => {
    const batch = processTexts(keyValueStage, {}, [line, '"=1']);
    assert.deepEqual(batch.failures[0], { record: 0, reason: why });
    assert.deepEqual(attributesOf(batch), {});
  });
}

const corpus = join(import.meta.dirname, '../../../../shared/corpora/vector/vrl-parse/key_value.json');
const missing = existsSync(corpus) ? false : 'the corpus shared/corpora/vector is not there';

interface VectorCase {
  readonly name: string;
  readonly args: { readonly value: string; readonly key_value_delimiter?: string; readonly field_delimiter?: string };
  readonly ok?: Readonly<Record<string, string | string[]>>;
}

test("key_value reads what Vector's tests read", { skip: missing }, () => {
  for (const { name, args, ok } of JSON.parse(readFileSync(corpus, 'utf8')) as VectorCase[]) {
    const { value, key_value_delimiter: key_separator = '=', field_delimiter: pair_separator = ' ' } = args;
    const batch = processTexts(keyValueStage, { key_separator, pair_separator }, [value]);
    assert.equal(batch.failures.length, ok === undefined ? 1 : 0, name);
    // Unlike Vector's, escapes are decoded, and of a key that comes twice the last value counts.
    const expected = Object.entries(ok ?? {}).map(([key, text]) => [
      key,
      Array.isArray(text) ? text.at(-1) : text.replaceAll('\\"', '"'),
    ]);
    assert.deepEqual(attributesOf(batch), Object.fromEntries(expected), name);
  }
});

test('key_value reads back what was written', () => {
  const word = fc.string({ unit: 'grapheme', minLength: 1 });
  fc.assert(
    fc.property(fc.array(fc.tuple(word, fc.string({ unit: 'grapheme' })), { minLength: 1 }), (pairs) => {
      const line = pairs.map(([key, value]) => `${JSON.stringify(key)} = ${JSON.stringify(value)}`).join(' , ');
      const batch = processTexts(keyValueStage, {}, [line]);
      assert.deepEqual(Object.entries(attributesOf(batch)).sort(), Object.entries(Object.fromEntries(pairs)).sort());
    }),
  );
});

test('key_value never throws and reads a line the same at every place', () => {
  const piece = fc.oneof(
    fc.constantFrom('a', '=', '"', "'", '\\', ' ', ',', ':', '\0', 'ü'),
    fc.string({ maxLength: 3 }),
  );
  const anyLine = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  const anyOptions = fc.constantFrom({}, BLANK, { key_separator: [':', '='], pair_separator: [' ', ','] });
  fc.assert(
    fc.property(fc.array(anyLine, { minLength: 1, maxLength: 5 }), anyOptions, (lines, options) => {
      const batch = processTexts(keyValueStage, options, lines);
      for (const [i, line] of lines.entries()) {
        assert.deepEqual(plainRecord(batch, i), plainRecord(processTexts(keyValueStage, options, [line]), 0));
      }
    }),
  );
});

for (const { name, line, options } of [
  { name: 'words', line: 'a '.repeat(500_000), options: BLANK },
  { name: 'open quotes', line: 'a\\",'.repeat(250_000), options: { key_separator: '\\' } },
  { name: 'empty values', line: 'a= '.repeat(330_000), options: BLANK },
  { name: 'blanks', line: `a=1${' '.repeat(1_000_000)}b`, options: {} },
  { name: 'blanks between keys', line: `a${' '.repeat(500)}`.repeat(2_000), options: BLANK },
  { name: 'keys, all different', line: Array.from({ length: 100_000 }, (_, i) => `k${i}=v`).join(','), options: {} },
]) {
  test(`key_value reads a megabyte of ${name} in less than a second`, () => {
    assert.ok(cpuMsOf(() => processTexts(keyValueStage, options, [line])) < 1000);
  });
}

test('key_value refuses one text for both separators', () => {
  const errors = optionErrors(keyValueStage, { pair_separator: [',', ':'], key_separator: ':' });
  assert.deepEqual(
    errors.map((error) => error.path),
    [['pair_separator']],
  );
});
