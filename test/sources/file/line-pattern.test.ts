import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileLinePattern } from '../../../src/sources/file/line-pattern.ts';

const patterns = [
  '^(?!\\s)',
  '^(?=\\d)',
  '^(?!a|b)(?!c)\\w',
  '^(?!\\()(?=[^)]*\\))',
  '^(?![ab)])[a-z]+$',
  '^(?!at (?:a|b))',
  '^a|b',
  '^(?:(?!',
  '^(?!a)b|c',
  '^(?!a)?b',
  'x(?!a)',
  '^(?<=a)b',
  '(a)\\1',
];

test('compileLinePattern() finds what V8 finds, or says that it cannot', () => {
  const refused = new Set<string>();
  fc.assert(
    fc.property(
      fc.constantFrom(...patterns),
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', '(', ')', 't', '7'), maxLength: 5 }),
      (pattern, line) => {
        const compiled = compileLinePattern(pattern);
        if ('problem' in compiled) {
          refused.add(pattern);
          assert.ok(compiled.hint.length > 0);
        } else assert.equal(compiled.test(line), new RegExp(pattern).test(line), `${pattern} on ${line}`);
      },
    ),
    { numRuns: 3000 },
  );
  assert.deepEqual([...refused].toSorted(), ['(a)\\1', '^(?!a)?b', '^(?!a)b|c', '^(?:(?!', '^(?<=a)b', 'x(?!a)']);
});
