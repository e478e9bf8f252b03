import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LinearRegex, MATCH, NO_MATCH } from '../../../src/bytes/regex/linear-regex.ts';
import { parseRegex } from '../../../src/bytes/regex/parse-regex.ts';
import type { RegexNode } from '../../../src/bytes/regex/regex-node.ts';

/** Expressions that are read the same by V8, with fields. */
const expression = fc.letrec<{ node: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('a', 'b', 'é', '[^a]', '\\w', ' ', '\\s', '[ab]', '.', '\\b', '\\B', '^', '$', '(?:)'),
    tie('node').map((node) => `(?:${node})`),
    tie('node').map((node) => `(?<#>${node})`),
  ),
  node: fc.oneof(
    { depthSize: 'small' },
    fc
      .array(
        fc.tuple(
          tie('atom'),
          fc.constantFrom('', '', '', '*', '+', '?', '*?', '+?', '??', '{2}', '{1,3}', '{0,2}?', '{2,}', '{3,4}'),
        ),
        { minLength: 1, maxLength: 4 },
      )
      .map((items) =>
        items.map(([atom, quantifier]) => (/^[\\^$][bB]?$/.test(atom) ? atom : atom + quantifier)).join(''),
      ),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `${a}|${b}`),
  ),
})).node;

const units = fc.constantFrom('a', 'b', 'é', ' ', 'c', '\n', '😀');

/** The expression with names for its groups; undefined: it has more than V8 could follow in a test. */
function named(form: string): string | undefined {
  let count = 0;
  const pattern = form.replaceAll('#', () => `f${count++}`);
  return pattern.length > 150 || count > 9 ? undefined : pattern;
}

function nodeOf(pattern: string): RegexNode {
  const node = parseRegex(pattern);
  assert.ok(!('problem' in node), pattern);
  return node;
}

for (const triesFirst of [true, false]) {
  test(`LinearRegex finds what V8 finds, all matches with their fields, ${triesFirst ? 'trying' : 'reading twice'}`, () => {
    fc.assert(
      fc.property(expression, fc.string({ unit: units, maxLength: 7 }), (form, text) => {
        const pattern = named(form);
        const regex = pattern && LinearRegex.create(nodeOf(pattern), triesFirst);
        if (pattern === undefined || !regex) return;
        const expected = [...text.matchAll(new RegExp(pattern, 'dg'))];
        assert.equal(regex.test(text) === MATCH, expected.length > 0, pattern);
        regex.begin(text);
        let from = 0;
        for (const match of expected) {
          assert.equal(regex.find(from), MATCH);
          assert.deepEqual([regex.start, regex.end], match.indices?.[0], pattern);
          const groups = match.indices?.groups ?? {};
          for (const [slot, name] of regex.fields.entries()) {
            const span: number[] = [...regex.spans.slice(2 * slot, 2 * slot + 2)];
            assert.deepEqual(span, groups[name] ?? [-1, -1], `${pattern} ${name}`);
          }
          from = regex.end > regex.start ? regex.end : regex.end + 1;
        }
        assert.equal(regex.find(from), NO_MATCH);
      }),
      { numRuns: 3000 },
    );
  });
}

/** Counts of all sizes, also in each other. */
const counted = fc
  .array(fc.tuple(fc.constantFrom('a', '[ab]', '(?:ab?)', '(?:a|b )', '\\w'), fc.nat(40), fc.nat(40), fc.boolean()), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => parts.map(([of, min, more, isLazy]) => `${of}{${min},${min + more}}${isLazy ? '?' : ''}`).join(''));

test('LinearRegex counts as V8 does', () => {
  fc.assert(
    fc.property(
      counted,
      fc.string({ unit: fc.constantFrom('a', 'a', 'a', 'b', 'ab '), maxLength: 120 }),
      (pattern, text) => {
        const node = nodeOf(pattern);
        const match = new RegExp(pattern).exec(text);
        for (const triesFirst of [true, false]) {
          const regex = LinearRegex.create(node, triesFirst)!;
          regex.begin(text);
          assert.equal(regex.find(0) === MATCH, match !== null, pattern);
          if (match !== null) assert.deepEqual([regex.start, regex.end - regex.start], [match.index, match[0].length]);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('LinearRegex finds matches across the blocks of a long text', () => {
  const text = `x${'ab '.repeat(100_000)}y`;
  for (const pattern of ['^(?<all>(?:(?<last>\\w+) ?)*)$', '(?<a>b x?)(?<b>y)', '(?<a>x.*)y$']) {
    const regex = LinearRegex.create(nodeOf(pattern), false)!;
    const match = new RegExp(pattern, 'd').exec(text)!;
    regex.begin(text);
    assert.equal(regex.find(0), MATCH);
    const expected = regex.fields.flatMap((name) => match.indices!.groups![name]!);
    assert.deepEqual([...regex.spans], expected, pattern);
  }
  const words = LinearRegex.create(nodeOf('\\w+'), false)!;
  words.begin(text);
  let count = 0;
  for (let from = 0; words.find(from) === MATCH; from = words.end) count++;
  assert.equal(count, 100_001);
});
