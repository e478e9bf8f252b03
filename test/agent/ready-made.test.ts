import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { findCases, runCase } from '../../src/agent/cases.ts';
import { toLine } from '../../src/agent/record-fields.ts';
import { READY_MADE_FOLDER, readyMadeNames } from '../../src/config/ready-made.ts';
import { readyMade } from '../harness/ready-made.ts';

for (const name of readyMadeNames(READY_MADE_FOLDER)) {
  const cases = findCases(join(READY_MADE_FOLDER, name, 'cases'));
  test(`the ready-made pipeline ${name} has cases`, () => assert.ok(cases.length > 0));
  for (const one of cases) {
    test(`the ready-made pipeline ${name} makes of ${one.name} what is expected`, async () => {
      const { differences } = await runCase(one, await readyMade(name));
      const [first] = differences;
      const shown = first === undefined ? [] : [first.actual, first.expected].map((fields) => fields && toLine(fields));
      assert.equal(shown[0], shown[1], `record ${first?.number}`);
      assert.equal(differences.length, 0);
    });
  }
}
