import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BackwardAutomaton } from '../../../src/bytes/regex/backward-automaton.ts';
import { BoundedTries, GAVE_UP } from '../../../src/bytes/regex/bounded-tries.ts';
import { parseRegex } from '../../../src/bytes/regex/parse-regex.ts';
import type { RegexNode } from '../../../src/bytes/regex/regex-node.ts';
import { createProgram } from '../../../src/bytes/regex/regex-program.ts';
import { StepAllowance } from '../../../src/bytes/regex/step-allowance.ts';
import { triedLength } from '../../../src/bytes/regex/tried-length.ts';
import { nastyExpression, nastyLine } from '../../harness/nasty-regex.ts';

function nodeOf(pattern: string): RegexNode {
  const node = parseRegex(pattern);
  assert.ok(!('problem' in node), pattern);
  return node;
}

for (const { pattern, length } of [
  { pattern: '^(\\S+) (\\S+) \\[([^\\]]+)\\] "([^"\\\\]|\\\\.)*" (\\d+)', length: Number.POSITIVE_INFINITY },
  { pattern: '^\\d{4}-\\d\\d-\\d\\d', length: Number.POSITIVE_INFINITY },
  { pattern: '^(?:GET|POST|PUT|PATCH) (.*)$', length: Number.POSITIVE_INFINITY },
  { pattern: 'error|warn|fatal', length: Number.POSITIVE_INFINITY },
  { pattern: 'password=\\S+', length: Number.POSITIVE_INFINITY },
  { pattern: '^(?:\\w+,)*\\w+;', length: 166 },
  { pattern: '\\s+$', length: 500 },
  { pattern: '^.*a.*b', length: 125 },
  // Places take nothing, but can fail and are looked at.
  { pattern: '\\w+(?:$){2}', length: 125 },
  { pattern: '\\wc*(?:\\b|\\b){2}', length: 62 },
  { pattern: '[^a]*\\b\\ba', length: 166 },
  { pattern: '(?:\\b[^a])*?a', length: 250 },
  { pattern: '.(?:c(?:$)?)+$', length: 166 },
  { pattern: '(?:\\s|b)+?\\b', length: 250 },
  { pattern: '(.*)a(.*)b', length: 19 },
  { pattern: '.*a.*b.*c', length: 0 },
  { pattern: '^(a+)+$', length: 0 },
  { pattern: '^(?:a|b|ab)*c', length: 0 },
  { pattern: '^(?:a*)*c', length: 0 },
  { pattern: '^(?:\\w+ ?)*$', length: 0 },
  { pattern: '^(?:a|aa){30}b', length: 0 },
]) {
  test(`triedLength() of ${pattern} is ${length}`, () => assert.equal(triedLength(nodeOf(pattern)), length));
}

test('a text that triedLength() allows needs few tries, whatever it holds', () => {
  fc.assert(
    fc.property(
      nastyExpression,
      fc.boolean(),
      fc.array(nastyLine, { minLength: 20, maxLength: 20 }),
      (form, isAnchored, lines) => {
        const pattern = isAnchored ? `^(?:${form})` : form;
        const node = nodeOf(pattern);
        const longest = Math.min(triedLength(node), 1500);
        if (longest === 0) return;
        const program = createProgram(node);
        const automaton = program && BackwardAutomaton.create(program, new StepAllowance());
        if (!program || !automaton) return;
        const tries = new BoundedTries(program, automaton.follow, automaton.classes, new Int32Array(0));
        for (const line of lines) {
          const text = line(longest);
          // Of 2 ns each, with what a short text costs anyway.
          const allowed = 600 * text.length + 4000;
          tries.begin(text, allowed);
          assert.notEqual(tries.search(0), GAVE_UP, `${pattern} on ${JSON.stringify(text)}`);
        }
      },
    ),
    { numRuns: 3000 },
  );
});
