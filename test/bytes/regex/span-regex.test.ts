import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import fc from 'fast-check';
import { REGEX_ENGINE_FLAGS } from '../../../src/bytes/regex/engine-flags.ts';
import { MATCH } from '../../../src/bytes/regex/linear-regex.ts';
import { parseRegex } from '../../../src/bytes/regex/parse-regex.ts';
import { LineText, SpanRegex } from '../../../src/bytes/regex/span-regex.ts';
import { cpuMsOf } from '../../harness/cpu-time.ts';

// As main.ts does, before the first expression is compiled.
for (const flag of REGEX_ENGINE_FLAGS) setFlagsFromString(flag);

interface Found {
  readonly [name: string]: string | undefined;
}

function spanRegex(pattern: string): SpanRegex {
  const node = parseRegex(pattern);
  assert.ok(!('problem' in node), `${pattern}: ${'problem' in node ? node.problem : ''}`);
  const regex = SpanRegex.create(node);
  assert.ok(!('problem' in regex), pattern);
  return regex;
}

/** The bytes that the spans of the fields hold, with something around the line; undefined: the line does not match. */
function find(pattern: string, line: string): Found | undefined {
  const regex = spanRegex(pattern);
  const { fields } = regex;
  const before = Buffer.from('é 1 x');
  const text = Buffer.from(line);
  const bytes = Buffer.concat([before, text, before]);
  const lineText = new LineText();
  lineText.set(bytes, before.length, before.length + text.length);
  const spans = new Int32Array(2 * fields.length);
  if (regex.match(lineText, spans) !== MATCH) return undefined;
  const found: Record<string, string | undefined> = {};
  for (const [slot, name] of fields.entries()) {
    if (spans[2 * slot]! >= 0) found[name] = bytes.toString('utf8', spans[2 * slot], spans[2 * slot + 1]);
  }
  return found;
}

for (const { pattern, line, expected } of [
  { pattern: '(?<a>\\d+)', line: 'x 12 y', expected: { a: '12' } },
  { pattern: '^(?<a>\\d+)', line: 'x 12 y', expected: undefined },
  { pattern: '\\s+(?<a>\\w+)\\s*=\\s*(?<b.c>.*)', line: 'x   y  =z z', expected: { a: 'y', 'b.c': 'z z' } },
  { pattern: '(?P<a>x)(?:,(?<b>y))?(?<c>z)', line: 'xz', expected: { a: 'x', c: 'z' } },
  { pattern: '(?P<a>x)(?:,(?<b>y))?(?<c>z)', line: 'x,yz', expected: { a: 'x', b: 'y', c: 'z' } },
  { pattern: '(?:(?<n>\\d+)|(?<w>[a-z]+)) (?<c>z)', line: 'ab z', expected: { w: 'ab', c: 'z' } },
  { pattern: '(?:(?<a>\\d+)|(?<a>[a-z]+)) (?<c>z)', line: 'ab z', expected: { a: 'ab', c: 'z' } },
  { pattern: '(?:(?<a>\\w),+)+(?<b>.)', line: 'x,y,,z', expected: { a: 'y', b: 'z' } },
  {
    pattern: '(?<all>(?<a>\\w+)-(?<b>\\w+))\\.(?<c>.)',
    line: 'ü x1-y2.é',
    expected: { all: 'x1-y2', a: 'x1', b: 'y2', c: 'é' },
  },
  { pattern: '(?<a>\\S+) (?<b>\\S+)', line: 'grün 😀→', expected: { a: 'grün', b: '😀→' } },
  { pattern: '(?<a>.)$', line: '😀', expected: { a: '' } },
  { pattern: '^(?<a>.)', line: '😀', expected: { a: '😀' } },
  { pattern: '(?<a>😀+)', line: 'x😀😀', expected: { a: '😀😀' } },
  { pattern: '(?i)(?<a>hello É)', line: 'HeLLo é', expected: { a: 'HeLLo é' } },
  { pattern: '(?<a>(?i:h)e)', line: 'He', expected: { a: 'He' } },
  { pattern: '(?<a>(?i:h)e)', line: 'HE', expected: undefined },
  { pattern: '(?i:a(?-i)b(?<c>x))', line: 'Abx', expected: { c: 'x' } },
  { pattern: 'a.(?<b>.)', line: 'a\nb', expected: undefined },
  { pattern: '(?s)a.(?<b>.)', line: 'a\nb', expected: { b: 'b' } },
  { pattern: '(?<a>[[:alpha:]_]+)(?<b>[[:^alpha:]]+)', line: 'ab_12', expected: { a: 'ab_', b: '12' } },
  { pattern: '(?<a>[]x]+)', line: 'x]]', expected: { a: 'x]]' } },
  { pattern: '(?<a>[^]x]+)', line: 'x]yz', expected: { a: 'yz' } },
  { pattern: '(?<a>[\\d\\-.]+)', line: '1-2.3x', expected: { a: '1-2.3' } },
  { pattern: '(?<a>[a-]+)', line: 'b-a', expected: { a: '-a' } },
  { pattern: '(?<a>[^\\W\\d]+)', line: '12ab', expected: { a: 'ab' } },
  { pattern: '(?<a>\\x41\\x{42}\\u0043\\t\\.)', line: 'ABC\t.', expected: { a: 'ABC\t.' } },
  { pattern: '(?<a>x{2})(?<b>x{,2})(?<c>x{1,})', line: 'xxxxxxx', expected: { a: 'xx', b: 'xx', c: 'xxx' } },
  { pattern: '(?<a>x{)y', line: 'x{y', expected: { a: 'x{' } },
  {
    pattern: '(?<a>x{40})(?<b>(?:y{3}z?){20,})',
    line: `${'x'.repeat(40)}${'yyyz'.repeat(30)}`,
    expected: { a: 'x'.repeat(40), b: 'yyyz'.repeat(30) },
  },
  { pattern: '^(?<a>x{1,100})$', line: 'x'.repeat(100), expected: { a: 'x'.repeat(100) } },
  { pattern: '^(?<a>x{1,100})$', line: 'x'.repeat(101), expected: undefined },
  { pattern: '^(?<a>x{20,40}?)(?<b>x*)', line: 'x'.repeat(50), expected: { a: 'x'.repeat(20), b: 'x'.repeat(30) } },
  { pattern: '(?>a+)(?<b>b++)(?<c>c*?)$', line: 'aabbcc', expected: { b: 'bb', c: 'cc' } },
  { pattern: '\\A(?<a>\\w+)\\b.\\B.\\z', line: 'ab --', expected: undefined },
  { pattern: '\\A(?<a>\\w+)\\b.\\B.\\z', line: 'ab -', expected: { a: 'ab' } },
  { pattern: '(?<a>)x', line: 'yx', expected: { a: '' } },
]) {
  test(`SpanRegex finds ${pattern} in ${JSON.stringify(line.slice(0, 30))}`, () => {
    assert.deepEqual(find(pattern, line), expected);
  });
}

