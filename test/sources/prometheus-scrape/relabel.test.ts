import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { REGEX_ENGINE_FLAGS } from '../../../src/bytes/regex/engine-flags.ts';
import { checkOptions } from '../../../src/component/check-options.ts';
import { LabelSet } from '../../../src/core/label-set.ts';
import { prometheusScrapeSource } from '../../../src/sources/prometheus-scrape/index.ts';
import { compileRelabel } from '../../../src/sources/prometheus-scrape/relabel.ts';

for (const flag of REGEX_ENGINE_FLAGS) setFlagsFromString(flag);

type Labels = Readonly<Record<string, string>>;

const INPUT: Labels = { __name__: 'm', a: 'foo', b: 'bar', c: 'baz', d: 'x;y' };

const CASES: readonly { what: string; rules: Labels[] | object[]; input?: Labels; expected: Labels | undefined }[] = [
  {
    what: 'replaces by the groups of a match',
    rules: [{ source_labels: ['a'], regex: 'f(.*)', target_label: 'd', replacement: 'ch$1-ch$1' }],
    expected: { ...INPUT, d: 'choo-choo' },
  },
  {
    what: 'joins labels with ";"',
    rules: [{ source_labels: ['a', 'b'], regex: 'f(.*);(.*)r', target_label: 'a', replacement: 'b$1$2-m' }],
    expected: { ...INPUT, a: 'booba-m' },
  },
  {
    what: 'joins labels with a separator of its own',
    rules: [{ source_labels: ['a', 'b'], separator: '+', target_label: 'e' }],
    expected: { ...INPUT, e: 'foo+bar' },
  },
  {
    what: 'matches whole values only',
    rules: [{ source_labels: ['a'], regex: 'o', target_label: 'd', replacement: 'no' }],
    expected: INPUT,
  },
  {
    what: 'knows groups by name, and takes the longest name',
    rules: [
      {
        source_labels: ['a'],
        regex: '(?P<first>f)(?<rest>.*)',
        target_label: 'e',
        replacement: `$rest-$first-$1x-$\{1}x-$$`,
      },
    ],
    expected: { ...INPUT, e: 'oo-f--fx-$' },
  },
  {
    what: 'counts groups around and inside of others',
    rules: [{ source_labels: ['a'], regex: '((f)(?:o)(o))', target_label: 'e', replacement: '$3$2$1$0' }],
    expected: { ...INPUT, e: 'offoofoo' },
  },
  {
    what: 'matches brackets that are no groups',
    rules: [{ source_labels: ['d'], regex: '[(x;]+\\(?(y)', target_label: 'e' }],
    expected: { ...INPUT, e: 'y' },
  },
  {
    what: 'matches line feeds with a point',
    rules: [{ source_labels: ['e'], regex: '(.*)', target_label: 'f' }],
    input: { __name__: 'm', e: 'x\ny' },
    expected: { __name__: 'm', e: 'x\ny', f: 'x\ny' },
  },
  {
    what: 'sets labels whose names are made of a match',
    rules: [{ source_labels: ['a'], regex: '(f).*', target_label: 'label_$1', replacement: 'v' }],
    expected: { ...INPUT, label_f: 'v' },
  },
  {
    what: 'removes a label whose value becomes empty',
    rules: [{ source_labels: ['a'], target_label: 'b', replacement: '' }],
    expected: { __name__: 'm', a: 'foo', c: 'baz', d: 'x;y' },
  },
  { what: 'keeps what matches', rules: [{ action: 'keep', source_labels: ['a'], regex: 'foo' }], expected: INPUT },
  {
    what: 'drops what does not match',
    rules: [{ action: 'keep', source_labels: ['a'], regex: 'no' }],
    expected: undefined,
  },
  {
    what: 'drops what matches',
    rules: [{ action: 'drop', source_labels: ['a', 'b'], regex: 'foo;b.r' }],
    expected: undefined,
  },
  {
    what: 'drops by the name of the sample',
    rules: [{ action: 'drop', source_labels: ['__name__'], regex: 'm' }],
    expected: undefined,
  },
  {
    what: 'renames the sample',
    rules: [{ source_labels: ['__name__'], regex: '(.*)', target_label: '__name__', replacement: 'app_$1' }],
    expected: { ...INPUT, __name__: 'app_m' },
  },
  {
    what: 'drops what has no name any more',
    rules: [{ source_labels: ['a'], target_label: '__name__', replacement: '' }],
    expected: undefined,
  },
  {
    what: 'keeps equal labels',
    rules: [{ action: 'keepequal', source_labels: ['a'], target_label: 'b' }],
    expected: undefined,
  },
  {
    what: 'drops equal labels',
    rules: [{ action: 'dropequal', source_labels: ['a'], target_label: 'b' }],
    expected: INPUT,
  },
  {
    what: 'hashes as Prometheus does',
    rules: [{ action: 'hashmod', source_labels: ['c'], separator: ';', target_label: 'd', modulus: 1000 }],
    expected: { ...INPUT, d: '976' },
  },
  {
    what: 'writes in lower and upper case',
    rules: [
      { action: 'uppercase', source_labels: ['a'], target_label: 'u' },
      { action: 'lowercase', source_labels: ['u'], target_label: 'l' },
    ],
    expected: { ...INPUT, u: 'FOO', l: 'foo' },
  },
  {
    what: 'copies labels under other names',
    rules: [{ action: 'labelmap', regex: '(b.*)', replacement: 'bar_$1' }],
    input: { __name__: 'm', a: 'foo', b1: 'bar', b2: 'baz' },
    expected: { __name__: 'm', a: 'foo', b1: 'bar', b2: 'baz', bar_b1: 'bar', bar_b2: 'baz' },
  },
  { what: 'removes labels', rules: [{ action: 'labeldrop', regex: '[bcd]' }], expected: { __name__: 'm', a: 'foo' } },
  {
    what: 'keeps labels',
    rules: [{ action: 'labelkeep', regex: '__name__|a' }],
    expected: { __name__: 'm', a: 'foo' },
  },
  {
    what: 'applies one rule after the other, and leaves what begins with __ out at the end',
    rules: [
      { source_labels: ['a'], target_label: '__tmp' },
      { source_labels: ['__tmp'], regex: 'f(.*)', target_label: 'e' },
    ],
    expected: { ...INPUT, e: 'oo' },
  },
];

