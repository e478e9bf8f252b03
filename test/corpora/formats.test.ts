import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { READY_MADE_FOLDER, readyMadeNames } from '../../src/config/ready-made.ts';
import { CORPUS_FILES } from './files.ts';
import type { Measure } from './measure.ts';
import { FORMATS_PAGE, measureFiles, missingCorpora, pageOf, sortDisagreements } from './measured-formats.ts';

/** The least part of the lines of a file that its pipeline must read. */
const LEAST_PARSED = 0.99;
const MAX_SHOWN = 5;

let measures: ReadonlyMap<string, Measure> = new Map();

before(async () => {
  if (missingCorpora === false) measures = await measureFiles();
});

test('the pipelines of the table of corpora are there', () => {
  const names = readyMadeNames(READY_MADE_FOLDER);
  const unknown = CORPUS_FILES.map(({ pipeline }) => pipeline).filter((name) => !names.includes(name));
  assert.deepEqual(unknown, []);
});

for (const { pipeline, path } of CORPUS_FILES) {
  test(`${pipeline} reads ${path}`, { skip: missingCorpora }, () => {
    const { lines, parsedLines, unparsed } = measures.get(`${pipeline} ${path}`)!;
    const shown = unparsed.slice(0, MAX_SHOWN).join('\n');
    assert.ok(parsedLines >= LEAST_PARSED * lines, `${parsedLines} of ${lines} lines; not\n${shown}`);
  });
}

test('what the corpora say comes out, but for what is known to differ', { skip: missingCorpora }, () => {
  const { known, unknown } = sortDisagreements(measures);
  assert.deepEqual(unknown.slice(0, MAX_SHOWN), [], `${unknown.length} differences that nobody knows`);
  const outdated = [...known].filter(([, count]) => count === 0).map(([difference]) => difference);
  assert.deepEqual(outdated, [], 'known differences that are none');
});

test('docs/formats.md says what was measured', { skip: missingCorpora }, (t) => {
  const page = pageOf(measures);
  for (const line of page.split('\n').filter((line) => line.startsWith('| '))) t.diagnostic(line);
  assert.equal(readFileSync(FORMATS_PAGE, 'utf8'), page, 'Run "npm run formats" and commit what it writes');
});