for (const { pattern, column, problem } of [
  { pattern: '(?<a>x', column: 1, problem: '"(" is not closed' },
  { pattern: 'a)b', column: 2, problem: '")" closes nothing' },
  { pattern: 'a[b', column: 2, problem: 'the class "[" has no end' },
  { pattern: 'a**', column: 3, problem: 'a quantifier repeats a quantifier' },
  { pattern: 'a{2}{3}', column: 8, problem: 'a quantifier repeats a quantifier' },
  { pattern: '|*', column: 2, problem: '"*" repeats nothing' },
  { pattern: 'a{3,2}', column: 2, problem: 'the counts have no order' },
  { pattern: 'a{1,2000}', column: 2, problem: 'a count is greater than 1000' },
  { pattern: '[z-a]', column: 3, problem: 'the range in a class has no order' },
  { pattern: '[[:letter:]]', column: 2, problem: '"[:" begins no class that is known' },
  { pattern: '[😀]', column: 2, problem: 'a character beyond U+FFFF cannot stand in a class' },
  { pattern: 'ab(?=c)', column: 3, problem: 'unknown group "(?="' },
  { pattern: '(?<!c)', column: 1, problem: 'unknown group "(?<!"' },
  { pattern: '(?<1>c)', column: 1, problem: 'the group has no name that can be used' },
  { pattern: '(a)\\1', column: 4, problem: 'unknown escape "\\1"' },
  { pattern: '\\p{L}', column: 1, problem: 'unknown escape "\\p"' },
  { pattern: '\\u12', column: 1, problem: 'the escape names no character up to U+FFFF' },
  { pattern: 'a\\', column: 2, problem: 'nothing follows the backslash' },
  { pattern: '(?m)a', column: 1, problem: 'unknown mode "m"' },
  { pattern: `${'('.repeat(101)}x`, column: 101, problem: 'groups are nested deeper than 100' },
]) {
  test(`parseRegex() refuses ${pattern.slice(0, 20)}`, () => {
    const found = parseRegex(pattern);
    assert.ok('problem' in found);
    assert.deepEqual([found.column, found.problem], [column, problem]);
    assert.ok(found.hint.length > 0);
  });
}

for (const { pattern, problem } of [
  { pattern: '(?:(?<a>x?){1000}){40}', problem: 'it becomes too large' },
  { pattern: '(?:(?:x{1000}){1000}){1000}', problem: 'it becomes too large' },
]) {
  test(`SpanRegex refuses ${pattern}`, () => {
    const node = parseRegex(pattern);
    assert.ok(!('problem' in node));
    const regex = SpanRegex.create(node);
    assert.equal('problem' in regex && regex.problem, problem);
  });
}

/** Expressions that are read the same by V8, with up to three fields. */
const expression = fc.letrec<{ node: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('a', 'b', 'é', '[^a]', '\\w', ' ', '\\s', '[ab]', '\\b'),
    tie('node').map((node) => `(?:${node})`),
    tie('node').map((node) => `(?<#>${node})`),
  ),
  node: fc.oneof(
    { depthSize: 'small' },
    fc
      .array(fc.tuple(tie('atom'), fc.constantFrom('', '', '', '*', '+', '?', '*?', '{2}', '{1,3}')), {
        minLength: 1,
        maxLength: 4,
      })
      .map((items) => items.map(([atom, quantifier]) => (atom === '\\b' ? atom : atom + quantifier)).join('')),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `${a}|${b}`),
  ),
})).node;

