import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { logfmtStage } from '../../../src/stages/logfmt/index.ts';
import { attributesOf, plainRecord } from '../../harness/batch.ts';
import { cpuMsOf } from '../../harness/cpu-time.ts';
import { assertExample, optionErrors, processObjects, processTexts } from '../stage-fixture.ts';

test('the example of logfmt holds', () => assertExample(logfmtStage));

for (const { name, line, options, expected } of [
  { name: 'pairs', line: 'a=1 b=x', expected: { a: '1', b: 'x' } },
  { name: 'a quoted value', line: 'a="b c" d=e', expected: { a: 'b c', d: 'e' } },
  { name: 'keys without a value', line: 'a b= c=1', expected: { a: '', b: '', c: '1' } },
  { name: 'the last value of a key that comes twice', line: 'a=1 b=2 a=3', expected: { a: '3', b: '2' } },
  { name: 'blanks of all kinds', line: ' \t a=1 \u001e  b=2\r', expected: { a: '1', b: '2' } },
  {
    name: 'the escapes of JSON',
    line: String.raw`a="\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00"`,
    expected: { a: '"\\/\b\f\n\r\tä😀' },
  },
  { name: 'the escapes of Go', line: String.raw`a="\a\v\'\x1b[0m\U0001f600"`, expected: { a: "\x07\v'\x1b[0m😀" } },
  {
    name: 'half a pair as U+FFFD',
    line: String.raw`a="\ud83d" b="\ud83d\u0041"`,
    expected: { a: '\ufffd', b: '\ufffdA' },
  },
  {
    name: 'bytes that are no UTF-8 as they were written',
    line: String.raw`a="\xff\n"`,
    expected: { a: String.raw`\xff\n` },
  },
  { name: 'bytes that are UTF-8', line: String.raw`a="\xc3\xa4"`, expected: { a: 'ä' } },
  { name: 'an equals sign in a value', line: 'url=/a?b=c x==', expected: { url: '/a?b=c', x: '=' } },
  { name: 'a quote in a value', line: 'a=b"c d="e"f=g', expected: { a: 'b"c', d: 'e', f: 'g' } },
  { name: 'a line end in quotes', line: 'a="b\nc"', expected: { a: 'b\nc' } },
  { name: 'nothing', line: '  ', expected: {} },
  { name: 'numbers as texts', line: 'a=1 b=1.5 c=true', expected: { a: '1', b: '1.5', c: 'true' } },
  {
    name: 'types where they are wanted',
    line: 'a=1 b=-1.5e3 c=true d=false e=007 f=1_000 g="1" h=tru i=null j=- k=9223372036854775808 l=',
    options: { types: true },
    expected: {
      a: 1,
      b: -1500,
      c: true,
      d: false,
      e: '007',
      f: '1_000',
      g: '1',
      h: 'tru',
      i: 'null',
      j: '-',
      k: '9223372036854775808',
      l: '',
    },
  },
]) {
  test(`logfmt reads ${name}`, () => {
    const batch = processTexts(logfmtStage, options ?? {}, [line]);
    assert.deepEqual(batch.failures, []);
    assert.deepEqual(attributesOf(batch), expected);
  });
}

for (const { name, line, why } of [
  { name: 'no pair', line: 'panic: it went wrong', why: 'no key with a value' },
  { name: 'a value without a key', line: 'a=1 =b', why: 'no key where one must be' },
  { name: 'a quoted key', line: '"a"=b', why: 'no key where one must be' },
  { name: 'a quote in a key', line: 'a=1 k"y=b', why: 'no key where one must be' },
  { name: 'a value without end', line: 'a=1 b="c', why: 'no closing quote' },
  { name: 'a value that ends with a backslash', line: 'a="b\\', why: 'no closing quote' },
  { name: 'a broken escape', line: 'a="\\u12"', why: 'an unknown escape' },
  { name: 'an unknown escape', line: 'a="\\q"', why: 'an unknown escape' },
  { name: 'a code point beyond Unicode', line: 'a="\\U00110000"', why: 'an unknown escape' },
]) {
  test(`logfmt leaves a record as it was that holds ${name}`, () => {
    const batch = processTexts(logfmtStage, {}, [line, '" x=y"']);
    assert.deepEqual(batch.failures[0], { record: 0, reason: why });
    assert.deepEqual(attributesOf(batch), {});
  });
}

