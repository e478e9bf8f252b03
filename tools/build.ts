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
import { join, posix, relative, resolve, sep } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { writeCodeCache } from './code-cache.ts';

const root = join(import.meta.dirname, '..');
const dist = resolve(process.argv[2] ?? join(root, 'dist'));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

/**
 * `import.meta` is a thing of ES modules. In the bundle it speaks of the place where the source file was, seen from
 * `dist/`, so that a path relative to a source file leads to the same file of the package.
 */
function knowPlaces(path: string): string {
  const source = relative(root, path).split(sep).join('/');
  const file = `require('node:path').join(__dirname, '..', ${JSON.stringify(source)})`;
  const folder = `require('node:path').join(__dirname, '..', ${JSON.stringify(posix.dirname(source))})`;
  return readFileSync(path, 'utf8')
    .replaceAll('import.meta.dirname', folder)
    .replaceAll('import.meta.filename', file)
    .replaceAll('import.meta.url', `require('node:url').pathToFileURL(${file}).href`);
}

/** A script has no `import()` of its own: for modules that are not in the bundle, the launcher gives it one. */
const importModule: Plugin = {
  name: 'import-module',
  setup(builder) {
    builder.onLoad({ filter: /\.ts$/, namespace: 'file' }, ({ path }) => ({
      contents: knowPlaces(path).replaceAll(/\bimport\((?!['"])/g, 'importModule('),
      loader: 'ts',
    }));
  },
};

/** What is loaded with `import()` and lies in a file of its own. */
const separateParts: Plugin = {
  name: 'separate-parts',
  setup(builder) {
    builder.onResolve({ filter: /\/otlp-tracer\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './traces.js', external: true } : undefined,
    );
  },
};

/**
 * What pino loads and the agent never uses, because it gives pino a stream of its own: threads and files to write to.
 * They cost 1 MB at each start, most of it for the modules of Node that they load.
 */
const unusedByPino: Plugin = {
  name: 'unused-by-pino',
  setup(builder) {
    const namespace = 'unused';
    builder.onResolve({ filter: /^(?:thread-stream|sonic-boom|worker_threads)$/ }, ({ path, importer }) =>
      importer.includes('/node_modules/pino/') ? { path, namespace } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: `module.exports = ${path === 'worker_threads' ? '{ isMainThread: true }' : 'class Unused {}'}`,
    }));
  },
};

/** Bytes that `main.js`, what it loads, and `sdk.js` may take: the part of an image that is ours. */
const MAX_BYTES = 5_000_000;

const common = {
  absWorkingDir: root,
  outdir: dist,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node24',
  define: { PILLION_VERSION: JSON.stringify(version) },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  sourcemap: 'linked',
  sourcesContent: false,
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions;

rmSync(dist, { recursive: true, force: true });
const agent = await build({
  ...common,
  entryPoints: { agent: 'src/main.ts' },
  plugins: [importModule, separateParts, unusedByPino],
  supported: { 'dynamic-import': false },
  // One expression, a function as Node would make of a module: the launcher compiles the text as it is.
  banner: { js: '(function (exports, require, module, __filename, __dirname, importModule) {' },
  footer: { js: '})' },
});
const others = await build({ ...common, entryPoints: { main: 'src/launch.ts', sdk: 'src/sdk/index.ts' } });
const traces = await build({
  ...common,
  entryPoints: { traces: 'src/telemetry/otlp-tracer.ts' },
  plugins: [importModule],
  mainFields: ['module', 'main'],
});
const inputs = { ...agent.metafile.inputs, ...traces.metafile.inputs, ...others.metafile.inputs };
const outputs = { ...agent.metafile.outputs, ...traces.metafile.outputs, ...others.metafile.outputs };
writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
chmodSync(join(dist, 'main.js'), 0o755);
await writeCodeCache(dist);
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
