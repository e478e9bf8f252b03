import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as v from 'valibot';
import {
  choice,
  defaultTexts,
  described,
  duration,
  flag,
  object,
  optionalText,
  text,
} from '../../src/component/options.ts';
import {
  commandLinePage,
  componentPage,
  configurationPage,
  errorsPage,
  firstSentence,
  indexPage,
  metricsPage,
} from '../../tools/reference-pages.ts';

/** The lines of a page that hold `part`. */
function linesWith(page: string, part: string): string[] {
  return page.split('\n').filter((line) => line.includes(part));
}

describe('componentPage()', () => {
  for (const { name, option, expected } of [
    {
      name: 'an option that must be given, with its example',
      option: text({ doc: 'The name.', example: 'a' }),
      expected: '| `key` | text | required | The name. Example: `a` |',
    },
    {
      name: 'an option that may be left out',
      option: optionalText({ doc: 'The name.' }),
      expected: '| `key` | text | none | The name. |',
    },
    {
      name: 'a default as people write it',
      option: duration({ doc: 'The time.', default: '5s' }),
      expected: '| `key` | duration | `5s` | The time. |',
    },
    {
      name: 'a default that is false',
      option: flag({ doc: 'Whether.', default: false }),
      expected: '| `key` | true or false | `false` | Whether. |',
    },
    {
      name: 'a default that is empty',
      option: defaultTexts({ doc: 'The names.', default: [] }),
      expected: '| `key` | list of text | none | The names. |',
    },
    {
      name: 'a default that is a list',
      option: defaultTexts({ doc: 'The names.', default: ['a'] }),
      expected: '| `key` | list of text | `["a"]` | The names. |',
    },
    {
      name: 'the words of a choice, and bars that end no cell',
      option: choice(['a', 'b'], { doc: 'a|b.', default: 'a' }),
      expected: '| `key` | `a`, `b` | `a` | a\\|b. |',
    },
  ]) {
    test(`shows ${name}`, () => {
      const page = componentPage('sink', { type: 'null', summary: 'Drops all.', options: object({ key: option }) });
      assert.deepEqual(linesWith(page, '`key`'), [expected]);
    });
  }

  test('shows options inside of options by their path', () => {
    const inner = object({ wait: duration({ doc: 'The wait.', default: '1s' }) });
    const options = object({ retry: v.optional(described(inner, 'map', { doc: 'How.' }), {}) });
    const page = componentPage('sink', { type: 'null', summary: 'Drops all.', options });
    assert.deepEqual(linesWith(page, '`retry'), [
      '| `retry` | map | none | How. |',
      '| `retry.wait` | duration | `1s` | The wait. |',
    ]);
  });

  test('shows options of what is in a list', () => {
    const inner = v.array(object({ wait: duration({ doc: 'The wait.', default: '1s' }) }));
    const options = object({ tries: v.optional(described(inner, 'list of tries', { doc: 'How.' }), []) });
    const page = componentPage('sink', { type: 'null', summary: 'Drops all.', options });
    assert.deepEqual(linesWith(page, '`tries'), [
      '| `tries` | list of tries | none | How. |',
      '| `tries[].wait` | duration | `1s` | The wait. |',
    ]);
  });

  test('shows the metrics that a source gives', () => {
    const metrics = [
      { name: 'a.b', type: 'up_down_counter', unit: 'By', description: 'How much.', labels: ['c', 'd'] },
      { name: 'e', type: 'gauge', unit: '', description: 'That.', labels: [] },
    ] as const;
    const page = componentPage('source', { type: 'x', summary: 'Reads x.', options: object({}), metrics });
    assert.deepEqual(page.split('## Metrics')[1]?.trim().split('\n').slice(2), [
      '| `a.b` | up-down-counter | `By` | `c`, `d` | How much. |',
      '| `e` | gauge |  |  | That. |',
    ]);
  });

  test('throws for an option that nobody documented', () => {
    const options = object({ retry: object({ wait: v.string() }) });
    assert.throws(() => componentPage('sink', { type: 'null', summary: 'Drops all.', options }), {
      message: 'Cannot document option "retry": no doc',
    });
  });

  test('says when there are no options, and shows the example', () => {
    const page = componentPage('stage', {
      type: 'json',
      summary: 'Reads JSON. And more.',
      options: object({}),
      example: { config: '- json', input: '{"a":1}', output: '{"attributes":[]}' },
    });
    assert.equal(
      page,
      `<!-- Made from src/stages/ by "npm run docs": change it there. -->

# The stage \`json\`

Reads JSON. And more.

## Options

It takes none.

## Example

\`\`\`yaml
- json
\`\`\`

The line

\`\`\`text
{"a":1}
\`\`\`

becomes, by this stage and as OTLP/JSON,

\`\`\`json
{
  "attributes": []
}
\`\`\`
`,
    );
  });
});

test('errorsPage() has a row a code', () => {
  assert.deepEqual(linesWith(errorsPage({ ERR_A: 'It is a.' }), 'ERR_A'), ['| `ERR_A` | It is a. |']);
});

test('metricsPage() tells counters from gauges by their names', () => {
  const page = metricsPage({ a_records_total: 'Records.', a_files: 'Files.' });
  assert.deepEqual(linesWith(page, '`a_'), [
    '| `a_records_total` | counter | Records. |',
    '| `a_files` | gauge | Files. |',
  ]);
});

test('configurationPage() has a table a part', () => {
  const page = configurationPage([
    { title: 'One', schema: object({ a: text({ doc: 'A.' }) }) },
    { title: 'Two', schema: object({}) },
  ]);
  assert.deepEqual(linesWith(page, '## '), ['## One', '## Two']);
  assert.deepEqual(linesWith(page, '`a`'), ['| `a` | text | required | A. |']);
});

test('commandLinePage() quotes the help of each command', () => {
  const page = commandLinePage([{ command: 'pillion run', help: 'Usage: pillion run\n\n' }]);
  assert.ok(page.endsWith('## `pillion run`\n\n```text\nUsage: pillion run\n```\n'));
});

test('indexPage() links every page', () => {
  const page = indexPage([{ path: 'sinks/a.md', title: 'The sink `a`', about: 'Sends.' }]);
  assert.ok(page.endsWith('\n- [The sink `a`](sinks/a.md): Sends.\n'));
});

describe('firstSentence()', () => {
  for (const { input, expected } of [
    { input: 'One. Two.', expected: 'One.' },
    { input: 'With 1.5 and `a.b`. Two.', expected: 'With 1.5 and `a.b`.' },
    { input: 'No period', expected: 'No period' },
  ]) {
    test(`gives ${JSON.stringify(expected)}`, () => assert.equal(firstSentence(input), expected));
  }
});
