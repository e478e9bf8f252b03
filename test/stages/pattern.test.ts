import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecordFlag } from '../../src/core/record-batch.ts';
import { BatchRecordView } from '../../src/sdk/batch-record-view.ts';
import { patternStage } from '../../src/stages/pattern.ts';
import { attributesOf, plainRecord } from '../harness/batch.ts';
import { cpuMsOf } from '../harness/cpu-time.ts';
import { assertExample, optionErrors, processObjects, processTexts } from './stage-fixture.ts';

test('the example of pattern holds', () => assertExample(patternStage));

/** What a pattern makes of a line: attributes, or why it does not fit. */
function read(pattern: string | readonly string[], line: string): unknown {
  const batch = processTexts(patternStage, pattern, [line]);
  assert.equal(plainRecord(batch, 0).body, line);
  const failure = batch.failures[0];
  if (failure === undefined) return attributesOf(batch);
  assert.equal(batch.flags[0], RecordFlag.ParseFailed);
  assert.deepEqual(attributesOf(batch), {});
  return failure.reason;
}

const NONE = 'no pattern fits';

for (const { pattern, line, expected } of [
  { pattern: '<a> <b>', line: 'x y z', expected: { a: 'x', b: 'y z' } },
  { pattern: '<a> <b>', line: 'x', expected: NONE },
  { pattern: '<a> <b>', line: '', expected: NONE },
  { pattern: '<a>', line: '', expected: { a: '' } },
  { pattern: '<a> <b>', line: ' ', expected: { a: '', b: '' } },
  { pattern: '[<a>] <b>', line: '[x] y', expected: { a: 'x', b: 'y' } },
  { pattern: '[<a>] <b>', line: 'x] y', expected: NONE },
  { pattern: '<a> - <b>', line: 'x-1 - y - z', expected: { a: 'x-1', b: 'y - z' } },
  { pattern: '<a> <_> <b>', line: '1 2 3', expected: { a: '1', b: '3' } },
  { pattern: '<a> <_:int> <b>', line: '1 2 3', expected: { a: '1', b: '3' } },
  { pattern: '<a> <_:int> <b>', line: '1 x 3', expected: 'a value is no int' },
  { pattern: '"<a>"', line: '"say "hi""', expected: { a: 'say "hi"' } },
  { pattern: '"<a>"', line: '"', expected: NONE },
  { pattern: '"<a>" <b>', line: '"x"y" z', expected: { a: 'x"y', b: 'z' } },
  { pattern: 'a <b> c', line: 'a b c d', expected: NONE },
  { pattern: '<a>=<b>', line: 'ä=ö', expected: { a: 'ä', b: 'ö' } },
  { pattern: '<a> → <b>', line: 'ä ← x → 😀', expected: { a: 'ä ← x', b: '😀' } },
  { pattern: '<<<pri:int>><b>', line: '<34>x', expected: { pri: 34, b: 'x' } },
  { pattern: '<a>aab<b>', line: 'xaaab', expected: { a: 'xa', b: '' } },
  { pattern: '<a>--abcdef--<b>', line: '--abcde--abcdef--', expected: { a: '--abcde', b: '' } },
  // Blanks.
  { pattern: '<a-> <b>', line: 'x    y', expected: { a: 'x', b: 'y' } },
  { pattern: '<a> <b>', line: 'x    y', expected: { a: 'x', b: '   y' } },
  { pattern: '<a-> | <b->', line: 'x\t  |   y  ', expected: { a: 'x', b: 'y' } },
  { pattern: '[<-><a:int>] <b>', line: '[   12] y', expected: { a: 12, b: 'y' } },
  { pattern: '[<-><a:int>] <b>', line: '[12] y', expected: { a: 12, b: 'y' } },
  { pattern: '<a>:<-><b>', line: 'x:y', expected: { a: 'x', b: 'y' } },
  { pattern: '<a>:<->', line: 'x: \t ', expected: { a: 'x' } },
  // What may be missing.
  { pattern: '<a> <b><?> <c>', line: '1 2', expected: { a: '1', b: '2' } },
  { pattern: '<a> <b><?> <c>', line: '1 2 3 4', expected: { a: '1', b: '2', c: '3 4' } },
  { pattern: '<a:int><?> "<b>" "<c>"', line: '1 "x" "y"', expected: { a: 1, b: 'x', c: 'y' } },
  { pattern: '<a:int><?> "<b>" "<c>"', line: '1', expected: { a: 1 } },
  { pattern: '<a:int><?> "<b>" "<c>"', line: '1 "x"', expected: NONE },
  { pattern: '<a:int><?> <b:int><?> <c:int>', line: '1 2', expected: { a: 1, b: 2 } },
  { pattern: '[<a>]<?> <b>', line: '[x]', expected: { a: 'x' } },
  { pattern: '[<a>]<?> <b>', line: '[x]y', expected: NONE },
  // Types.
  { pattern: '<a:int>', line: '-5', expected: { a: -5 } },
  { pattern: '<a:int>', line: '+0012', expected: { a: 12 } },
  { pattern: '<a:int>', line: '-0012', expected: { a: -12 } },
  { pattern: '<a:int>', line: '000', expected: { a: 0 } },
  { pattern: '<a:int>', line: ' 7 ', expected: { a: 7 } },
  { pattern: '<a:int>', line: '9223372036854775807', expected: { a: 9223372036854775807n } },
  { pattern: '<a:int>', line: '9223372036854775808', expected: { a: '9223372036854775808' } },
  { pattern: '<a:int>', line: '1.5', expected: '"a" is no int' },
  { pattern: '<a:int>', line: 'x', expected: '"a" is no int' },
  { pattern: '<a:int> <b>', line: '- x', expected: { b: 'x' } },
  { pattern: '<a:int> <b>', line: ' x', expected: { b: 'x' } },
  { pattern: '<a:double>', line: '1.5e3', expected: { a: 1500 } },
  { pattern: '<a:double>', line: '3', expected: { a: 3 } },
  { pattern: '<a:double>', line: '.5', expected: { a: 0.5 } },
  { pattern: '<a:double>', line: '-05.', expected: { a: -5 } },
  { pattern: '<a:double>', line: 'NaN', expected: '"a" is no double' },
  { pattern: '<a:float>', line: '1', expected: { a: 1 } },
  { pattern: '<a:bool>', line: 'True', expected: { a: true } },
  { pattern: '<a:bool>', line: 'off', expected: { a: false } },
  { pattern: '<a:bool>', line: 'maybe', expected: '"a" is no bool' },
  { pattern: '<a> <b:json>', line: 'x {"c":[1,{"d":null}]}', expected: { a: 'x', b: { c: [1, { d: null }] } } },
  { pattern: '<a:json>', line: '"x\\u00e9\\n"', expected: { a: 'xé\n' } },
  { pattern: '<a:json>', line: '-12', expected: { a: -12 } },
  { pattern: '<a:json>', line: '1.5', expected: { a: 1.5 } },
  { pattern: '<a:json>', line: 'true', expected: { a: true } },
  { pattern: '<a:json>', line: 'null', expected: {} },
  { pattern: '<a:json>', line: '{"b":', expected: '"a" is no json' },
  { pattern: '<a:json>', line: '"x" y"', expected: '"a" is no json' },
  { pattern: '<a:list> <b>', line: '"x" y', expected: { a: ['"x"'], b: 'y' } },
  { pattern: '<a:list> <b:list>', line: '- ', expected: {} },
  // Texts that may be none.
  { pattern: '<a?> <b?>', line: '- x', expected: { b: 'x' } },
  { pattern: '<a?> <b>', line: ' -', expected: { b: '-' } },
  { pattern: '<a?> <b?>', line: '-- -x', expected: { a: '--', b: '-x' } },
  { pattern: '"<a?->" <b:int?>', line: '"-  " -', expected: {} },
]) {
  test(`pattern ${pattern} reads ${JSON.stringify(line)}`, () => assert.deepEqual(read(pattern, line), expected));
}

