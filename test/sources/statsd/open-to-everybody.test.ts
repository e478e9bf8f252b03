import assert from 'node:assert/strict';
import { statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { openToEverybody } from '../../../src/sources/statsd/open-to-everybody.ts';
import { temporaryFolder } from '../../harness/files.ts';

const skip = process.platform === 'linux' ? false : 'platform: handles on sockets are of Linux';

test('everybody may write to a socket', async (t) => {
  const path = join(temporaryFolder(t), 'socket');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => void server.close());
  await openToEverybody(path);
  assert.equal(statSync(path).mode & 0o777, 0o666);
});

test('what was put in its place is not touched, nor where that leads', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const secret = join(folder, 'secret');
  writeFileSync(secret, '', { mode: 0o600 });
  const link = join(folder, 'socket');
  symlinkSync(secret, link);
  for (const path of [link, secret]) await assert.rejects(openToEverybody(path), /Something else/);
  assert.equal(statSync(secret).mode & 0o777, 0o600);
});
