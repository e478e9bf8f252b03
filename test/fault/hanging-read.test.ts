import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPillion } from '../harness/agent-process.ts';
import { temporaryFolder } from '../harness/files.ts';
import { IN_A_NAMESPACE, whyNoNamespace } from '../harness/namespace.ts';

/** Reads from a FIFO that nobody writes: to a thread of the process the same as a read from a dead disk. */
const HANGING_READ = `
import { constants, openSync, read } from 'node:fs';
read(openSync(process.env.FIFO, constants.O_RDWR), Buffer.alloc(1), 0, 1, null, () => {});
`;

for (const { name, within } of [
  { name: 'the process', within: [] },
  { name: 'the first process of a container', within: IN_A_NAMESPACE },
]) {
  test(`FAI-05 ${name} ends with its exit code although a read of it never does`, {
    timeout: 20_000,
    skip: within.length > 0 && whyNoNamespace(),
  }, async (t) => {
    const folder = temporaryFolder(t);
    const fifo = join(folder, 'fifo');
    const hook = join(folder, 'hook.mjs');
    execFileSync('mkfifo', [fifo]);
    writeFileSync(hook, HANGING_READ);
    writeFileSync(
      join(folder, 'pillion.yaml'),
      'sources: { app: { type: stdin } }\npipelines: { a: { from: app, to: out } }\nsinks: { out: { type: console } }\n',
    );
    const { exit, stdout } = await runPillion(t, ['check'], {
      cwd: folder,
      within,
      env: { FIFO: fifo, NODE_OPTIONS: `--import ${hook}` },
    });
    assert.match(stdout, /OK/);
    assert.equal(exit, 0);
  });
}
