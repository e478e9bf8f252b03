import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { openRegular } from '../../src/sources/file/open-file.ts';
import { startFileSource, temporaryFolder, until } from '../harness/files.ts';

/** Of each of the two tests of a thing: 100,000 together. */
const FLIPS = 50_000;
const CANARY = 'canary-of-the-service-account';

/** Flips in a thread of its own, as somebody who has nothing else to do; ends with the real thing in its place. */
const FLIPPER = `
const { linkSync, renameSync, symlinkSync, unlinkSync } = require('node:fs');
const { workerData: { flips, file, folder, outside }, parentPort } = require('node:worker_threads');
for (let i = 0; i < flips; i += 2) {
  if (file !== undefined) {
    symlinkSync(outside + '/token', file + '.next');
    renameSync(file + '.next', file);
    linkSync(file + '.real', file + '.next');
    renameSync(file + '.next', file);
  }
  if (folder !== undefined) {
    renameSync(folder, folder + '.real');
    symlinkSync(outside, folder);
    unlinkSync(folder);
    renameSync(folder + '.real', folder);
  }
}
`;

/** A folder in memory, where there is one: there, flips take a fifth of the time. */
function memoryFolder(t: TestContext): string {
  if (!existsSync('/dev/shm')) return realpathSync(temporaryFolder(t));
  const folder = mkdtempSync('/dev/shm/pillion-test-');
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Flipped {
  readonly root: string;
  readonly path: string;
  /** Flips it for a while. */
  readonly flip: (t: TestContext) => Promise<void>;
}

function volume(t: TestContext, what: 'file' | 'folder'): Flipped {
  const parent = memoryFolder(t);
  const root = join(parent, 'logs');
  const outside = join(parent, 'outside');
  mkdirSync(join(root, 'sub'), { recursive: true });
  mkdirSync(outside);
  // As long as the real one, so that nothing but its place tells it apart.
  for (const name of ['token', 'app.log']) writeFileSync(join(outside, name), `${CANARY}\n`);
  const path = join(root, 'sub/app.log');
  writeFileSync(path, `${'x'.repeat(CANARY.length)}\n`);
  if (what === 'file') writeFileSync(`${path}.real`, `${'x'.repeat(CANARY.length)}\n`);
  const flip = (t: TestContext): Promise<void> => {
    const flipped = what === 'file' ? { file: path } : { folder: join(root, 'sub') };
    const worker = new Worker(FLIPPER, { eval: true, workerData: { flips: FLIPS, outside, ...flipped } });
    t.after(() => worker.terminate());
    return new Promise((resolve, reject) => {
      worker.on('error', reject).on('exit', () => resolve());
    });
  };
  return { root, path, flip };
}

for (const what of ['file', 'folder'] as const) {
  test(`SEC-02 openRegular() never gives the canary while the ${what} flips between real and link`, async (t) => {
    const { root, path, flip } = volume(t, what);
    const counts = { opened: 0, refused: 0, gone: 0, no_handle: 0 };
    let isFlipping = true;
    const flipped = flip(t).finally(() => {
      isFlipping = false;
    });
    const bytes = Buffer.alloc(64);
    while (isFlipping) {
      const result = await openRegular(path, [root]);
      counts[result.kind]++;
      if (result.kind !== 'opened') continue;
      const length = await result.file.read(bytes, 0, bytes.length, 0);
      result.file.close();
      assert.ok(!bytes.toString('latin1', 0, length).includes(CANARY));
    }
    await flipped;
    assert.ok(counts.opened > 0 && counts.refused > 0, JSON.stringify(counts));
  });

  test(`SEC-02 run() never sends the canary while the ${what} flips, and reads the real file afterwards`, async (t) => {
    const { root, path, flip } = volume(t, what);
    const source = startFileSource(t, {
      options: { include: [join(root, 'sub/app.log'), join(root, '**/*.log')], poll_interval: '10ms' },
    });
    await flip(t);
    appendFileSync(path, 'afterwards\n');
    await until('the real file is read', () => source.bodies.includes('afterwards'), 15_000);
    await source.stop();
    assert.ok(!JSON.stringify([source.bodies, source.log]).includes(CANARY));
  });
}