test('what a pattern reads as bool is true or false as text, too', () => {
  const batch = processTexts(patternStage, '<a:bool> <b:bool> <c:bool>', ['TRUE 0 true']);
  const view = new BatchRecordView('own');
  view.show(batch, 0);
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => view.boolean(key)),
    [true, false, true],
  );
});

test('pattern takes the first of a list that fits, by its types as well', () => {
  const patterns = ['<status:int> <path>', '<method> <path> <status:int>', '<text>'];
  assert.deepEqual(read(patterns, '200 /'), { status: 200, path: '/' });
  assert.deepEqual(read(patterns, 'GET / 200'), { method: 'GET', path: '/', status: 200 });
  assert.deepEqual(read(patterns, 'GET / x'), { text: 'GET / x' });
});

test('pattern takes the place of an attribute, and replaces what has the name of a field', () => {
  const options = { match: '<a> <b:int>', field: 'line' };
  const batch = processObjects(patternStage, options, [
    '{"line":"x 1","a":0,"c":2}',
    '{"line":"x y","a":0}',
    '{"a":0}',
  ]);
  assert.deepEqual(attributesOf(batch, 0), { a: 'x', c: 2, b: 1 });
  assert.deepEqual(attributesOf(batch, 1), { a: 0, line: 'x y' });
  assert.deepEqual(attributesOf(batch, 2), { a: 0 });
  assert.deepEqual(batch.failures, [{ record: 1, reason: '"b" is no int' }]);
});

