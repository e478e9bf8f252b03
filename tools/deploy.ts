/**
 * `npm run deploy`: writes what is made in `deploy/`: the bases, components and overlays of kustomize, and the chart of
 * Helm, from the definitions in `tools/deploy/`. With `--check` it writes nothing and fails when a file is not what it
 * would write. Pages (`README.md`), and what has no counterpart, are written by hand.
 */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { chartFiles } from './deploy/chart.ts';
import { standardValues } from './deploy/chart-values.ts';
import { kustomizeFiles } from './deploy/kustomize.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'deploy');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const wanted = new Map<string, string>([
  ...[...kustomizeFiles(standardValues(version))].map(([path, text]) => [`kubernetes/${path}`, text] as const),
  ...[...chartFiles(version)].map(([path, text]) => [`helm/pillion/${path}`, text] as const),
]);
const found = globSync(['kubernetes/**', 'helm/**'], { cwd: folder, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name !== 'README.md')
  .map((entry) =>
    join(entry.parentPath, entry.name)
      .slice(folder.length + 1)
      .split(sep)
      .join('/'),
  );
const textOf = (path: string): string | undefined =>
  found.includes(path) ? readFileSync(join(folder, path), 'utf8') : undefined;
const stale = [...new Set([...wanted.keys(), ...found])].filter((path) => wanted.get(path) !== textOf(path));

if (process.argv.includes('--check')) {
  for (const path of stale) process.stderr.write(`deploy/${path} is not what tools/deploy/ says\n`);
  if (stale.length > 0) {
    process.stderr.write('Run "npm run deploy" and commit what it writes\n');
    process.exitCode = 1;
  }
} else {
  for (const path of stale) {
    const text = wanted.get(path);
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    if (text === undefined) rmSync(file);
    else writeFileSync(file, text);
    process.stdout.write(`deploy/${path} ${text === undefined ? 'removed' : 'written'}\n`);
  }
}
