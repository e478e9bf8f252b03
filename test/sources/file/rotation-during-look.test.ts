import assert from 'node:assert/strict';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startFileSource, temporaryFolder } from '../../harness/files.ts';
import { handDrivenFiles } from '../../harness/hand-driven-files.ts';

test('ROT-08 a restart follows what was renamed between its first look at the folder and its opening of the file', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, 'one\n');
  const first = startFileSource(t, { options: { include: [path] } });
  await first.drain();
  appendFileSync(path, 'two\n');

  const restarted = handDrivenFiles(t, [path], first.section.stored);
  const listing = await restarted.list();
  renameSync(path, `${path}.2`);
  writeFileSync(`${path}.1`, 'three\n');
  writeFileSync(path, 'four\n');
  await restarted.reconcile(listing);
  assert.deepEqual(restarted.followed, ['app.log.2 4']);
  await restarted.reconcile(await restarted.list());
  assert.deepEqual(restarted.followed, ['app.log 0', 'app.log.1 0', 'app.log.2 4']);
});
