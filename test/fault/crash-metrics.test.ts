import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryFolder } from '../harness/files.ts';
import { crashWhileCounting } from './metrics/crash-run.ts';

// The long form is `npm run crash-metrics`.
for (const seed of [1, 2]) {
  test(`CKP-12 counters and histograms are exact after SIGKILLs, and never go down, with seed ${seed}`, {
    timeout: 120_000,
  }, async (t) => {
    const plan = { seed, lines: 20_000, kills: 2 };
    const { seconds, scrapes, rotations, killedAt, violations } = await crashWhileCounting(t, plan, temporaryFolder(t));
    t.diagnostic(
      `${seconds.toFixed(1)} s, ${scrapes} scrapes, ${rotations} rotations, killed at ${killedAt.join(' ')}`,
    );
    assert.deepEqual(violations, []);
  });
}
