import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { removeFile } from '../../../src/sources/file/remove-file.ts';
import { keyOf } from '../../../src/sources/file/sighting.ts';
import { temporaryFolder } from '../../harness/files.ts';

function keyAt(path: string): string {
  return keyOf(statSync(path, { bigint: true }));
}

function setting(t: TestContext) {
  const root = realpathSync(temporaryFolder(t));
  mkdirSync(join(root, 'logs'));
  const path = join(root, 'logs/app.log.1');
  writeFileSync(path, 'delivered');
  return { root, path, key: keyAt(path), roots: [join(root, 'logs')] };
}

test('removeFile() removes the file that is meant', (t) => {
  const { root, path, key, roots } = setting(t);
  assert.equal(removeFile(path, key, roots), 'removed');
  assert.deepEqual(readdirSync(join(root, 'logs')), []);
  assert.equal(removeFile(path, key, roots), 'gone');
});

test('SEC-11 removeFile() leaves another file alone that has the name, a link, and what lies outside', (t) => {
  const { root, path, key, roots } = setting(t);
  renameSync(path, join(root, 'logs/moved'));
  writeFileSync(path, 'active');
  assert.equal(removeFile(path, key, roots), 'changed');
  assert.equal(readFileSync(path, 'utf8'), 'active');
  renameSync(path, join(root, 'logs/active'));
  symlinkSync('moved', path);
  assert.equal(removeFile(path, key, roots), 'changed');
  // The same inode, in a folder that is a link to elsewhere by now.
  renameSync(join(root, 'logs'), join(root, 'outside'));
  symlinkSync('outside', join(root, 'logs'));
  assert.equal(removeFile(join(root, 'logs/moved'), key, roots), 'changed');
  assert.equal(readFileSync(join(root, 'outside/moved'), 'utf8'), 'delivered');
});

const SWAPPER = `
const { linkSync, renameSync, rmSync } = require('node:fs');
const { workerData: { path, active } } = require('node:worker_threads');
for (;;) {
  linkSync(active, path + '.next');
  renameSync(path + '.next', path);
  // Where both were names of the same file already, the rename did nothing.
  rmSync(path + '.next', { force: true });
}
`;

test('SEC-11 removeFile() removes nothing but the inode that is meant while somebody swaps the name', async (t) => {
  const { root, path, roots } = setting(t);
  const active = join(root, 'logs/app.log');
  writeFileSync(active, 'active');
  const activeKey = keyAt(active);
  const worker = new Worker(SWAPPER, { eval: true, workerData: { path, active } });
  t.after(() => worker.terminate());
  await new Promise((resolve) => worker.on('online', resolve));
  const counts = { removed: 0, linked: 0, changed: 0, gone: 0, failed: 0 };
  for (let i = 0; i < 400; i++) {
    const rotated = join(root, 'logs/next');
    writeFileSync(rotated, String(i));
    const key = keyAt(rotated);
    renameSync(rotated, path);
    try {
      counts[removeFile(path, key, roots)]++;
    } catch {
      counts.failed++; // a newer name was not overwritten
    }
    assert.ok(existsSync(active) && keyAt(active) === activeKey);
  }
  await worker.terminate();
  assert.ok(counts.removed > 0 && counts.changed > 0, JSON.stringify(counts));
});
