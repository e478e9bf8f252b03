import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { BackwardAutomaton } from '../../src/bytes/regex/backward-automaton.ts';
import { BoundedTries, GAVE_UP } from '../../src/bytes/regex/bounded-tries.ts';
import { GuardedRegex } from '../../src/bytes/regex/guarded-regex.ts';
import { LinearRegex, TOO_COSTLY } from '../../src/bytes/regex/linear-regex.ts';
import { parseRegex } from '../../src/bytes/regex/parse-regex.ts';
import type { RegexNode } from '../../src/bytes/regex/regex-node.ts';
import { createProgram } from '../../src/bytes/regex/regex-program.ts';
import { StepAllowance } from '../../src/bytes/regex/step-allowance.ts';
import { triedLength } from '../../src/bytes/regex/tried-length.ts';
import { READY_MADE_FOLDER, readyMadeNames } from '../../src/config/ready-made.ts';
import { GrokReferences, LIBRARY } from '../../src/stages/grok/grok-references.ts';
import { caseLines, json, mutated, noise, REPEATED } from '../harness/hostile-lines.ts';

/** Whether a text that stands there in a configuration is an expression. */
const EXPRESSION_KEYS = new Set(['regex', 'match', 'start', 'end', 'continuation']);

/** The regular expressions that a configuration holds, those in its conditions too. */
function expressionsIn(value: unknown, isExpression: boolean): string[] {
  if (typeof value === 'string') {
    const inside = [...value.matchAll(/\.matches\(("(?:[^"\\]|\\.)*")\)/g)].map(([, text]) =>
      String(JSON.parse(text!)),
    );
    return isExpression ? [value] : inside;
  }
  if (Array.isArray(value)) return value.flatMap((item) => expressionsIn(item, isExpression));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inside]) =>
    // What a `pattern` matches is a template.
    key === 'pattern' ? [] : expressionsIn(inside, EXPRESSION_KEYS.has(key)),
  );
}

function pipelineExpressions(name: string): string[] {
  return expressionsIn(parse(readFileSync(join(READY_MADE_FOLDER, name, 'pipeline.yaml'), 'utf8')), false);
}

const references = new GrokReferences({});
const names = readyMadeNames(READY_MADE_FOLDER);
const subjects: { readonly pattern: string; readonly lines: readonly Buffer[] }[] = [
  ...names.flatMap((name) => pipelineExpressions(name).map((pattern) => ({ pattern, lines: caseLines(name) }))),
  ...[...LIBRARY.keys()].map((name) => ({ pattern: `%{${name}:x}`, lines: names.flatMap(caseLines) })),
];

function nodeOf(pattern: string): RegexNode | undefined {
  // A look-ahead at the beginning is an expression of its own.
  const node = parseRegex(pattern.replace(/^\^\(\?[=!]/, '^(?:'), references);
  return 'problem' in node ? undefined : node;
}

test('the expressions of the ready-made pipelines and of grok are found', () => {
  assert.ok(subjects.length > 150, `${subjects.length}`);
  assert.deepEqual(
    subjects.filter(({ pattern }) => nodeOf(pattern) === undefined),
    [],
  );
});

test('an expression that is shipped reads any line in counted steps, and V8 needs few tries for what it gets unwatched', () => {
  for (const { pattern, lines } of subjects) {
    const node = nodeOf(pattern)!;
    const regex = LinearRegex.create(node, false)!;
    const longest = Math.min(triedLength(node), 1500);
    const program = createProgram(node)!;
    const { follow, classes } = BackwardAutomaton.create(program, new StepAllowance())!;
    const tries = new BoundedTries(program, follow, classes, new Int32Array(2 * program.fields.length));
    const check = (line: Buffer): void => {
      const text = line.toString();
      assert.notEqual(regex.test(text), TOO_COSTLY, `${pattern} on ${JSON.stringify(text)}`);
      assert.ok(regex.steps <= 80 * Math.max(1024, text.length));
      const tried = text.slice(0, longest);
      tries.begin(tried, 600 * tried.length + 4000);
      assert.notEqual(tries.search(0), GAVE_UP, `${pattern} on ${JSON.stringify(tried)}`);
    };
    fc.assert(fc.property(fc.oneof(mutated(lines), noise, json), check), { numRuns: 40 });
    for (const unit of REPEATED) check(Buffer.alloc(2000, unit));
  }
});

test('no line of the cases is too costly for an expression that is shipped', () => {
  for (const { pattern, lines } of subjects) {
    const regex = GuardedRegex.create(nodeOf(pattern)!, '', () => 0);
    assert.ok(!('problem' in regex));
    for (const line of lines) assert.notEqual(regex.test(line.toString()), TOO_COSTLY, `${pattern} on ${line}`);
  }
});
