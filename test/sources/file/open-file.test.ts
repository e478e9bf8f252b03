import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { OpenFile, openRegular } from '../../../src/sources/file/open-file.ts';
import { temporaryFolder } from '../../harness/files.ts';

test('openRegular() opens a regular file, and what is read is the file', async (t) => {
  const root = realpathSync(temporaryFolder(t));
  writeFileSync(join(root, 'a.log'), 'hello');
  const result = await openRegular(join(root, 'a.log'), [root]);
  assert.ok(result.kind === 'opened');
  t.after(() => result.file.close());
  assert.equal(result.file.stat().size, 5);
  const buffer = Buffer.alloc(10, '.');
  assert.equal(await result.file.read(buffer, 1, 8, 1), 4);
  assert.equal(buffer.toString(), '.ello.....');
});

test('SEC-05 SEC-06 openRegular() refuses what is no regular file, without waiting for anybody', async (t) => {
  const root = realpathSync(temporaryFolder(t));
  execFileSync('mkfifo', [join(root, 'fifo')]);
  mkdirSync(join(root, 'folder'));
  writeFileSync(join(root, 'real'), '');
  symlinkSync('loop', join(root, 'loop'));
  symlinkSync('/dev/null', join(root, 'device'));
  const server = createServer().listen(join(root, 'socket'));
  t.after(() => server.close());
  for (const name of ['fifo', 'folder', 'socket', 'loop', 'device']) {
    assert.deepEqual(await openRegular(join(root, name), [root]), { kind: 'refused', reason: 'not_regular' }, name);
  }
});

test('openRegular() refuses a file that a linked folder on the way puts outside the root', async (t) => {
  const root = realpathSync(temporaryFolder(t));
  const outside = temporaryFolder(t);
  writeFileSync(join(outside, 'token'), 'secret');
  symlinkSync(outside, join(root, 'sub'));
  const result = await openRegular(join(root, 'sub', 'token'), [root]);
  assert.ok(result.kind === 'refused');
  assert.equal(result.reason, 'symlink_outside');
  assert.match(String(result.error), /it leads to ".*token"; if that is meant, name its folder in allowed_roots/);
  const allowed = await openRegular(join(root, 'sub', 'token'), [root, realpathSync(outside)]);
  assert.ok(allowed.kind === 'opened');
  allowed.file.close();
});

test('SEC-03 openRegular() follows a link to a file inside', async (t) => {
  const root = realpathSync(temporaryFolder(t));
  writeFileSync(join(root, 'real'), 'hello');
  symlinkSync('real', join(root, 'link'));
  const result = await openRegular(join(root, 'link'), [root]);
  assert.ok(result.kind === 'opened');
  assert.equal(result.realPath, join(root, 'real'));
  result.file.close();
});

test('openRegular() says that a name is gone', async (t) => {
  const root = temporaryFolder(t);
  writeFileSync(join(root, 'file'), '');
  assert.deepEqual(await openRegular(join(root, 'none'), [root]), { kind: 'gone' });
  assert.deepEqual(await openRegular(join(root, 'file', 'below'), [root]), { kind: 'gone' });
});

test('close() waits for the reads that are under way, and none comes after it', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, 'content');
  const file = new OpenFile(openSync(path, 'r'));
  const buffer = Buffer.alloc(7);
  const reads = [file.read(buffer, 0, 7, 0), file.read(Buffer.alloc(7), 0, 7, 0)];
  file.close();
  // The number of a closed descriptor is given to the next file.
  const others = Array.from({ length: 10 }, () => openSync('/dev/zero', 'r'));
  assert.deepEqual(await Promise.all(reads), [7, 7]);
  assert.equal(buffer.toString(), 'content');
  await assert.rejects(file.read(buffer, 0, 7, 0), { code: 'EBADF' });
  for (const descriptor of others) closeSync(descriptor);
});
