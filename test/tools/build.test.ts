import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

const root = join(import.meta.dirname, '../..');

describe('npm run build', () => {
  let folder: string;
  let dist: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'pillion-build-'));
    dist = join(folder, 'dist');
    execFileSync(process.execPath, [join(root, 'tools/build.ts'), dist], { stdio: ['ignore', 'ignore', 'inherit'] });
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  function runProgram(args: string[]): string {
    return execFileSync(process.execPath, [join(dist, 'main.js'), ...args], { cwd: folder, encoding: 'utf8' });
  }

  test('makes a program that knows its version, far from package.json', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    assert.equal(runProgram(['--version']), `${version}\n`);
  });

  test('makes a program that a shell can start', () => {
    accessSync(join(dist, 'main.js'), constants.X_OK);
    assert.ok(readFileSync(join(dist, 'main.js'), 'utf8').startsWith('#!/usr/bin/env node\n'));
  });

  test('makes compiled code that V8 takes, so that a start compiles nothing', () => {
    const hook = join(folder, 'hook.cjs');
    writeFileSync(
      hook,
      `const vm = require('node:vm');
       vm.Script = class extends vm.Script {
         constructor(code, options) {
           super(code, options);
           process.on('exit', () => process.stdout.write('rejected: ' + this.cachedDataRejected));
         }
       };`,
    );
    const args = ['--require', hook, join(dist, 'main.js'), '--version'];
    assert.match(execFileSync(process.execPath, args, { encoding: 'utf8' }), /rejected: false$/);
  });

  test('makes a program that starts without compiled code, and with that of another version', () => {
    const cache = join(dist, 'agent.cache');
    const compiled = readFileSync(cache);
    try {
      rmSync(cache);
      runProgram(['--version']);
      writeFileSync(cache, compiled.fill(1, 0, 16));
      runProgram(['--version']);
    } finally {
      writeFileSync(cache, compiled);
    }
  });

  test('makes a program that says so where Node is too old, by what package.json wants', () => {
    const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { engines: { node: string } };
    const oldest = engines.node.replace('>=', '');
    const runWith = (version: string): { status: number | null; stderr: string } => {
      const hook = join(folder, 'old.cjs');
      const versions = `{ ...process.versions, node: '${version}' }`;
      writeFileSync(hook, `Object.defineProperty(process, 'versions', { value: ${versions} });`);
      const args = ['--require', hook, join(dist, 'main.js'), '--version'];
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      return { status, stderr };
    };
    const { status, stderr } = runWith('20.20.2');
    assert.equal(status, 2);
    assert.ok(
      stderr.startsWith(`pillion: Cannot run with Node 20.20.2: Node ${oldest} or newer is needed (ERR_USAGE)\n`),
    );
    assert.equal(runWith(oldest.replace(/\d+$/, (minor) => `${Number(minor) - 1}.9`)).status, 2);
    assert.deepEqual(runWith(`${oldest}.0`), { status: 0, stderr: '' });
  });

  test('makes an SDK that stages get, from TypeScript and from JavaScript', () => {
    const stage = `import { defineStage } from 'pillion/sdk';
      export default defineStage({ type: 'mine', summary: 'Does nothing.', build: () => () => undefined });`;
    writeFileSync(join(folder, 'one.ts'), stage);
    writeFileSync(join(folder, 'two.mjs'), stage);
    writeFileSync(
      join(folder, 'pillion.yaml'),
      `sources: { in: { type: stdin } }
pipelines: { logs: { from: [in], stages: [{ use: ./one.ts }, { use: ./two.mjs }], to: [out] } }
sinks: { out: { type: console } }
`,
    );
    const { status, stderr } = spawnSync(process.execPath, [join(dist, 'main.js'), 'check', 'pillion.yaml'], {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(stderr, /Warning/);
  });

  test('makes declarations that import files that are there', () => {
    const paths = globSync('types/**/*.d.ts', { cwd: dist });
    assert.ok(paths.includes(join('types', 'sdk', 'index.d.ts')));
    for (const path of paths) {
      const text = readFileSync(join(dist, path), 'utf8');
      for (const [, specifier] of text.matchAll(/(?:from |import\()'(\.[^']*)'/g)) {
        accessSync(join(dist, path, '..', specifier!.replace(/\.js$/, '.d.ts')));
      }
    }
  });

  test('names the licence of every package in the bundle', () => {
    const licences = readFileSync(join(dist, 'LICENCES.txt'), 'utf8');
    for (const name of ['commander', 'pino', 'valibot', 'yaml']) assert.match(licences, new RegExp(`^${name}$`, 'm'));
  });
});
