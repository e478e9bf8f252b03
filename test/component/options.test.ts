import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOptions } from '../../src/component/check-options.ts';
import {
  attributes,
  choice,
  defaultTexts,
  duration,
  flag,
  integer,
  object,
  optionalChoice,
  optionalText,
  size,
  text,
  textMap,
  texts,
} from '../../src/component/options.ts';

const doc = 'Does it.';
const schema = object({
  duration: duration({ doc, default: '5s', min: '1ms', max: '1h' }),
  size: size({ doc, default: '1MiB' }),
  flag: flag({ doc, default: true }),
  integer: integer({ doc, default: 3, min: 1, max: 5 }),
  choice: choice(['a', 'b'], { doc, default: 'a' }),
  word: optionalChoice(['a', 'b'], { doc }),
  name: optionalText({ doc }),
  list: defaultTexts({ doc, default: ['x'] }),
  map: textMap({ doc }),
  attributes: attributes({ doc }),
});

const DEFAULTS = {
  duration: 5000,
  size: 1_048_576,
  flag: true,
  integer: 3,
  choice: 'a',
  list: ['x'],
  map: {},
  attributes: {},
};

test('object() has the defaults of its options', () => {
  assert.deepEqual(checkOptions(schema, {}, []), { ok: true, options: DEFAULTS });
});

for (const [key, written, expected] of [
  ['duration', '250ms', 250],
  ['duration', '1.5s', 1500],
  ['duration', '2 m', 120_000],
  ['duration', '1h', 3_600_000],
  ['size', '512B', 512],
  ['size', '1kB', 1000],
  ['size', '1KB', 1000],
  ['size', '1.5KiB', 1536],
  ['size', '2GiB', 2_147_483_648],
  ['flag', false, false],
  ['integer', 5, 5],
  ['choice', 'b', 'b'],
  ['word', 'b', 'b'],
  ['name', 'x', 'x'],
  ['list', 'x', ['x']],
  ['list', [], []],
  ['map', { a: 'b' }, { a: 'b' }],
  ['attributes', { a: 'b', c: 1, d: false }, { a: 'b', c: 1, d: false }],
] as const)
  test(`${key} takes ${JSON.stringify(written)}`, () => {
    assert.deepEqual(checkOptions(schema, { [key]: written }, []), {
      ok: true,
      options: { ...DEFAULTS, [key]: expected },
    });
  });

for (const [key, written, expected] of [
  ['duration', 5, 'expected a duration such as "5s" or "250ms"'],
  ['duration', '5', 'expected a duration such as "5s" or "250ms"'],
  ['duration', '5 seconds', 'expected a duration such as "5s" or "250ms"'],
  ['duration', '-5s', 'expected a duration such as "5s" or "250ms"'],
  ['duration', '5S', 'expected a duration such as "5s" or "250ms"'],
  ['duration', '5toString', 'expected a duration such as "5s" or "250ms"'],
  ['duration', '0ms', 'expected at least 1ms'],
  ['duration', '61m', 'expected at most 1h'],
  ['size', '1TB', 'expected a size such as "1MiB" or "64KiB"'],
  ['flag', 'true', 'expected true or false'],
  ['integer', 1.5, 'expected a whole number'],
  ['integer', Number.NaN, 'expected a whole number'],
  ['integer', 0, 'expected at least 1'],
  ['integer', 6, 'expected at most 5'],
  ['choice', 'c', 'expected one of a, b'],
  ['name', '', 'expected text that is not empty'],
  ['list', 5, 'expected a list of texts'],
  ['list', { a: 'b' }, 'expected a list of texts'],
  ['map', ['a'], 'expected a map of names and texts'],
  ['map', 'a', 'expected a map of names and texts'],
  ['attributes', ['a'], 'expected a map of names and values'],
] as const)
  test(`${key} refuses ${JSON.stringify(written)}`, () => {
    const checked = checkOptions(schema, { [key]: written }, ['sinks', 'out']);
    assert.equal(checked.ok, false);
    assert.deepEqual(
      checked.errors.map(({ message, path }) => [message.replace(/^.*: /, ''), path]),
      [[expected, ['sinks', 'out', key]]],
    );
  });

test('object() refuses a list, a text and nothing', () => {
  for (const written of [[], ['a'], 'a', null, undefined, 5]) {
    const checked = checkOptions(object({ name: optionalText({ doc }) }), written, ['sinks', 'out']);
    assert.deepEqual(checked.ok ? [] : checked.errors.map(({ code, path }) => [code, path]), [
      ['ERR_CONFIG_TYPE', ['sinks', 'out']],
    ]);
  }
});

test('texts() and text() must be given', () => {
  const checked = checkOptions(object({ names: texts({ doc }), name: text({ doc, example: 'x' }) }), {}, ['a']);
  assert.deepEqual(checked.ok ? [] : checked.errors.map(({ message, hint }) => [message, hint]), [
    ['Missing key "names"', 'Add it. Does it'],
    ['Missing key "name"', 'Add it, as in `name: x`. Does it'],
  ]);
});
