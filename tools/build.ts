/**
 * `npm run build`: `dist/`, or the folder named as argument, complete and without dependencies.
 *
 * - `main.js`, the program as one CommonJS file: 58 MB of memory where the same modules, loaded one by one as ES modules,
 *   took 67. What the sources load with `import()` stays inside the file, as functions that run when they are first
 *   called: parts in files of their own would hold second copies of the modules they share with the rest, and an
 *   `instanceof` across copies is false.
 * - `sdk.js`, and its types in `types/`, for stages that people write.
 *
 * Names are kept, so that a stack trace from production can be read; source maps lie beside.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, posix, relative, resolve, sep } from 'node:path';
import { build, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');
const dist = resolve(process.argv[2] ?? join(root, 'dist'));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

/**
 * `import.meta` is a thing of ES modules. In the bundle it speaks of the place where the source file was, seen from
 * `dist/`, so that a path relative to a source file leads to the same file of the package.
 */
const importMeta: Plugin = {
  name: 'import-meta',
  setup(builder) {
    builder.onLoad({ filter: /\.ts$/, namespace: 'file' }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const source = relative(root, path).split(sep).join('/');
      const file = `require('node:path').join(__dirname, '..', ${JSON.stringify(source)})`;
      const folder = `require('node:path').join(__dirname, '..', ${JSON.stringify(posix.dirname(source))})`;
      const contents = text
        .replaceAll('import.meta.dirname', folder)
        .replaceAll('import.meta.filename', file)
        .replaceAll('import.meta.url', `require('node:url').pathToFileURL(${file}).href`);
      return { contents, loader: 'ts' };
    });
  },
};

rmSync(dist, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { main: 'src/main.ts', sdk: 'src/sdk/index.ts' },
  outdir: dist,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node24',
  define: { PILLION_VERSION: JSON.stringify(version) },
  plugins: [importMeta],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  sourcemap: 'linked',
  sourcesContent: false,
  metafile: true,
  logLevel: 'warning',
});
writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
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
  const packages = new Set(Object.keys(metafile.inputs).map(packageOf));
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
  const outputs = Object.entries(metafile.outputs).filter(([path]) => path.endsWith('.js'));
  for (const [path, { bytes, inputs }] of outputs) {
    const byPackage = Map.groupBy(Object.entries(inputs), ([input]) => packageOf(input));
    const parts = [...byPackage]
      .map(([name, files]) => ({ name, size: files.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0) }))
      .sort((a, b) => b.size - a.size)
      .map(({ name, size }) => `${name} ${kibibytes(size)}`);
    process.stdout.write(`${posix.basename(path)} ${kibibytes(bytes)}: ${parts.join(', ')}\n`);
  }
}

function kibibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KiB`;
}
