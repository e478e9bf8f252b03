import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecordFlag } from '../../src/core/record-batch.ts';
import { regexStage } from '../../src/stages/regex.ts';
import { attributesOf, plainRecord } from '../harness/batch.ts';
import { assertExample, optionErrors, processObjects, processTexts } from './stage-fixture.ts';

test('the example of regex holds', () => assertExample(regexStage));

/** What the stage makes of a line: attributes, or why nothing fits. */
function read(options: unknown, line: string): unknown {
  const batch = processTexts(regexStage, options, ['', line, 'é']);
  assert.equal(plainRecord(batch, 1).body, line);
  const failure = batch.failures.find(({ record }) => record === 1);
  if (failure === undefined) return attributesOf(batch, 1);
  assert.equal(batch.flags[1], RecordFlag.ParseFailed);
  assert.deepEqual(attributesOf(batch, 1), {});
  return failure.reason;
}

const NONE = 'no pattern fits';
const two = ['^(?<a>\\d+) (?<b>\\d+)$', '^(?<a>\\d+) (?<c>.*)$'];

for (const { options, line, expected } of [
  {
    options: '^(?<level>\\w+): (?<message>.*)$',
    line: 'WARN: grün → 😀',
    expected: { level: 'WARN', message: 'grün → 😀' },
  },
  { options: '^(?<level>\\w+): (?<message>.*)$', line: 'WARN', expected: NONE },
  { options: '(?P<http.route>/\\S*)', line: 'GET /x HTTP', expected: { 'http.route': '/x' } },
  { options: '(a)(?<b>b)(c)?', line: 'ab', expected: { b: 'b' } },
  { options: '(?<a>a)|(?<b>b)', line: 'b', expected: { b: 'b' } },
  { options: '(?:(?<x>a)|(?<x>b))+', line: 'ab', expected: { x: 'b' } },
  { options: two, line: '1 2', expected: { a: '1', b: '2' } },
  { options: two, line: '1 x', expected: { a: '1', c: 'x' } },
  { options: two, line: 'x', expected: NONE },
  { options: { match: two, types: { a: 'int', b: 'double' } }, line: '01 2', expected: { a: 1, b: 2 } },
  { options: { match: '(?<a>\\S+)', types: { a: 'int' } }, line: 'x', expected: '"a" is no int' },
  { options: { match: '(?<a>\\S+)', types: { a: 'bool' } }, line: '-', expected: {} },
  { options: { match: '^é(?<a>.*)$', types: { a: 'json' } }, line: 'é{"b":"ü"}', expected: { a: { b: 'ü' } } },
  { options: '(?i)^(?<a>error)', line: 'Error', expected: { a: 'Error' } },
  { options: '^(?<a>.*)\\n', line: 'a\r\nb', expected: { a: 'a\r' } },
]) {
  test(`regex ${JSON.stringify(options)} reads ${JSON.stringify(line)}`, () => {
    assert.deepEqual(read(options, line), expected);
  });
}

test('regex takes the place of an attribute, and replaces what has the name of a group', () => {
  const options = { match: '^(?<a>\\w) (?<b>\\d)', types: { b: 'int' }, field: 'line' };
  const batch = processObjects(regexStage, options, ['{"line":"x 1","a":0,"c":2}', '{"line":"x","a":0}']);
  assert.deepEqual(attributesOf(batch, 0), { a: 'x', c: 2, b: 1 });
  assert.deepEqual(attributesOf(batch, 1), { a: 0, line: 'x' });
});

for (const { options, errors } of [
  {
    options: '(?<a>x',
    errors: ['[]: Cannot use expression "(?<a>x": column 1: "(" is not closed (Write "\\(" for the character itself)'],
  },
  {
    options: ['(?<a>x)', 'a+'],
    errors: [
      '[1]: Cannot use expression "a+": column 1: it names no field (Name what to extract, as in "(?<status>\\d+)")',
    ],
  },
  {
    options: { match: '(?<a>x)(?=y)' },
    errors: [
      '["match"]: Cannot use expression "(?<a>x)(?=y)": column 8: unknown group "(?=" (Look-ahead and look-behind cannot be matched in linear time; match the text itself)',
    ],
  },
  {
    options: { match: '(?<status>x)', types: { statsu: 'int' } },
    errors: ['["types","statsu"]: Cannot give "statsu" a type: no group has that name (Did you mean "status"?)'],
  },
  {
    options: { match: '(?<a>x)', types: { a: 'itn' } },
    errors: [
      '["types","a"]: Cannot use "itn" for "a": expected one of string, int, double, bool, json, list (Did you mean "int"?)',
    ],
  },
]) {
  test(`regex refuses ${JSON.stringify(options)}`, () => {
    const found = optionErrors(regexStage, options).map(
      ({ path, message, hint }) => `${JSON.stringify(path)}: ${message} (${hint})`,
    );
    assert.deepEqual(found, errors);
  });
}

test('regex gives the bytes of its groups, whatever the line holds', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'é', '→', '😀', '0', '\u0000'), minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 3, maxLength: 3 }), word, (words, before) => {
      const batch = processTexts(regexStage, '^(?<a>\\S+) +(?<b>[^,]*), (?<c>.*?)!$', [
        before,
        `${words[0]}  ${words[1]}, ${words[2]}!`,
      ]);
      assert.deepEqual(attributesOf(batch, 1), { a: words[0], b: words[1], c: words[2] });
    }),
  );
});
