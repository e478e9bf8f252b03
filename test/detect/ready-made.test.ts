import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findCases } from '../../src/agent/cases.ts';
import { READY_MADE_FOLDER, readyMadeNames } from '../../src/config/ready-made.ts';
import { detectedOf, detectorOf } from '../harness/detector.ts';

/** Cases of what goes wrong, by their names: few of their lines are of the format. */
const BROKEN = /broken|mixed/;

const parts = await detectorOf();

for (const name of readyMadeNames(READY_MADE_FOLDER)) {
  const cases = findCases(join(READY_MADE_FOLDER, name, 'cases')).filter((one) => !BROKEN.test(one.name));
  for (const { name: caseName, inputFile } of cases) {
    test(`the lines of ${name}/${caseName} are not taken for those of another ready-made pipeline`, (t) => {
      const lines = readFileSync(inputFile);
      const { best, confidence, second } = detectedOf(
        parts,
        Buffer.concat(Array.from({ length: 10 }, () => lines)),
      ).detection;
      const found = `${best?.name} ${confidence?.level} ${confidence?.value}, then ${second?.name}`;
      t.diagnostic(found);
      assert.ok(best?.isReadyMade !== true || best.name === name || confidence?.level !== 'high', found);
    });
  }
}
