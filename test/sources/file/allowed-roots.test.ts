import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { AllowedRoots, isBelow, trustedPath } from '../../../src/sources/file/allowed-roots.ts';
import { temporaryFolder } from '../../harness/files.ts';

test('trustedPath() leaves a link alone that others could have made: the temporary folder is for all', async (t) => {
  const folder = realpathSync(temporaryFolder(t));
  mkdirSync(join(folder, 'real'));
  symlinkSync('real', join(folder, 'link'));
  assert.equal(await trustedPath(join(folder, 'link', 'logs')), join(folder, 'link', 'logs'));
  assert.equal(await trustedPath(join(folder, 'real', 'later')), join(folder, 'real', 'later'));
});

test('trustedPath() follows the links of the operator', async (t) => {
  const link = ['/bin', '/lib', '/var/run'].find((path) =>
    lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink(),
  );
  if (link === undefined) return t.skip('platform: no link is part of this system');
  assert.equal(await trustedPath(join(link, 'below')), join(realpathSync(link), 'below'));
});

test('of() gives the folder in which the longest fitting pattern starts, and those that are allowed', async (t) => {
  const folder = realpathSync(temporaryFolder(t));
  for (const name of ['a', 'a/b', 'pods']) mkdirSync(join(folder, name));
  const at = (name: string): string => join(folder, name);
  const roots = new AllowedRoots([at('a'), at('a/b')], [at('pods')]);
  assert.deepEqual(roots.of(at('a/x.log')), []);
  await roots.resolve();
  assert.deepEqual(roots.of(at('a/x.log')), [at('a'), at('pods')]);
  assert.deepEqual(roots.of(at('a/b/x.log')), [at('a/b'), at('pods')]);
  assert.deepEqual(roots.of(at('ab/x.log')), [at('pods')]);
});

test('isBelow() compares whole names', () => {
  assert.ok(isBelow('/a/b', '/a'));
  assert.ok(isBelow('/a', '/a'));
  assert.ok(isBelow('/a', '/'));
  assert.ok(!isBelow('/ab', '/a'));
});

test('trustedPath() ends where links lead in a circle', async (t) => {
  const folder = realpathSync(temporaryFolder(t));
  chmodSync(folder, 0o700);
  symlinkSync('loop', join(folder, 'loop'));
  assert.equal(await trustedPath(join(folder, 'loop')), join(folder, 'loop'));
});