for (const { what, rules, input = INPUT, expected } of CASES) {
  test(`relabel ${what}`, () => {
    const { __name__: name = '', ...labels } = input;
    const found = compileRelabel(optionsOf(rules).relabel)(name, LabelSet.of(Object.entries(labels)));
    const shown = found && { __name__: found.name, ...Object.fromEntries(found.labels) };
    assert.deepEqual(shown, expected);
  });
}

test('a hostile value takes no more than its length, whatever the expression is', { timeout: 20_000 }, () => {
  const { relabel } = optionsOf([{ source_labels: ['a'], regex: '(a+)+b', target_label: 'e' }]);
  const found = compileRelabel(relabel)('m', LabelSet.of([['a', 'a'.repeat(100_000)]]));
  assert.equal(found?.labels.get('e'), undefined);
});

const WRONG: readonly { rule: object; message: RegExp }[] = [
  { rule: { target_label: 'a', regex: '(' }, message: /^Cannot compile regex "\("/ },
  { rule: { source_labels: ['a'] }, message: /has no "target_label"/ },
  { rule: { action: 'hashmod', source_labels: ['a'], target_label: 'b' }, message: /has no "modulus"/ },
];

for (const { rule, message } of WRONG) {
  test(`a rule ${JSON.stringify(rule)} is refused`, () => {
    const errors = prometheusScrapeSource.check!(optionsOf([rule]));
    assert.match(errors[0]?.message ?? '', message);
  });
}

function optionsOf(relabel: readonly object[]): Parameters<typeof prometheusScrapeSource.build>[0] {
  const checked = checkOptions(prometheusScrapeSource.options, { targets: ['localhost:1'], relabel }, []);
  assert.ok(checked.ok);
  return checked.options;
}
