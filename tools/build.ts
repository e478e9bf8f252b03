/**
 * `npm run build`: `dist/`, or the folder named as argument, complete and without dependencies.
 *
 * - `agent.js`, the program as one CommonJS file: 58 MB of memory where the same modules, loaded one by one as ES modules,
 *   took 67. What the sources load with `import()` stays inside the file, as functions that run when they are first
 *   called: parts in files of their own would hold second copies of the modules they share with the rest, and an
 *   `instanceof` across copies is false.
 * - `traces.js`, what sends spans of the agent: a part of its own, because it is seldom used, shares no module with the
 *   rest, and is small only where its packages are bundled as ES modules.
 * - `agent.cache`, what V8 compiled of it, and `main.js`, which starts the one with the other (`src/launch.ts`).
 * - `sdk.js`, and its types in `types/`, for stages that people write.
 *
 * Names are kept, so that a stack trace from production can be read; source maps lie beside. The build fails when what a
 * container image needs of it outgrows its bar.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, globSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import { bundleProgram } from './bundle.ts';

const root = join(import.meta.dirname, '..');
const dist = resolve(process.argv[2] ?? join(root, 'dist'));

/** Bytes that `main.js`, what it loads, and `sdk.js` may take: the part of an image that is ours. */
const MAX_BYTES = 5_000_000;

rmSync(dist, { recursive: true, force: true });
const { inputs, outputs } = await bundleProgram(dist);
chmodSync(join(dist, 'main.js'), 0o755);
writeTypes();
writeLicences();
printSizes();

/** The declarations of the SDK and of what they refer to. */
function writeTypes(): void {
  const project = join(root, 'tools/tsconfig.sdk.json');
  const args = ['--project', project, '--outDir', join(dist, 'types')];
  execFileSync(join(root, 'node_modules/.bin/tsc'), args, { stdio: 'inherit' });
  for (const path of globSync(join(dist, 'types/**/*.d.ts'))) {
    // The compiler keeps the endings of imports, and not every reader of declarations follows one that is `.ts`.
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/((?:from |import\()'\.[^']*)\.ts'/g, "$1.js'"));
  }
}

/** Those who wrote what the bundle holds allow that on one condition: their licences go with it. */
function writeLicences(): void {
  const packages = new Set(Object.keys(inputs).map(packageOf));
  packages.delete('pillion');
  const texts = [...packages].sort().map((name) => {
    const [file] = globSync(join(root, 'node_modules', name, '{LICENSE,LICENCE,license,licence}*'));
    if (file === undefined) throw new Error(`Cannot bundle package "${name}": it has no licence file`);
    return `${name}\n\n${readFileSync(file, 'utf8').trim()}\n`;
  });
  writeFileSync(join(dist, 'LICENCES.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`));
}

/** The package that an input of the bundle belongs to. */
function packageOf(input: string): string {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? 'pillion';
}

function printSizes(): void {
  for (const [path, { bytes, inputs }] of Object.entries(outputs)) {
    if (!path.endsWith('.js')) continue;
    const byPackage = Map.groupBy(Object.entries(inputs), ([input]) => packageOf(input));
    const parts = [...byPackage]
      .map(([name, files]) => ({ name, size: files.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0) }))
      .sort((a, b) => b.size - a.size)
      .map(({ name, size }) => `${name} ${kibibytes(size)}`);
    process.stdout.write(`${posix.basename(path)} ${kibibytes(bytes)}: ${parts.join(', ')}\n`);
  }
  const needed = globSync(join(dist, '*.{js,cache}'));
  const bytes = needed.reduce((sum, path) => sum + statSync(path).size, 0);
  process.stdout.write(`all that an image needs ${kibibytes(bytes)}, at most ${kibibytes(MAX_BYTES)}\n`);
  if (bytes > MAX_BYTES) throw new Error('Cannot ship this: it is larger than MAX_BYTES in tools/build.ts');
}

function kibibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KiB`;
}
