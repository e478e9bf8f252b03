/**
 * `npm run crash-metrics`: the long form of the crash test of metrics. Each seed counts a log that is written and rotated
 * meanwhile, and is killed again and again; what it shows must be the truth, and must never go down.
 *
 *     npm run crash-metrics -- [--lines 1000000] [--kills 10] [--seeds 20] [--seed 1] [--program dist/main.js]
 *
 * Without `--program` the sources are run as they are.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inspect } from 'node:util';
import { CleanupList } from '../../harness/cleanup.ts';
import { programOptions } from '../../harness/program-options.ts';
import { crashWhileCounting } from './crash-run.ts';

const values = programOptions(import.meta.filename, {
  lines: { type: 'string', default: '1000000' },
  kills: { type: 'string', default: '10' },
  seeds: { type: 'string', default: '20' },
  seed: { type: 'string', default: '1' },
  program: { type: 'string' },
});
const [lines, kills, seeds, first] = [values.lines, values.kills, values.seeds, values.seed].map(Number);
if (![lines, kills, seeds, first].every((value) => Number.isInteger(value) && value! > 0)) {
  throw new RangeError('Cannot run: "--lines", "--kills", "--seeds" and "--seed" take whole numbers above 0');
}
const program = values.program === undefined ? undefined : resolve(values.program);
let failed = 0;
for (let seed = first!; seed < first! + seeds!; seed++) {
  const folder = mkdtempSync(join(tmpdir(), `pillion-crash-metrics-${seed}-`));
  await using cleanup = new CleanupList();
  try {
    const plan = { seed, lines: lines!, kills: kills!, program };
    const { seconds, scrapes, rotations, killedAt, violations } = await crashWhileCounting(cleanup, plan, folder);
    const sums = `${seconds.toFixed(1)} s, ${scrapes} scrapes, ${rotations} rotations, killed at ${killedAt.join(' ')}`;
    process.stdout.write(`seed ${seed}: ${sums}, ${violations.length === 0 ? 'exact' : 'FAILED'}\n`);
    for (const violation of violations.slice(0, 10)) process.stdout.write(`  ${violation}\n`);
    if (violations.length > 0) failed++;
    else rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    process.stdout.write(`seed ${seed}: FAILED, ${inspect(error)}\n`);
    failed++;
  }
}
process.stdout.write(`${seeds! - failed} of ${seeds} seeds exact\n`);
process.exitCode = failed === 0 ? 0 : 1;
