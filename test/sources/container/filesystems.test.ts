import assert from 'node:assert/strict';
import { statfsSync } from 'node:fs';
import type { statfs } from 'node:fs/promises';
import { test } from 'node:test';
import { FakeClock } from '../../../src/core/fake-clock.ts';
import { Filesystems } from '../../../src/sources/container/filesystems.ts';

test('read() does not wait for a file system that does not answer, and asks it once', async () => {
  const clock = new FakeClock();
  const stats = statfsSync('/');
  const asked: string[] = [];
  const troubles: string[] = [];
  const { promise: never, resolve: answer } = Promise.withResolvers<void>();
  const filesystems = new Filesystems({
    paths: ['/dead', '/'],
    clock,
    onTrouble: (path, error) => troubles.push(`${path}: ${error}`),
    look: (async (path: string) => {
      asked.push(path);
      if (path === '/dead') await never;
      return stats;
    }) as typeof statfs,
  });
  const first = filesystems.read();
  await clock.untilSleeping();
  await clock.advance(1000);
  const pathsOf = (found: readonly { readonly path: string }[]): string[] => found.map(({ path }) => path);
  assert.deepEqual(pathsOf(await first), ['/']);
  assert.deepEqual(pathsOf(await filesystems.read()), ['/']);
  assert.deepEqual(asked, ['/dead', '/', '/']);
  assert.deepEqual(troubles, ['/dead: It does not answer', '/dead: It does not answer']);
  answer();
  await new Promise(setImmediate);
  assert.deepEqual(pathsOf(await filesystems.read()), ['/dead', '/']);
  assert.equal(clock.sleeping, 0);
});