test('SpanRegex finds what V8 finds with the flag "d"', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', 'é', ' ', 'c'), maxLength: 12 });
  fc.assert(
    fc.property(expression, line, (form, line) => {
      let count = 0;
      const pattern = form.replaceAll('#', () => `f${count++}`);
      if (count === 0 || count > 9) return;
      const node = parseRegex(pattern);
      assert.ok(!('problem' in node));
      if ('problem' in SpanRegex.create(node)) return;
      const groups = new RegExp(pattern).exec(line)?.groups;
      const expected = groups && Object.fromEntries(Object.entries(groups).filter(([, text]) => text !== undefined));
      assert.deepEqual(find(pattern, line), expected && { ...expected });
      // The places as well, not only what stands there.
      const indices = new RegExp(pattern, 'd').exec(line)?.indices?.groups ?? {};
      const regex = spanRegex(pattern);
      const { fields } = regex;
      const text = new LineText();
      const bytes = Buffer.from(line);
      text.set(bytes, 0, bytes.length);
      const spans = new Int32Array(2 * fields.length);
      if (regex.match(text, spans) !== MATCH) return;
      for (const [slot, name] of fields.entries()) {
        const index = indices[name]?.[0];
        assert.equal(
          spans[2 * slot],
          index === undefined ? -1 : Buffer.byteLength(line.slice(0, index)),
          `${pattern} ${name}`,
        );
      }
    }),
    { numRuns: 3000 },
  );
});

/**
 * Each holds what can be written, and tries exponentially many ways, or those of a power of the length, in an engine
 * without a bound. What is promised is 1 ms a KiB.
 */
for (const { pattern } of [
  { pattern: '^(?<x>(a+)+)$' },
  { pattern: '(?i)^(?<x>(a+)+)$' },
  { pattern: '(?s)^(?<x>(a+)+).x$' },
  { pattern: '^(?<x>(?:a+){1,20})$' },
  { pattern: '^(?<x>(?:a{1,100})+)$' },
  { pattern: '^(?<x>(?:a{1,3}){1,100}(a+)+)$' },
  { pattern: '^(?<x>(?:a{20,}){20,30})$' },
  { pattern: '^(?:(?<x>a+)b?)+$' },
  { pattern: '^(?<x>(?:a|aa|[[:alpha:]]+)+)\\b.$x' },
  { pattern: '^(?<x>(?:\\w+?\\B)+?)$' },
  { pattern: '^(?:(?:(?<x>a+)|(?<y>a?a))+)+$' },
  { pattern: '^(?>(?<x>(?>a+)+))++$' },
  // Quadratic ways, in loops whose steps back are not counted.
  { pattern: '(?<x>a+)$' },
  { pattern: '(?<x>a+)-(?<y>a+)' },
  { pattern: '^(?<x>.*)a(?<y>.*)b$' },
]) {
  test(`SpanRegex needs linear time for ${pattern}`, () => {
    const regex = spanRegex(pattern);
    const { fields } = regex;
    const spans = new Int32Array(2 * fields.length);
    const line = new LineText();
    // V8 tries 5,000 ways first, whatever the length, and compiles the expression when it is used twice.
    for (const length of [40, 1024, 1025, 2 ** 16]) {
      const bytes = Buffer.from(`${'a'.repeat(length)}!`);
      line.set(bytes, 0, bytes.length);
      const limitMs = 2 * Math.max(1, length / 1024);
      let bestMs = Number.POSITIVE_INFINITY;
      // The best of ten, so one that is good enough decides.
      for (let round = 0; round < 10 && bestMs >= limitMs; round++) {
        bestMs = Math.min(
          bestMs,
          cpuMsOf(() => regex.match(line, spans)),
        );
      }
      assert.ok(bestMs < limitMs, `${length} bytes: ${bestMs} ms`);
    }
  });
}

test('SpanRegex needs no time for groups that are nested deep', () => {
  const nested = (quantifier: string): string => `(?<x>${'(?:'.repeat(90)}a${`)${quantifier}`.repeat(90)})`;
  for (const quantifier of ['?', '*', '+', '{0,3}']) {
    const node = parseRegex(nested(quantifier));
    assert.ok(!('problem' in node));
    assert.ok(cpuMsOf(() => SpanRegex.create(node)) < 1000);
  }
});

test('SpanRegex reads lines of many megabytes, or says that it cannot', () => {
  const bytes = Buffer.alloc(2 ** 24, 'ab');
  const line = new LineText();
  line.set(bytes, 0, bytes.length);
  for (const pattern of ['^(?<x>.*)$', '^(?<x>(?:a|b)*)$', '^(?:(?<x>a)|b)*$', '(?<x>c)']) {
    const regex = spanRegex(pattern);
    const { fields } = regex;
    assert.ok([0, 1, 2].includes(regex.match(line, new Int32Array(2 * fields.length))));
  }
});