for (const { options, errors } of [
  { options: '<a> <b', errors: ['[]: Cannot use pattern "<a> <b": column 5: "<" begins no field'] },
  { options: ['<a>', '<b:itn>'], errors: ['[1]: Cannot use pattern "<b:itn>": column 1: unknown type "itn"'] },
  {
    options: { match: ['<a><b>', 'x'] },
    errors: [
      '["match",0]: Cannot use pattern "<a><b>": column 4: nothing stands between two fields, so nobody knows where the first one ends',
      '["match",1]: Cannot use pattern "x": column 1: it names no field',
    ],
  },
  {
    options: '',
    errors: ['[]: Cannot use "" for the configuration: expected text, a list of texts, or a map with "match"'],
  },
  { options: { match: '<a>', feild: 'x' }, errors: ['["feild"]: Unknown key "feild"'] },
  { options: {}, errors: ['["match"]: Missing key "match"'] },
]) {
  test(`pattern refuses ${JSON.stringify(options)}`, () => {
    const found = optionErrors(patternStage, options).map(({ path, message }) => `${JSON.stringify(path)}: ${message}`);
    assert.deepEqual(found, errors);
  });
}

test('pattern needs linear time for a line that is made to be hard', () => {
  const line = `${'a'.repeat(2 ** 20)}b${'"'.repeat(1000)}\u0000`;
  const ms = cpuMsOf(() => {
    assert.deepEqual(read('<x>aaaaaaaaaaaaaaab<y>', line), {
      x: 'a'.repeat(2 ** 20 - 15),
      y: `${'"'.repeat(1000)}\u0000`,
    });
    assert.equal(read('<x>aaaaaaaaaaaaaaac<y> <z>', line), NONE);
  });
  assert.ok(ms < 1024, `${ms} ms`);
});

/** Text without the characters of `separators`. */
const valueWithout = (separators: string) =>
  fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => ![...text].some((c) => separators.includes(c)));

test('pattern reads back the values that a pattern was filled with, wherever the record lies', () => {
  const field = fc.record({
    separator: fc.string({ unit: fc.constantFrom(...' -"[]|→:<'), minLength: 1, maxLength: 6 }),
  });
  const filled = fc
    .array(field, { minLength: 1, maxLength: 8 })
    .chain((fields) =>
      fc.tuple(
        fc.constant(fields),
        fc.array(valueWithout(' -"[]|→:<'), { minLength: fields.length + 1, maxLength: fields.length + 1 }),
      ),
    );
  fc.assert(
    fc.property(filled, fc.string({ maxLength: 9 }), ([fields, values], before) => {
      const escaped = fields.map(({ separator }) => separator.replaceAll('<', '<<'));
      const pattern = `<f0>${escaped.map((separator, i) => `${separator}<f${i + 1}>`).join('')}`;
      const line = values[0] + fields.map(({ separator }, i) => separator + values[i + 1]).join('');
      const batch = processTexts(patternStage, pattern, [before, line, before]);
      assert.deepEqual(attributesOf(batch, 1), Object.fromEntries(values.map((value, i) => [`f${i}`, value])));
    }),
  );
});

test('pattern never throws, and adds all fields or none', () => {
  const part = fc.constantFrom(
    '<a>',
    '<b:int>',
    '<c-> ',
    '<_>',
    '<->',
    '<?>',
    ' ',
    '-',
    '"',
    'ab',
    '<d:json>',
    '<e:double>',
    '<f:list>',
    '<g?>',
  );
  const patterns = fc.array(part, { minLength: 1, maxLength: 7 }).map((parts) => parts.join(''));
  const lines = fc.array(fc.string({ unit: fc.constantFrom(...' -"ab12{}[]é.'), maxLength: 30 }), { maxLength: 4 });
  fc.assert(
    fc.property(patterns, lines, (pattern, lines) => {
      if (optionErrors(patternStage, pattern).length > 0) return;
      const batch = processTexts(patternStage, pattern, lines);
      for (const { record } of batch.failures) assert.deepEqual(attributesOf(batch, record), {});
    }),
    { numRuns: 500 },
  );
});
