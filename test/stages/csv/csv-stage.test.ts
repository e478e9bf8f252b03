import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvStage } from '../../../src/stages/csv/index.ts';
import { attributesOf, plainRecord } from '../../harness/batch.ts';
import { cpuMsOf } from '../../harness/cpu-time.ts';
import { assertExample, optionErrors, processObjects, processTexts } from '../stage-fixture.ts';

test('the example of csv holds', () => assertExample(csvStage));

const columns = ['a', 'b', 'c'];

for (const { name, line, options, expected } of [
  { name: 'fields', line: '1,x y,z', expected: { a: '1', b: 'x y', c: 'z' } },
  { name: 'quotes', line: '"1,2","x ""y""",""""', expected: { a: '1,2', b: 'x "y"', c: '"' } },
  { name: 'quotes within a field', line: 'a"b,x"",c', expected: { a: 'a"b', b: 'x""', c: 'c' } },
  { name: 'blanks as a part of fields', line: ' 1, "x",  ', expected: { a: ' 1', b: ' "x"', c: '  ' } },
  { name: 'no attribute of an empty field', line: ',"",z', expected: { c: 'z' } },
  { name: 'a line end in quotes and one behind', line: '"1\r\n2",x,z\r\n', expected: { a: '1\r\n2', b: 'x', c: 'z' } },
  { name: 'tabs', line: '1\tx,y\tz', options: { delimiter: '\t' }, expected: { a: '1', b: 'x,y', c: 'z' } },
  { name: 'a column that is left out', line: '1,2,3', options: { columns: ['_', 'a', '_'] }, expected: { a: '2' } },
  { name: 'more fields', line: '1,2,3,4,"', options: { strict: false }, expected: { a: '1', b: '2', c: '3' } },
  { name: 'fewer fields', line: '1', options: { strict: false }, expected: { a: '1' } },
  { name: 'nothing', line: '', options: { columns: 'a' }, expected: {} },
  { name: 'types', line: '1,"2",true', options: { types: true }, expected: { a: 1, b: '2', c: true } },
]) {
  test(`csv reads ${name}`, () => {
    // What the line before left behind does not show.
    const batch = processTexts(csvStage, { columns, ...options }, [line, line]);
    assert.deepEqual(batch.failures, []);
    assert.deepEqual([attributesOf(batch, 0), attributesOf(batch, 1)], [expected, expected]);
  });
}

for (const { name, line, why } of [
  { name: 'more fields than columns', line: '1,2,3,', why: 'more fields than columns' },
  { name: 'fewer fields than columns', line: '1,2', why: 'fewer fields than columns' },
  { name: 'nothing', line: '', why: 'fewer fields than columns' },
  { name: 'a quote without end', line: '1,"2,3', why: 'no closing quote before a delimiter' },
  { name: 'a quote that two quotes end', line: '1,2,"""', why: 'no closing quote before a delimiter' },
  { name: 'text behind quotes', line: '1,"2"x,3', why: 'no closing quote before a delimiter' },
]) {
  test(`csv leaves a record as it was that holds ${name}`, () => {
    const batch = processTexts(csvStage, { columns }, [line, '",1,2,3']);
    assert.deepEqual(batch.failures[0], { record: 0, reason: why });
    assert.deepEqual(attributesOf(batch), {});
  });
}

test('csv replaces attributes of the same name and keeps the others', () => {
  const batch = processObjects(csvStage, { columns, field: 'line' }, ['{"a":1,"line":"x,,z","b":2,"d":3}']);
  assert.deepEqual(attributesOf(batch), { a: 'x', b: 2, c: 'z', d: 3 });
});

const corpus = join(import.meta.dirname, '../../../../shared/corpora/vector/vrl-parse/csv.json');
const missing = existsSync(corpus) ? false : 'the corpus shared/corpora/vector is not there';

interface VectorCase {
  readonly name: string;
  readonly args: { readonly value: string; readonly delimiter?: string };
  readonly ok?: readonly string[];
}

test("csv reads what Vector's tests read", { skip: missing }, () => {
  for (const { name, args, ok } of JSON.parse(readFileSync(corpus, 'utf8')) as VectorCase[]) {
    // To us a record has no second line: a line end is a part of its field.
    if (name === 'multiple_lines') continue;
    const options = { columns, delimiter: args.delimiter ?? ',', strict: false };
    if (ok === undefined) {
      assert.equal(optionErrors(csvStage, options).length, 1);
      continue;
    }
    assert.deepEqual(Object.values(attributesOf(processTexts(csvStage, options, [args.value]))), ok, name);
  }
});

test('csv reads back what was written', () => {
  const field = fc.oneof(fc.string({ unit: 'grapheme', minLength: 1 }), fc.constantFrom('"', ',', '""', '","'));
  fc.assert(
    fc.property(fc.tuple(field, field, field), fc.constantFrom(',', ';', '\t'), (fields, delimiter) => {
      const line = fields.map((text) => `"${text.replaceAll('"', '""')}"`).join(delimiter);
      const batch = processTexts(csvStage, { columns, delimiter }, [line]);
      assert.deepEqual(Object.values(attributesOf(batch)), fields);
    }),
  );
});

test('csv never throws and reads a line the same at every place', () => {
  const piece = fc.oneof(fc.constantFrom('a', '"', '""', ',', '\r', '\n', 'ü'), fc.string({ maxLength: 3 }));
  const anyLine = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(fc.array(anyLine, { minLength: 1, maxLength: 5 }), fc.boolean(), (lines, strict) => {
      const batch = processTexts(csvStage, { columns, strict }, lines);
      for (const [i, line] of lines.entries()) {
        assert.deepEqual(plainRecord(batch, i), plainRecord(processTexts(csvStage, { columns, strict }, [line]), 0));
      }
    }),
  );
});

for (const { name, line } of [
  { name: 'delimiters', line: ','.repeat(1_000_000) },
  { name: 'quotes', line: '"'.repeat(1_000_000) },
  { name: 'letters', line: 'a'.repeat(1_000_000) },
]) {
  test(`csv reads a million ${name} in less than a second`, () => {
    assert.ok(cpuMsOf(() => processTexts(csvStage, { columns, strict: false }, [line])) < 1000);
  });
}

for (const { name, options, path } of [
  { name: 'no columns', options: {}, path: ['columns'] },
  { name: 'an empty list of columns', options: { columns: [] }, path: ['columns'] },
  { name: 'a column twice', options: { columns: ['a', '_', 'a', '_'] }, path: ['columns', 2] },
  { name: 'two characters between fields', options: { columns, delimiter: ',,' }, path: ['delimiter'] },
  { name: 'a quote between fields', options: { columns, delimiter: '"' }, path: ['delimiter'] },
  { name: 'a character beyond ASCII between fields', options: { columns, delimiter: '¦' }, path: ['delimiter'] },
]) {
  test(`csv refuses ${name}`, () => {
    assert.deepEqual(
      optionErrors(csvStage, options).map((error) => error.path),
      [path],
    );
  });
}
