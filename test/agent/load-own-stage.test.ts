import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { loadOwnStage } from '../../src/agent/load-own-stage.ts';
import { ConfigError } from '../../src/core/errors.ts';
import { attributesOf } from '../harness/batch.ts';
import { batchOfObjects, buildStage, processObjects, stageContext } from '../stages/stage-fixture.ts';

const run = promisify(execFile);
const source = join(import.meta.dirname, '../../src');

/** A folder that no package manager knows. */
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pillion-own-stage-'));
});

after(() => rm(folder, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

const IMPORT = "import { defineStage } from 'pillion/sdk';\n";
const STAGE = `${IMPORT}export default defineStage({ type: 'hello', summary: '', build: () => (record) => record.set('hello', 1) });\n`;

for (const { name, file, text } of [
  {
    name: 'TypeScript',
    file: 'good.ts',
    text: `${IMPORT}import type { RecordView } from 'pillion/sdk';\nexport default defineStage({ type: 'hello', summary: '', build: () => (record: RecordView): void => record.set('hello', 1) });\n`,
  },
  { name: 'TypeScript by its other ending', file: 'good.mts', text: STAGE },
  { name: 'JavaScript', file: 'good.js', text: STAGE },
  { name: 'JavaScript by its other ending', file: 'good.mjs', text: STAGE },
  { name: 'a file in a folder with a blank', file: 'my stages/good.ts', text: STAGE },
  { name: 'a file of an installed package', file: 'node_modules/their-stage/good.mjs', text: STAGE },
]) {
  test(`loadOwnStage() loads ${name}`, async () => {
    const definition = await loadOwnStage(await write(file, text));
    assert.equal(definition.type, 'hello');
    assert.deepEqual(attributesOf(processObjects(definition, {}, ['{}'])), { hello: 1 });
  });
}

test('loadOwnStage() loads a file with what it imports', async () => {
  await write('helper.ts', 'export const answer: number = 42;\n');
  const text = `${IMPORT}import { answer } from './helper.ts';\nimport { basename } from 'node:path';\nexport default defineStage({ type: 'hello', summary: basename('/a/b'), build: () => (record) => record.set('answer', answer) });\n`;
  const definition = await loadOwnStage(await write('importing.ts', text));
  assert.deepEqual(attributesOf(processObjects(definition, {}, ['{}'])), { answer: 42 });
});

test('loadOwnStage() gives the file its own pillion/sdk, of which there is one', async () => {
  const text = `import * as sdk from 'pillion/sdk';\nexport default sdk.defineStage({ type: 'hello', summary: Object.keys(sdk).join(), build: () => () => {} });\n`;
  assert.equal((await loadOwnStage(await write('namespace.ts', text))).summary, 'defineStage');
});

for (const { name, file, text, message, hint } of [
  {
    name: 'a missing file',
    file: 'missing.ts',
    text: undefined,
    message: /missing\.ts": there is no such file/,
    hint: /relative to the configuration file/,
  },
  {
    name: 'another kind of file',
    file: 'stage.py',
    text: 'pass',
    message: /neither TypeScript nor JavaScript/,
    hint: /\.ts, \.mts, \.js, \.mjs/,
  },
  {
    name: 'a syntax error in TypeScript',
    file: 'syntax.ts',
    text: 'const a: number = 1;\nexport default { a: 1,, };\n',
    message: /\(.*syntax\.ts:2\)/,
    hint: undefined,
  },
  {
    name: 'a syntax error in JavaScript',
    file: 'syntax.js',
    text: 'const a = 1;\n\nexport default { a: 1,, };\n',
    message: /\(.*syntax\.js:3\)/,
    hint: undefined,
  },
  {
    name: 'an enum',
    file: 'enum.ts',
    text: 'export const a = 1;\nenum Level { Info }\nexport default Level;\n',
    message: /enum.*\(.*enum\.ts:2\)/,
    hint: /union of texts/,
  },
  {
    name: 'a parameter property',
    file: 'parameter.ts',
    text: 'export default class { constructor(readonly a: number) {} }\n',
    message: /parameter property.*\(.*parameter\.ts:1\)/,
    hint: /parameter property/,
  },
  {
    name: 'a package that is not there',
    file: 'package.ts',
    text: "import 'no-such-package';\n",
    message: /'no-such-package'/,
    hint: /"pillion\/sdk"/,
  },
  {
    name: 'a file that is not there',
    file: 'import.ts',
    text: "import './no-such-file.ts';\n",
    message: /no-such-file\.ts/,
    hint: /with their extension/,
  },
  {
    name: 'an export that is not there',
    file: 'export.ts',
    text: "import { nothing } from 'pillion/sdk';\nexport default nothing;\n",
    message: /'nothing'.*\(.*export\.ts:1\)/,
    hint: undefined,
  },
  {
    name: 'an error at its start',
    file: 'throws.ts',
    text: '\n\nthrow new Error("not today");\n',
    message: /not today \(.*throws\.ts:3\)/,
    hint: undefined,
  },
  {
    name: 'a wrong declaration',
    file: 'declaration.ts',
    text: `${IMPORT}\nexport default defineStage({ type: 'Hello', summary: '', build: () => () => {} });\n`,
    message: /snake_case \(.*declaration\.ts:3\)/,
    hint: undefined,
  },
  {
    name: 'no default export',
    file: 'none.ts',
    text: 'export const a = 1;\n',
    message: /no default export/,
    hint: /export default defineStage/,
  },
  {
    name: 'another default export',
    file: 'other.ts',
    text: "export default { type: 'hello', build() {} };\n",
    message: /not made by defineStage\(\)/,
    hint: /export default defineStage/,
  },
  {
    name: 'a CommonJS module',
    file: 'common.js',
    text: 'module.exports = {};\n',
    message: /ES module/,
    hint: /export default defineStage/,
  },
]) {
  test(`loadOwnStage() refuses ${name}, and says what to do`, async () => {
    const path = text === undefined ? join(folder, file) : await write(file, text);
    const error = await loadOwnStage(path).then(
      () => assert.fail('it was loaded'),
      (error: unknown) => error,
    );
    assert.ok(error instanceof ConfigError, String(error));
    assert.equal(error.code, 'ERR_CONFIG_STAGE');
    assert.ok(error.message.startsWith(`Cannot load stage ${JSON.stringify(path)}: `), error.message);
    assert.match(error.message, message);
    if (hint === undefined) assert.equal(error.hint, undefined);
    else assert.match(error.hint ?? '', hint);
  });
}

test('loadOwnStage() refuses a folder', async () => {
  await mkdir(join(folder, 'folder.ts'));
  await assert.rejects(loadOwnStage(join(folder, 'folder.ts')), { code: 'ERR_CONFIG_STAGE', message: /it is no file/ });
});

for (const { name, build, message } of [
  { name: 'throws', build: "() => { throw new RangeError('too much'); }", message: /too much/ },
  { name: 'returns no function', build: '() => 1', message: /returned no function/ },
  { name: 'is asynchronous', build: 'async () => () => {}', message: /returned no function/ },
]) {
  test(`loadOwnStage() gives a definition whose build() throws a ConfigError when the file's ${name}`, async () => {
    const text = `${IMPORT}export default defineStage({ type: 'hello', summary: '', build: ${build} });\n`;
    const definition = await loadOwnStage(await write(`build-${name.replaceAll(' ', '-')}.js`, text));
    assert.throws(
      () => buildStage(definition, {}, stageContext()),
      (error) => error instanceof ConfigError && error.code === 'ERR_CONFIG_STAGE' && message.test(error.message),
    );
  });
}

test('loadOwnStage() works in a CommonJS bundle that has sdk.js beside it', async () => {
  const dist = join(folder, 'dist');
  const options = { bundle: true, platform: 'node', format: 'cjs', target: 'node24', logLevel: 'error' } as const;
  const silent = { 'empty-import-meta': 'silent' } as const;
  await build({ ...options, entryPoints: [join(source, 'sdk/index.ts')], outfile: join(dist, 'sdk.js') });
  const main = `
    import { loadOwnStage } from ${JSON.stringify(join(source, 'agent/load-own-stage.ts'))};
    loadOwnStage(process.argv[2]).then(
      ({ type }) => process.stdout.write(type),
      (error) => process.stdout.write(error.constructor.name + error.message),
    );`;
  await build({
    ...options,
    stdin: { contents: main, resolveDir: source, loader: 'ts' },
    outfile: join(dist, 'main.js'),
    logOverride: silent,
  });
  const { stdout, stderr } = await run(process.execPath, [join(dist, 'main.js'), await write('bundled.ts', STAGE)]);
  assert.deepEqual([stdout, stderr], ['hello', '']);
  const wrong = await write('bundled-wrong.ts', `${IMPORT}export default defineStage({ type: 'Hello' });\n`);
  const second = await run(process.execPath, [join(dist, 'main.js'), wrong]);
  assert.match(second.stdout, /^ConfigError.*snake_case \(.*bundled-wrong\.ts:2\)$/);
});

test('a batch goes through a loaded stage', async () => {
  const definition = await loadOwnStage(await write('batch.ts', STAGE));
  const batch = batchOfObjects(['{"a":1}', 'no json']);
  buildStage(definition, {}, stageContext(batch.keys)).process(batch);
  assert.deepEqual([attributesOf(batch, 0), attributesOf(batch, 1)], [{ a: 1, hello: 1 }, { hello: 1 }]);
});
