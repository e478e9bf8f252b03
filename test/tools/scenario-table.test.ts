import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fillScenarioTable, scenariosOf } from '../../tools/scenario-table.ts';

const HEAD = '| ID | outcome | tests |\n|---|---|---|\n';

test('scenariosOf() finds what titles begin with, also on the next line and several of them', () => {
  const text = `
    test('ROT-05 three renames', () => {});
    describe("DSC-02, ROT-01 both", () => {});
    test(
      \`CKP-01 \${step}\`, () => {});
    test.skip('LIN-03 later', () => {});
    for (const { name } of [{ name: 'MUL-02 in a table' }]) test(name, () => {});
    test('speaks of ANS-01', () => {}); // DEL-02 stands in a comment`;
  assert.deepEqual([...scenariosOf(text)], ['ROT-05', 'DSC-02', 'ROT-01', 'CKP-01', 'LIN-03', 'MUL-02']);
});

test('fillScenarioTable() writes the tests of each scenario into its row, and nothing else', () => {
  const page = `# Text\n${HEAD}| ROT-05 | holds |  |\n| UNA-01 | loses: a race |  |\n`;
  const scenarios = new Map([
    ['sources/b.test.ts', new Set(['ROT-05'])],
    ['e2e/a.test.ts', new Set(['ROT-05'])],
  ]);
  const filled = fillScenarioTable(page, scenarios);
  assert.deepEqual(filled.problems, []);
  assert.equal(
    filled.page,
    `# Text\n${HEAD}| ROT-05 | holds | [e2e/a](../test/e2e/a.test.ts), [sources/b](../test/sources/b.test.ts) |\n| UNA-01 | loses: a race |  |\n`,
  );
  assert.equal(fillScenarioTable(filled.page, scenarios).page, filled.page);
});

for (const { name, rows, named, problem } of [
  { name: 'a scenario without a test', rows: '| ROT-05 | holds | |\n', named: [], problem: /ROT-05 has no test/ },
  { name: 'a test without a row', rows: '', named: ['ROT-05'], problem: /ROT-05 of test\/a has no row/ },
  { name: 'two rows', rows: '| UNA-01 | loses | |\n| UNA-01 | loses | |\n', named: [], problem: /two rows/ },
  {
    name: 'a row that a test has overtaken',
    rows: '| ROT-05 | not yet | |\n',
    named: ['ROT-05'],
    problem: /"not yet"/,
  },
]) {
  test(`fillScenarioTable() finds ${name}`, () => {
    const { problems } = fillScenarioTable(HEAD + rows, new Map([['a', new Set(named)]]));
    assert.equal(problems.length, 1);
    assert.match(problems[0]!, problem);
  });
}

const GUARANTEES = new URL('../../docs/guarantees.md', import.meta.url);
const CONFORMANCE = new URL('../../../shared/tailing-conformance.md', import.meta.url);

test('docs/guarantees.md has a row for every scenario of the conformance list', (t) => {
  if (!existsSync(CONFORMANCE)) return t.skip('the conformance list is not there: ../shared/tailing-conformance.md');
  const wanted = readFileSync(CONFORMANCE, 'utf8').matchAll(/^([A-Z]{3}-\d\d)(?: [^|]*)? \|/gm);
  const rows = readFileSync(GUARANTEES, 'utf8').matchAll(/^\| ([A-Z]{3}-\d\d) \|/gm);
  const found = new Set([...rows].map((match) => match[1]));
  assert.deepEqual(
    [...wanted].map((match) => match[1]).filter((scenario) => !found.has(scenario)),
    [],
  );
});
