import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FakeClock } from '../../../src/core/fake-clock.ts';
import { FolderWatch } from '../../../src/sources/file/folder-watch.ts';
import { temporaryFolder, until } from '../../harness/files.ts';

function watching(t: TestContext) {
  const hints: { path: string; isNews: boolean }[] = [];
  const troubles: unknown[] = [];
  const clock = new FakeClock();
  const watch = new FolderWatch(clock, {
    onHint: (_folder, path, isNews) => void hints.push({ path, isNews }),
    onUnavailable: (error) => void troubles.push(error),
  });
  t.after(() => watch.close());
  const hinted = (path: string, isNews: boolean): Promise<void> =>
    until(`a hint about ${path}`, () => hints.some((hint) => hint.path === path && hint.isNews === isNews));
  return { watch, hints, troubles, clock, hinted };
}

/** Folders as `follow()` takes them. */
function identified(...folders: string[]): Map<string, string> {
  return new Map(folders.map((folder) => [folder, String(statSync(folder).ino)]));
}

test('follow() hints at new names, lost names and new content', async (t) => {
  const folder = temporaryFolder(t);
  const { watch, hinted } = watching(t);
  const path = join(folder, 'a.log');
  watch.follow(identified(folder));
  assert.ok(watch.watches(folder));
  writeFileSync(path, '');
  await hinted(path, true);
  appendFileSync(path, 'x');
  await hinted(path, false);
  renameSync(path, `${path}.1`);
  await hinted(`${path}.1`, true);
});

test('follow() watches a folder anew that was removed and made again', async (t) => {
  const folder = join(temporaryFolder(t), 'logs');
  mkdirSync(folder);
  const { watch, hinted } = watching(t);
  watch.follow(identified(folder));
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  watch.follow(new Map([[folder, 'another']]));
  writeFileSync(join(folder, 'a.log'), '');
  await hinted(join(folder, 'a.log'), true);
});

test('follow() leaves folders that are no longer named, and those that are gone', (t) => {
  const folder = temporaryFolder(t);
  const { watch, troubles } = watching(t);
  watch.follow(identified(folder));
  watch.follow(new Map([[join(folder, 'gone'), '1']]));
  assert.ok(!watch.watches(folder));
  assert.ok(!watch.watches(join(folder, 'gone')));
  assert.deepEqual(troubles, []);
});

test('DSC-03 follow() says once that folders cannot be watched, and tries no more', (t) => {
  const folder = temporaryFolder(t);
  const { watch, troubles } = watching(t);
  // A path with a NUL can be watched nowhere.
  watch.follow(
    new Map([
      ['a\0b', '1'],
      ['c\0d', '1'],
    ]),
  );
  assert.equal(troubles.length, 1);
  watch.follow(identified(folder));
  assert.ok(!watch.watches(folder));
});

test('DSC-03 a storm of hints ends the watch of that folder for ten seconds', async (t) => {
  const folder = temporaryFolder(t);
  const { watch, hints, clock } = watching(t);
  watch.follow(identified(folder));
  for (let i = 0; i < 300; i++) writeFileSync(join(folder, String(i)), '');
  await until('the watch is paused', () => !watch.watches(folder));
  assert.ok(hints.length <= 100, `${hints.length} hints`);
  await clock.advance(9_999);
  watch.follow(identified(folder));
  assert.ok(!watch.watches(folder));
  await clock.advance(1);
  watch.follow(identified(folder));
  assert.ok(watch.watches(folder));
});
