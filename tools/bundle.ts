import { readFileSync, writeFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { writeCodeCache } from './code-cache.ts';
import { inlineConstants } from './inline-constants.ts';
import { lazyCatalog } from './lazy-catalog.ts';

const root = join(import.meta.dirname, '..');

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
      contents: inlineConstants(path, knowPlaces(path).replaceAll(/\bimport\((?!['"])/g, 'importModule(')),
      loader: 'js',
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
 * What libraries load and the agent never uses. Pino gets a stream of its own, and needs neither threads nor files to
 * write to: they cost 1 MB at each start, most of it for the modules of Node that they load.
 */
const unusedParts: Plugin = {
  name: 'unused-parts',
  setup(builder) {
    const namespace = 'unused';
    builder.onResolve({ filter: /^(?:thread-stream|sonic-boom|worker_threads)$/ }, ({ path, importer }) =>
      importer.includes('/node_modules/pino/') ? { path, namespace } : undefined,
    );
    // Commander starts programs for commands that are programs of their own: there are none.
    builder.onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
      importer.includes('/node_modules/commander/') ? { path, namespace } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: `module.exports = ${path === 'worker_threads' ? '{ isMainThread: true }' : 'class Unused {}'}`,
    }));
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node24',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  sourcemap: 'linked',
  sourcesContent: false,
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** Makes the program, what V8 compiled of it, and the SDK, in the folder `dist`. Resolves with what is in which file. */
export async function bundleProgram(dist: string): Promise<Pick<Metafile, 'inputs' | 'outputs'>> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const settings = { ...common, outdir: dist, define: { PILLION_VERSION: JSON.stringify(version) } };
  const agent = await build({
    ...settings,
    entryPoints: { agent: 'src/main.ts' },
    plugins: [lazyCatalog, importModule, separateParts, unusedParts],
    supported: { 'dynamic-import': false },
    // One expression, a function as Node would make of a module: the launcher compiles the text as it is.
    banner: { js: '(function (exports, require, module, __filename, __dirname, importModule) {' },
    footer: { js: '})' },
  });
  const others = await build({ ...settings, entryPoints: { main: 'src/launch.ts', sdk: 'src/sdk/index.ts' } });
  const traces = await build({
    ...settings,
    entryPoints: { traces: 'src/telemetry/otlp-tracer.ts' },
    plugins: [importModule],
    mainFields: ['module', 'main'],
  });
  const inputs = { ...agent.metafile.inputs, ...traces.metafile.inputs, ...others.metafile.inputs };
  const outputs = { ...agent.metafile.outputs, ...traces.metafile.outputs, ...others.metafile.outputs };
  writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
  await writeCodeCache(dist);
  return { inputs, outputs };
}
