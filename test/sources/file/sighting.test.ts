import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isBornOtherwise, keyOf } from '../../../src/sources/file/sighting.ts';
import { temporaryFolder } from '../../harness/files.ts';

test('isBornOtherwise() tells a file that was made a moment ago from one whose inode it got', (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, '');
  const stats = statSync(path, { bigint: true });
  if (stats.birthtimeNs === 0n) {
    t.skip('platform: this file system does not keep when a file was made');
    return;
  }
  assert.equal(stats.birthtimeNs, stats.ctimeNs);
  assert.equal(isBornOtherwise(stats, stats.birthtimeNs - 1n), true);
  assert.equal(isBornOtherwise(stats, stats.birthtimeNs), false);
});

test('isBornOtherwise() does not judge where the file system does not say', () => {
  const stats = statSync('/proc/self/status', { bigint: true });
  assert.equal(isBornOtherwise({ ...stats, birthtimeNs: 0n } as typeof stats, 1n), false);
});

test('IDN-06 keyOf() tells inodes apart that are equal as doubles', () => {
  const stats = statSync(import.meta.filename, { bigint: true });
  const [a, b] = [2n ** 53n, 2n ** 53n + 1n];
  assert.equal(Number(a), Number(b));
  assert.notEqual(keyOf(Object.assign(stats, { ino: a })), keyOf(Object.assign(stats, { ino: b })));
});