test('logfmt replaces an attribute of the same name, and the one that it read', () => {
  const object = '{"a":1,"log":"a=2 log=3","b":1}';
  assert.deepEqual(attributesOf(processObjects(logfmtStage, { field: 'log' }, [object])), { b: 1, a: '2', log: '3' });
});

const corpus = join(import.meta.dirname, '../../../../shared/corpora/go-logfmt/decode.json');
const missing = existsSync(corpus) ? false : 'the corpus shared/corpora/go-logfmt is not there';

interface GoLogfmt {
  readonly valid: readonly { readonly data: string; readonly records: [string, string | null][][] }[];
  readonly errors: readonly { readonly data: string }[];
}

test('logfmt agrees with go-logfmt, but for a line that is one word', { skip: missing }, () => {
  const { valid } = JSON.parse(readFileSync(corpus, 'utf8')) as GoLogfmt;
  for (const { data, records } of valid) {
    const lines = data.replace(/\n$/, '').split('\n');
    for (const [i, pairs] of records.entries()) {
      const batch = processTexts(logfmtStage, {}, [lines[i]!]);
      const isPlainText = pairs.length > 0 && !data.includes('=');
      assert.equal(batch.failures.length, isPlainText ? 1 : 0, data);
      const expected = isPlainText ? [] : pairs.map(([key, value]) => [key, value ?? '']);
      assert.deepEqual(attributesOf(batch), Object.fromEntries(expected), data);
    }
  }
});

test('logfmt refuses what go-logfmt refuses, but for signs in a value and U+FFFD', { skip: missing }, () => {
  const { errors } = JSON.parse(readFileSync(corpus, 'utf8')) as GoLogfmt;
  const accepted = errors.filter(({ data }) => {
    const batch = processTexts(logfmtStage, {}, data.split('\n'));
    return batch.failures.length === 0;
  });
  assert.deepEqual(
    accepted.map(({ data }) => data.split('\n').at(-1)),
    ['k=b"ar', 'a==', 'k=b=ar', 'a\ufffd=bar'],
  );
});

test('logfmt reads back what a logger has written', () => {
  const keys = fc.string({ unit: 'grapheme', minLength: 1 }).filter((key) => !/[\0-\x20="]/.test(key));
  const values = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(fc.array(fc.tuple(keys, values), { minLength: 1 }), (pairs) => {
      const line = pairs.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(' ');
      const batch = processTexts(logfmtStage, {}, ['x=y', line]);
      assert.deepEqual(Object.entries(attributesOf(batch, 1)).sort(), Object.entries(Object.fromEntries(pairs)).sort());
    }),
  );
});

test('logfmt never throws and reads a line the same at every place', () => {
  const piece = fc.oneof(
    fc.constantFrom('a', '=', '"', '\\', ' ', 'u00', 'b=c ', '\0', 'ü'),
    fc.string({ maxLength: 3 }),
  );
  const anyLine = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(fc.array(anyLine, { minLength: 1, maxLength: 5 }), (lines) => {
      const batch = processTexts(logfmtStage, {}, lines);
      for (const [i, line] of lines.entries()) {
        assert.deepEqual(plainRecord(batch, i), plainRecord(processTexts(logfmtStage, {}, [line]), 0));
      }
    }),
  );
});

for (const { name, line } of [
  { name: 'words', line: 'a '.repeat(500_000) },
  { name: 'keys, all different', line: Array.from({ length: 100_000 }, (_, i) => `k${i}=v`).join(' ') },
  { name: 'keys, all different, twice', line: Array.from({ length: 100_000 }, (_, i) => `k${i % 50_000}=v`).join(' ') },
  { name: 'equals signs', line: `a${'='.repeat(1_000_000)}` },
  { name: 'quotes', line: `a="${'\\"'.repeat(500_000)}` },
  { name: 'escapes', line: `a="${'\\u00e4'.repeat(170_000)}"` },
]) {
  test(`logfmt reads a megabyte of ${name} in less than a second`, () => {
    assert.ok(cpuMsOf(() => processTexts(logfmtStage, {}, [line])) < 1000);
  });
}

test('logfmt refuses an unknown option', () => {
  assert.equal(optionErrors(logfmtStage, { typed: true }).length, 1);
});
