import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryFolder } from '../harness/files.ts';
import { describeReport, isGood } from './torture/describe-report.ts';
import { neverHappened } from './torture/never-happened.ts';
import { planOf } from './torture/plan.ts';
import { torture } from './torture/torture.ts';

// The long form is `npm run torture`.
for (const { seed, forMs } of [{ seed: 2, forMs: 5000 }]) {
  test(`CRA-01 LED-02 LED-03 torture with seed ${seed}: no line is lost or invented, whatever is killed, rotated and refused`, {
    timeout: 120_000,
  }, async (t) => {
    const plan = planOf(seed, forMs);
    const report = await torture(t, plan, temporaryFolder(t));
    const [sums, ...wrong] = describeReport(report);
    t.diagnostic(sums!);
    assert.ok(isGood(report), [...wrong, ...report.journal].join('\n'));
    assert.deepEqual(neverHappened(plan, report.happened), []);
  });
}

test('planOf() gives the same plan for the same seed', () => {
  assert.deepEqual(planOf(7, 1000), planOf(7, 1000));
  assert.notDeepEqual(planOf(7, 1000), planOf(8, 1000));
});
