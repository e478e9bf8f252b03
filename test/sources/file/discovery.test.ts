import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Clock } from '../../../src/core/clock.ts';
import { FakeClock } from '../../../src/core/fake-clock.ts';
import { AllowedRoots } from '../../../src/sources/file/allowed-roots.ts';
import { Discovery, knowsPath, type Listing } from '../../../src/sources/file/discovery.ts';
import { Patterns } from '../../../src/sources/file/patterns.ts';
import { temporaryFolder } from '../../harness/files.ts';

function discovery(t: TestContext, ...globs: string[]) {
  const folder = temporaryFolder(t);
  const clock = new FakeClock();
  const patterns = new Patterns(
    globs.map((glob) => join(folder, glob)),
    [],
  );
  return { folder, clock, discovery: discoveryOf(patterns, clock) };
}

function discoveryOf(patterns: Patterns, clock: Clock, maxFiles = 1000): Discovery {
  const bases = patterns.bases.map((base) => base.folder);
  return new Discovery({ patterns, clock, maxFiles, roots: new AllowedRoots(bases, []) });
}

function names({ sightings }: Listing): string[] {
  return sightings.map(({ path }) => basename(path)).sort();
}

/** Lets the time stamps of the file system move on. */
async function tick(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20));
}

test('look() finds what matches, also through several patterns, each file once', async (t) => {
  const { folder, discovery: found } = discovery(t, '*.log', 'a.*', 'sub/*/c.log');
  mkdirSync(join(folder, 'sub', 'x'), { recursive: true });
  for (const name of ['a.log', 'b.log', 'other', 'sub/c.log', 'sub/x/c.log']) writeFileSync(join(folder, name), '');
  assert.deepEqual(names(await found.look(false)), ['a.log', 'b.log', 'c.log']);
});

test('look() finds nothing in a folder that is not there, and calls it known', async (t) => {
  const { folder, discovery: found } = discovery(t, 'later/*.log');
  const listing = await found.look(false);
  assert.deepEqual(names(listing), []);
  assert.ok(knowsPath(listing, join(folder, 'later')));
  mkdirSync(join(folder, 'later'));
  writeFileSync(join(folder, 'later', 'a.log'), '');
  assert.deepEqual(names(await found.look(false)), ['a.log']);
});

test('look() lists a folder again only when it changed', async (t) => {
  const { folder, discovery: found } = discovery(t, '*.log');
  writeFileSync(join(folder, 'a.log'), '');
  await tick();
  assert.equal((await found.look(false)).isChanged, true);
  const again = await found.look(false);
  assert.equal(again.isRelisted, true, 'once more: a change in the same tick would not show');
  assert.equal(again.isChanged, false);
  assert.equal((await found.look(false)).isRelisted, false);
  await tick();
  renameSync(join(folder, 'a.log'), join(folder, 'b.log'));
  const listing = await found.look(false);
  assert.equal(listing.isChanged, true);
  assert.deepEqual(names(listing), ['b.log']);
});

for (const { name, nudge, isThorough } of [
  {
    name: 'when it is told so',
    nudge: (found: Discovery, folder: string) => found.markChanged(folder),
    isThorough: false,
  },
  { name: 'when the look is thorough', nudge: () => undefined, isThorough: true },
]) {
  test(`look() lists a folder that seems unchanged ${name}`, async (t) => {
    const { folder, discovery: found } = discovery(t, '*.log');
    await tick();
    for (let i = 0; i < 3; i++) await found.look(false);
    assert.equal((await found.look(false)).isRelisted, false);
    nudge(found, folder);
    const { isRelisted, isChanged } = await found.look(isThorough);
    assert.deepEqual({ isRelisted, isChanged }, { isRelisted: true, isChanged: true });
  });
}

test('look() lists an unchanged folder again after ten seconds', async (t) => {
  const { clock, discovery: found } = discovery(t, '*.log');
  await tick();
  for (let i = 0; i < 3; i++) await found.look(false);
  await clock.advance(9_999);
  assert.equal((await found.look(false)).isRelisted, false);
  await clock.advance(1);
  assert.equal((await found.look(false)).isRelisted, true);
});

test('look() says that nothing changed when it lists the same names of the same files again', async (t) => {
  const { clock, folder, discovery: found } = discovery(t, '*.log');
  writeFileSync(join(folder, 'a.log'), '');
  await tick();
  for (let i = 0; i < 3; i++) await found.look(false);
  await clock.advance(10_000);
  assert.equal((await found.look(false)).isChanged, false);
  // The folder does not show that a file in it was written.
  appendFileSync(join(folder, 'a.log'), 'one');
  await clock.advance(10_000);
  assert.equal((await found.look(false)).isChanged, true);
});

test('look() tells names that match and are no files from those that are, or are links to one', async (t) => {
  const { folder, discovery: found } = discovery(t, '*.log', '**/*.log');
  writeFileSync(join(folder, 'a.log'), '');
  mkdirSync(join(folder, 'folder.log'));
  execFileSync('mkfifo', [join(folder, 'fifo.log')]);
  symlinkSync('a.log', join(folder, 'link.log'));
  symlinkSync('.', join(folder, 'loop'));
  symlinkSync('folder.log', join(folder, 'to-folder.log'));
  symlinkSync('gone', join(folder, 'nowhere.log'));
  const listing = await found.look(false);
  assert.deepEqual(names(listing), ['a.log', 'link.log']);
  assert.deepEqual(listing.sightings[0]!.key, listing.sightings[1]!.key);
  const refused = listing.refusals.map(({ path, reason, error }) => [basename(path), reason, error?.message ?? '']);
  const isFolder = 'It is a folder: what lies in it is read as far as patterns name it, as in "folder/*.log"';
  assert.deepEqual(refused.sort(), [
    ['fifo.log', 'not_regular', 'It is a device, a pipe or a socket'],
    ['folder.log', 'not_regular', isFolder],
    ['nowhere.log', 'not_regular', 'It is a link, and what it leads to is not there'],
    ['to-folder.log', 'not_regular', isFolder],
  ]);
});

test('DSC-06 look() says which folders it could not list: what is in them is not gone', async (t) => {
  const { folder, discovery: found } = discovery(t, '**/*.log');
  // A folder that is replaced by a link to itself cannot be listed by anybody, root included.
  const loop = join(folder, 'loop');
  symlinkSync('loop', loop);
  const other = discoveryOf(new Patterns([join(loop, '*.log'), join(folder, '*.log')], []), new FakeClock());
  const listing = await other.look(false);
  assert.deepEqual([...listing.unlisted.keys()], [loop]);
  assert.ok(!knowsPath(listing, join(loop, 'below')));
  assert.ok(knowsPath(listing, folder));
  rmSync(loop);
  assert.equal((await other.look(false)).unlisted.size, 0);
  assert.equal((await found.look(false)).unlisted.size, 0);
});

test('look() ends in a tree that is deeper than any log folder', async (t) => {
  const { folder, discovery: found } = discovery(t, '**/*.log');
  const deep = join(folder, ...Array.from({ length: 50 }, () => 'd'));
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, 'a.log'), '');
  writeFileSync(join(folder, 'd', 'b.log'), '');
  assert.deepEqual(names(await found.look(false)), ['b.log']);
});
