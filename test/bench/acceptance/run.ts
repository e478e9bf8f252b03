/**
 * `npm run acceptance`: what the agent promises about not losing anything, with numbers. The bundle is run, as whole
 * processes. Linux only; takes some minutes, and as much disk as `--gb` says.
 *
 *     npm run acceptance -- [--only rotation,drain,outage,files,flood,reload,daemonset] [--gb 0.4] [--seconds 120]
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programOptions } from '../../harness/program-options.ts';
import { daemonSet } from './daemon-set.ts';
import { drain } from './drain.ts';
import { labelFlood } from './label-flood.ts';
import { manyFiles } from './many-files.ts';
import { outage } from './outage.ts';
import { reload } from './reload.ts';
import { rotation } from './rotation.ts';
import { type Check, say } from './setting.ts';

const values = programOptions(import.meta.filename, {
  only: { type: 'string' },
  gb: { type: 'string', default: '0.4' },
  seconds: { type: 'string', default: '120' },
});
const programs: Record<string, (folder: string) => Promise<Check[]>> = {
  rotation,
  drain,
  outage: (folder) => outage(folder, Number(values.gb) * 1e9),
  files: manyFiles,
  flood: labelFlood,
  reload,
  daemonset: (folder) => daemonSet(folder, Number(values.seconds)),
};
const names = values.only?.split(',') ?? Object.keys(programs);
if (!(Number(values.gb) > 0 && Number(values.seconds) > 0 && names.every((name) => name in programs))) {
  throw new RangeError(
    `Cannot run acceptance: "--only" takes ${Object.keys(programs).join(', ')}, "--gb" and "--seconds" a number`,
  );
}

execFileSync(process.execPath, [fileURLToPath(new URL('../../../tools/build.ts', import.meta.url))], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
const root = mkdtempSync(join(tmpdir(), 'pillion-acceptance-'));
const checks: Check[] = [];
try {
  for (const name of names) {
    say(`${name} …`);
    const folder = join(root, name);
    mkdirSync(folder);
    checks.push(...(await programs[name]!(folder)));
    rmSync(folder, { recursive: true, force: true });
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}

const show = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(2));
for (const { what, value, bar, unit } of checks) {
  const verdict = value <= bar ? 'met' : 'MISSED';
  say(`${what.padEnd(60)} ${show(value).padStart(8)} ${unit.padEnd(6)} bar ${show(bar).padStart(6)}   ${verdict}`);
}
process.exitCode = checks.every(({ value, bar }) => value <= bar) ? 0 : 1;
