import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';

const repository = join(import.meta.dirname, '../..');
let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'pillion-test-'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
});

after(() => rmSync(folder, { recursive: true }));

const IMPORTS = `import assert from 'node:assert/strict'; import { describe, test } from 'node:test';\n`;

/** Runs `node <args>` as a process that does not know that it is inside a test. */
async function runNode(args: string[], env: Record<string, string> = {}): Promise<{ code: number; output: string }> {
  const { NODE_TEST_CONTEXT: _, PILLION_REQUIRE: __, ...outside } = process.env;
  const child = spawn(process.execPath, args, {
    cwd: repository,
    env: { ...outside, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number>((resolve) => child.on('close', resolve)),
  ]);
  return { code, output: output + errors };
}

describe('npm test', () => {
  for (const { name, source, env = {}, code, says } of [
    {
      name: 'passes when a test passes',
      source: `test('a', () => {});`,
      code: 0,
      says: ['1 passed, 0 failed, 0 skipped'],
    },
    {
      name: 'keeps the closing lines of the runner',
      source: `describe('s', () => { test('a', () => {}); test('b', () => {}); });`,
      code: 0,
      says: ['ℹ tests 2\n', 'ℹ suites 1\n', 'ℹ pass 2\n', 'ℹ fail 0\n'],
    },
    {
      name: 'fails when a test fails, and shows the failure',
      source: `test('a', () => assert.equal(1, 2)); test('b', () => {});`,
      code: 1,
      says: ['1 !== 2', '1 passed, 1 failed, 0 skipped'],
    },
    {
      name: 'fails when a suite fails outside of its tests',
      source: `describe('s', () => { throw new Error('broken suite'); });`,
      code: 1,
      says: ['broken suite', '0 passed, 1 failed'],
    },
    {
      name: 'counts a failing test in a suite once',
      source: `describe('s', () => test('a', () => assert.equal(1, 2)));`,
      code: 1,
      says: ['0 passed, 1 failed'],
    },
    {
      name: 'fails when a file cannot be loaded',
      source: `import './missing.ts';`,
      code: 1,
      says: ['ERR_MODULE_NOT_FOUND', '0 passed, 1 failed'],
    },
    {
      name: 'fails when a file holds no test',
      source: `for (const rule of []) test(rule, () => {});`,
      code: 1,
      says: ['No test ran.', 'holds no test.'],
    },
    {
      name: 'names what was skipped and why',
      source: `test('a', () => {}); test('b', { skip: 'the corpora are missing' }, () => {});`,
      code: 0,
      says: ['1 skipped: the corpora are missing\n', '1 passed, 0 failed, 1 skipped'],
    },
    {
      name: 'takes a skipped test as a failure when everything is required',
      source: `test('a', () => {}); test('b', (t) => t.skip('openssl is missing'));`,
      env: { PILLION_REQUIRE: '1' },
      code: 1,
      says: ['1 skipped: openssl is missing\n', 'FAILED: 1 skipped'],
    },
    {
      name: 'allows a test to be skipped for reasons of the platform, whatever is required',
      source: `test('a', () => {}); test('b', { skip: 'platform: no inotify' }, () => {});`,
      env: { PILLION_REQUIRE: '1' },
      code: 0,
      says: ['1 skipped: platform: no inotify\n'],
    },
  ]) {
    test(name, async () => {
      const file = join(folder, 'sample.test.ts');
      writeFileSync(file, IMPORTS + source);
      const result = await runNode(['tools/test.ts', file], env);
      for (const part of says) assert.ok(result.output.includes(part), `${part} is not in:\n${result.output}`);
      assert.equal(result.code, code);
    });
  }

  test('says which argument holds no test', async () => {
    const result = await runNode(['tools/test.ts', 'test/no-such-folder']);
    assert.match(result.output, /^Cannot run "test\/no-such-folder": no test file there$/m);
    assert.equal(result.code, 2);
  });
});

test('runTestFiles() fails a file that does not end, and runs the others', async () => {
  const hanging = join(folder, 'hanging.test.ts');
  const quick = join(folder, 'quick.test.ts');
  const script = join(folder, 'run.ts');
  writeFileSync(hanging, `${IMPORTS}test('a', () => {}); setInterval(() => {}, 1000);`);
  writeFileSync(quick, `${IMPORTS}test('a', () => {}); test('b', () => {});`);
  writeFileSync(
    script,
    `import { runTestFiles } from ${JSON.stringify(join(repository, 'tools/test-run.ts'))};
    import { TestTally } from ${JSON.stringify(join(repository, 'tools/test-tally.ts'))};
    const tally = new TestTally();
    const files = ${JSON.stringify([hanging, quick])};
    for await (const report of runTestFiles('/', files, { concurrency: 1, fileTimeoutMs: 5000 })) tally.add(report);
    process.stdout.write(JSON.stringify([tally.passed, tally.failed]));`,
  );
  const result = await runNode([script]);
  assert.equal(result.output, '[3,1]');
});
