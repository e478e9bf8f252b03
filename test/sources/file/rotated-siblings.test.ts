import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { isRotatedName, listSiblings } from '../../../src/sources/file/rotated-siblings.ts';
import { temporaryFolder } from '../../harness/files.ts';

for (const { home, name, expected } of [
  { home: 'app.log', name: 'app.log.1', expected: true },
  { home: 'app.log', name: 'app.log.10', expected: true },
  { home: 'app.log', name: 'app.log-20240102', expected: true },
  { home: 'app.log', name: 'app.log.2024-01-02T03:04:05Z', expected: true },
  { home: 'app.log', name: 'app-2024-01-02.log', expected: true },
  { home: 'app.log', name: 'app-2024-01-02.3.log', expected: true },
  { home: 'app.log', name: 'app.1.log', expected: true },
  { home: '0.log', name: '0.log.20240102-030405', expected: true },
  { home: 'access', name: 'access.1', expected: true },
  { home: 'app.log', name: 'app.log', expected: false },
  { home: 'app.log', name: 'app.log.1.gz', expected: true },
  { home: 'app.log', name: 'app-2024-01-02.log.gz', expected: true },
  { home: 'app.log', name: 'app.log.gz', expected: true },
  { home: 'app.log', name: 'error.log.1.gz', expected: false },
  { home: 'app.log', name: 'app.log.tmp', expected: false },
  { home: 'app.log', name: 'app-error.log', expected: false },
  { home: 'app.log', name: 'application.log', expected: false },
  { home: 'app.log', name: 'app.log.', expected: false },
  { home: '1.log', name: '2.log', expected: false },
]) {
  test(`isRotatedName() ${expected ? 'knows' : 'does not take'} ${name} as a rotated ${home}`, () => {
    assert.equal(isRotatedName(name, home), expected);
  });
}

test('listSiblings() lists the regular files of a folder', async (t) => {
  const folder = temporaryFolder(t);
  for (const name of ['app.log', 'app.log.1', 'other']) writeFileSync(join(folder, name), '');
  mkdirSync(join(folder, 'app.log.2'));
  symlinkSync('app.log.1', join(folder, 'app.log.3'));
  const siblings = (await listSiblings(folder))!;
  assert.deepEqual(
    [...siblings.values()]
      .flat()
      .map(({ path }) => basename(path))
      .sort(),
    ['app.log', 'app.log.1', 'other'],
  );
  for (const [key, names] of siblings) assert.ok(names.every((name) => name.key === key));
});

test('listSiblings() finds nothing in a folder that is not there', async (t) => {
  assert.equal((await listSiblings(join(temporaryFolder(t), 'gone')))?.size, 0);
});
