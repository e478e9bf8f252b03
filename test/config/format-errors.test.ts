import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatErrors } from '../../src/config/format-errors.ts';
import type { LocatedError } from '../../src/config/located-error.ts';
import { ConfigError } from '../../src/core/errors.ts';

function errorAt(
  line: number,
  column: number,
  message = 'Cannot go on',
  hint?: string,
  file = 'app.yaml',
): LocatedError {
  return { file, line, column, error: new ConfigError({ code: 'ERR_CONFIG_VALUE', path: [], message, hint }) };
}

for (const { name, error, text, expected } of [
  {
    name: 'shows the line and marks the place',
    error: errorAt(2, 4, 'Cannot go on', 'Turn round'),
    text: 'a: 1\nb: 2\n',
    expected: 'app.yaml:2:4: Cannot go on (ERR_CONFIG_VALUE)\n  2 | b: 2\n    |    ^\n  hint: Turn round\n',
  },
  {
    name: 'marks the place behind the end of a line',
    error: errorAt(1, 3),
    text: 'a:\r\n',
    expected: 'app.yaml:1:3: Cannot go on (ERR_CONFIG_VALUE)\n  1 | a:\n    |   ^\n',
  },
  {
    name: 'shows no line when there is none',
    error: errorAt(0, 0, 'Cannot go on', undefined, '--include'),
    text: 'a: 1\n',
    expected: '--include: Cannot go on (ERR_CONFIG_VALUE)\n',
  },
  {
    name: 'shows no line that is empty',
    error: errorAt(2, 1),
    text: 'a: 1\n  \n',
    expected: 'app.yaml:2:1: Cannot go on (ERR_CONFIG_VALUE)\n',
  },
  {
    name: 'escapes what drives a terminal, and marks the place behind it',
    error: errorAt(1, 7, 'No \u001b[31m', '\u202e', 'a\nb'),
    text: '\t\u001b\u009b\u{e0001}: 5',
    expected:
      'a\\nb:1:7: No \\u001b[31m (ERR_CONFIG_VALUE)\n' +
      '  1 | \\t\\u001b\\u009b\\U000e0001: 5\n    |                          ^\n  hint: \\u202e\n',
  },
  {
    name: 'counts a pair of surrogates as one column',
    error: errorAt(1, 7),
    text: 'a: 😀 x',
    expected: 'app.yaml:1:7: Cannot go on (ERR_CONFIG_VALUE)\n  1 | a: 😀 x\n    |      ^\n',
  },
  {
    name: 'cuts a long line around the place',
    error: errorAt(1, 501),
    text: `${'a'.repeat(500)}b${'c'.repeat(500)}`,
    expected: `app.yaml:1:501: Cannot go on (ERR_CONFIG_VALUE)\n  1 | …${'a'.repeat(70)}b${'c'.repeat(39)}…\n    | ${' '.repeat(71)}^\n`,
  },
  {
    name: 'cuts a long message',
    error: errorAt(0, 0, 'a'.repeat(1000), 'b'.repeat(1000)),
    text: '',
    expected: `app.yaml: ${'a'.repeat(400)}… (ERR_CONFIG_VALUE)\n  hint: ${'b'.repeat(400)}…\n`,
  },
])
  test(`formatErrors() ${name}`, () => assert.equal(formatErrors([error], text), expected));

test('formatErrors() colours when it is asked to', () => {
  const printed = formatErrors([errorAt(1, 1, 'No', 'Yes')], 'a', { colour: true });
  const expected =
    'app.yaml:1:1: No \u001b[2m(ERR_CONFIG_VALUE)\u001b[0m\n  1 | a\n    | \u001b[31m^\u001b[0m\n  \u001b[36mhint:\u001b[0m Yes\n';
  assert.equal(printed, expected);
});

test('formatErrors() separates errors by an empty line, and counts those beyond a hundred', () => {
  const printed = formatErrors(
    Array.from({ length: 150 }, () => errorAt(0, 0)),
    '',
  );
  assert.equal(printed, `${'app.yaml: Cannot go on (ERR_CONFIG_VALUE)\n\n'.repeat(100)}And 50 more\n`);
});

test('formatErrors() prints nothing for no errors', () => assert.equal(formatErrors([], 'a: 1'), ''));

test('formatErrors() prints no control characters, whatever is in the text', () => {
  const texts = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(texts, texts, fc.nat(5), fc.nat(20), (text, message, line, column) => {
      const printed = formatErrors([errorAt(line + 1, column + 1, message, message, message)], text);
      assert.doesNotMatch(printed.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Cs}]/u);
    }),
  );
});
