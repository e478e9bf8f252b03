import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { checkOptions } from '../../src/component/check-options.ts';
import { described, duration, object, optionalSize, optionalText, text } from '../../src/component/options.ts';

const doc = 'Does it.';
const inner = object({ field: text({ doc }), timeout: duration({ doc, default: '5s', min: '1s' }) });
const schema = object({
  one: v.optional(inner),
  many: v.optional(v.array(inner, 'expected a list')),
  either: v.optional(v.union([v.string(), object({ start: text({ doc }) })], 'expected a pattern')),
  name: optionalText({ doc }),
});

for (const { name, written, expected } of [
  {
    name: 'every unknown key of every map',
    written: { nmae: 'x', x: 1, one: { field: 'a', y: 1, z: 1 } },
    expected: ['Unknown key "y" one.y', 'Unknown key "z" one.z', 'Unknown key "nmae" nmae', 'Unknown key "x" x'],
  },
  {
    name: 'what is wrong in each item of a list',
    written: { many: [{ field: 5 }, {}, { field: 'a', timeout: '1ms' }, 'x'] },
    expected: [
      'Cannot use 5 for "field": expected text many.0.field',
      'Missing key "field" many.1.field',
      'Cannot use "1ms" for "timeout": expected at least 1s many.2.timeout',
      'Cannot use "x" for item 4 of "many": expected a map of options many.3',
    ],
  },
  {
    name: 'a misspelt key, and not that it is missing',
    written: { one: { feild: 'a' } },
    expected: ['Unknown key "feild" one.feild'],
  },
  {
    name: 'a union as a whole when no alternative comes further than another',
    written: { either: 5 },
    expected: ['Cannot use 5 for "either": expected a pattern either'],
  },
  {
    name: 'of a union, what is wrong inside the alternative that came furthest',
    written: { either: { strat: 'a', x: 1 } },
    expected: ['Unknown key "strat" either.strat', 'Unknown key "x" either.x'],
  },
  {
    name: 'nothing as nothing',
    written: { name: null },
    expected: ['Cannot use nothing for "name": expected text name'],
  },
  {
    name: 'long text cut',
    written: { one: 'x'.repeat(100) },
    expected: [`Cannot use "${'x'.repeat(60)}…" for "one": expected a map of options one`],
  },
])
  test(`checkOptions() tells ${name}`, () => {
    const checked = checkOptions(schema, written, []);
    assert.deepEqual(
      checked.ok ? [] : checked.errors.map(({ message, path }) => `${message} ${path.join('.')}`),
      expected,
    );
  });

const hinting = object({
  name: optionalText({ doc }),
  limit: optionalSize({ doc }),
  rate: v.optional(described(v.pipe(v.string('expected a rate'), v.regex(/\/s$/)), 'rate', { doc, example: '5/s' })),
});

for (const { name, written, hint } of [
  { name: 'quotes around a number where text belongs', written: { name: 5 }, hint: 'Put it in quotes: "5"' },
  { name: 'no quotes where they do not make it right', written: { limit: -1 }, hint: undefined },
  { name: 'the form instead, where there is an example', written: { rate: 5 }, hint: 'Write it as in `rate: 5/s`' },
])
  test(`checkOptions() suggests ${name}`, () => {
    const checked = checkOptions(hinting, written, []);
    assert.equal(checked.ok ? '' : checked.errors[0]?.hint, hint);
  });
