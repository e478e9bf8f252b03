// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what is tested
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fillEnvironment } from '../../src/config/environment.ts';

const env = { HOST: 'collector', EMPTY: '', NESTED: '${HOST}', _A1: 'x' };

for (const { name, text, expected } of [
  { name: 'fills in a variable', text: 'http://${HOST}:4318', expected: 'http://collector:4318' },
  { name: 'fills in several', text: '${HOST}${_A1}', expected: 'collectorx' },
  { name: 'takes the default for a variable that is not set', text: '${NOPE:-here}', expected: 'here' },
  { name: 'takes the default for an empty variable', text: '${EMPTY:-here}', expected: 'here' },
  { name: 'takes an empty default', text: 'a${NOPE:-}b', expected: 'ab' },
  { name: 'takes a default with ":-" in it', text: '${NOPE:-a:-b}', expected: 'a:-b' },
  { name: 'prefers the variable to its default', text: '${HOST:-here}', expected: 'collector' },
  { name: 'fills in an empty variable', text: 'a${EMPTY}b', expected: 'ab' },
  { name: 'does not fill in what it has filled in', text: '${NESTED}', expected: '${HOST}' },
  { name: 'reads "$${" as "${"', text: '$${HOST}', expected: '${HOST}' },
  { name: 'reads "$$${" as a dollar and a reference', text: '$$${HOST}', expected: '$collector' },
  { name: 'reads "$$$${" as "$${"', text: '$$$${HOST}', expected: '$${HOST}' },
  { name: 'fills in behind an escape', text: '$${${HOST}}', expected: '${collector}' },
  { name: 'leaves other dollars alone', text: '^\\d+$ pa$$word $HOST $', expected: '^\\d+$ pa$$word $HOST $' },
])
  test(`fillEnvironment() ${name}`, () => assert.deepEqual(fillEnvironment(text, env), { ok: true, text: expected }));

for (const { name, text, references } of [
  { name: 'every variable that is not set', text: '${A} ${HOST} ${B}', references: ['${A}', '${B}'] },
  { name: 'a name that is inherited, not set', text: '${constructor}', references: ['${constructor}'] },
  { name: 'names that are no names', text: '${} ${1A} ${A-b} ${A }', references: ['${}', '${1A}', '${A-b}', '${A }'] },
  { name: 'a reference inside a default', text: '${A:-${HOST}}', references: ['${A:-${HOST}'] },
  { name: 'a reference that is not closed', text: '${HOST} ${HOST', references: ['${HOST'] },
])
  test(`fillEnvironment() refuses ${name}`, () => {
    const filled = fillEnvironment(text, env);
    assert.deepEqual(filled.ok ? [] : filled.problems.map(({ reference }) => reference), references);
  });

test('fillEnvironment() gives any text back that is escaped', () => {
  const texts = fc.string({ unit: fc.constantFrom('$', '{', '}', 'A', ':-', ' ', '\n') });
  fc.assert(
    fc.property(texts, (text) => {
      const escaped = text.replace(/\$+(?=\{)/g, '$&$&');
      assert.deepEqual(fillEnvironment(escaped, env), { ok: true, text });
    }),
  );
});
