/**
 * `npm run torture`: the long form of the torture test. Each seed is a run of its own; what one finds, the same seed
 * and time mostly find again. The folder of a failed run stays, with a journal of what happened.
 *
 *     npm run torture -- [--minutes 10] [--seeds 20] [--seed 1] [--workers 1]
 *
 * `--minutes`: for all seeds together; `--seeds`: how many, from `--seed` on.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CleanupList } from '../../harness/cleanup.ts';
import { programOptions } from '../../harness/program-options.ts';
import { describeReport, isGood } from './describe-report.ts';
import { neverHappened } from './never-happened.ts';
import { planOf } from './plan.ts';
import { torture } from './torture.ts';

async function runSeed(seed: number, forMs: number, workers: number): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), `pillion-torture-${seed}-`));
  await using cleanup = new CleanupList();
  const report = await torture(cleanup, planOf(seed, forMs, workers), folder);
  const missed = neverHappened(report.plan, report.happened);
  const lines = [...describeReport(report), ...missed.map((what) => `  never happened: ${what}`)];
  if (isGood(report)) {
    cleanup.after(() => rmSync(folder, { recursive: true, force: true }));
  } else {
    writeFileSync(join(folder, 'journal.txt'), `${report.journal.join('\n')}\n`);
    lines.push(`  see ${folder}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  return isGood(report);
}

const values = programOptions(import.meta.filename, {
  minutes: { type: 'string', default: '10' },
  seeds: { type: 'string', default: '20' },
  seed: { type: 'string', default: '1' },
  workers: { type: 'string', default: '1' },
});
const [minutes, seeds, first] = [Number(values.minutes), Number(values.seeds), Number(values.seed)];
const workers = Number(values.workers);
const isWhole = [seeds, first, workers].every((value) => Number.isInteger(value));
if (!(minutes > 0 && isWhole && seeds > 0 && workers > 0)) {
  throw new RangeError('Cannot run torture: "--minutes", "--seeds", "--seed" and "--workers" take numbers above 0');
}
let failed = 0;
for (let seed = first; seed < first + seeds; seed++) {
  if (!(await runSeed(seed, (minutes * 60_000) / seeds, workers))) failed++;
}
process.stdout.write(`${seeds - failed} of ${seeds} seeds good\n`);
process.exitCode = failed === 0 ? 0 : 1;
