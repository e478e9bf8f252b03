import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOptions } from '../../../src/component/check-options.ts';
import { fileSource } from '../../../src/sources/file/index.ts';

/** What is wrong with a value of the option `multiline`, as `path: message (hint)`. */
function errorsOf(multiline: unknown): string[] {
  const checked = checkOptions(fileSource.options, { include: ['/var/log/*.log'], multiline }, []);
  const errors = checked.ok ? (fileSource.check?.(checked.options) ?? []) : checked.errors;
  return errors.map(
    ({ path, message, hint }) => `${path.join('.')}: ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );
}

for (const { value, wrong } of [
  { value: 'java', wrong: [] },
  { value: { language: 'python', flush_after: '5s' }, wrong: [] },
  { value: { start: '^\\d{4}-', end: ';$', max_lines: 10 }, wrong: [] },
  { value: { count: 3 }, wrong: [] },
  { value: { preamble: '^# Time', start: '^# User' }, wrong: [] },
  {
    value: { preamble: '^# Time', end: ';$' },
    wrong: [
      'multiline.preamble: Cannot put lines together: "preamble" is what may stand before "start", which is missing',
    ],
  },
  {
    value: 'jav',
    wrong: [
      'multiline: Cannot use "jav" for "multiline": expected one of java, python, go, node, dotnet, ruby, php, rust, dart, or a map of rules (Write it as in `multiline: java`)',
    ],
  },
  {
    value: { language: 'jav' },
    wrong: [
      'multiline.language: Cannot use "jav" for "language": expected one of java, python, go, node, dotnet, ruby, php, rust, dart (Did you mean "java"?)',
    ],
  },
  {
    value: { begin: '^x' },
    wrong: [
      'multiline.begin: Unknown key "begin" (Known keys: language, preamble, start, end, continuation, count, max_lines, flush_after)',
    ],
  },
  { value: { start: '^(?!\\s|at )\\S', continuation: '^(?=\\s)' }, wrong: [] },
  {
    value: { start: '(' },
    wrong: ['multiline.start: Cannot compile pattern "(": "(" is not closed (Write "\\(" for the character itself)'],
  },
  {
    value: { start: 'a(?<!b)' },
    wrong: [
      'multiline.start: Cannot compile pattern "a(?<!b)": unknown group "(?<!" (Look-ahead and look-behind cannot be matched in linear time; match the text itself)',
    ],
  },
  {
    value: {},
    wrong: [
      'multiline: Cannot put lines together: no rule says which (Give a language, or a count, or at least one of start, end and continuation)',
    ],
  },
  {
    value: { language: 'go', start: '^x' },
    wrong: [
      'multiline: Cannot put lines together: "language", "count" and patterns exclude each other (Give a language, or a count, or at least one of start, end and continuation)',
    ],
  },
  { value: { count: 0 }, wrong: ['multiline.count: Cannot use 0 for "count": expected at least 1'] },
  {
    value: { start: '^x', flush_after: '5' },
    wrong: [
      'multiline.flush_after: Cannot use "5" for "flush_after": expected a duration such as "5s" or "250ms" (Add a unit, as in "5s" or "5ms")',
    ],
  },
]) {
  test(`the option multiline: ${JSON.stringify(value)} ${wrong.length === 0 ? 'is right' : 'is wrong'}`, () => {
    assert.deepEqual(errorsOf(value), wrong);
  });
}

test('a language alone has the defaults of all other rules', () => {
  const checked = checkOptions(fileSource.options, { include: ['a'], multiline: 'java' }, []);
  assert.ok(checked.ok);
  assert.deepEqual((checked.options as { multiline: unknown }).multiline, {
    language: 'java',
    max_lines: 2000,
    flush_after: 1000,
  });
});

test('lines of another encoding than UTF-8 cannot be put together', () => {
  const options = { include: ['a'], multiline: 'java', encoding: 'utf-16le' };
  const checked = checkOptions(fileSource.options, options, []);
  assert.ok(checked.ok);
  assert.deepEqual(
    fileSource.check?.(checked.options).map(({ message }) => message),
    ['Cannot put lines together of files in "utf-16le": only those of "utf-8" can be'],
  );
});
