import assert from 'node:assert/strict';
import { appendFileSync, existsSync, linkSync, readdirSync, renameSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { type RunningFileSource, startFileSource, temporaryFolder, until } from '../harness/files.ts';
import { mountTmpfs, whyNoTmpfs } from '../harness/tmpfs.ts';

const LINE_BYTES = 1000;

const lineOf = (i: number): string => String(i).padStart(LINE_BYTES - 1, '.');

/** A source under a space policy that may take 5.5 lines, and what rotates its log; each file holds one line. */
function rotatedLog(t: TestContext, policy: string) {
  return rotating(t, { space: { limit: `${5.5 * LINE_BYTES}B`, policy } });
}

/** A source with these options, and what rotates its log. */
function rotating(t: TestContext, changes: object, folder = temporaryFolder(t), restored?: unknown) {
  const path = join(folder, 'app.log');
  const clock = new FakeClock();
  const options = {
    include: [path],
    poll_interval: '1s',
    rotate_wait: '1s',
    ...changes,
  };
  const source = startFileSource(t, { options, clock, restored, output: { poolSize: 1 } });
  const passes = (what: string, condition: () => boolean): Promise<void> =>
    until(what, async () => {
      await clock.advance(250);
      return condition();
    });
  return {
    folder,
    clock,
    source,
    passes,
    write: (i: number): void => writeFileSync(path, `${lineOf(i)}\n`),
    rotate: (i: number): void => renameSync(path, `${path}.${i}`),
    rotated: (): string[] =>
      readdirSync(folder)
        .filter((name) => name !== 'app.log')
        .sort(),
    hasActive: (): boolean => existsSync(path),
  };
}

function warnings(source: RunningFileSource): number {
  return source.messages.filter((message) => message === 'The files take more space than they may.').length;
}

test('DSK-02 warn: an event and a gauge, and nothing is removed', async (t) => {
  const { source, passes, write, rotate, rotated } = rotatedLog(t, 'warn');
  for (let i = 0; i < 8; i++) {
    write(i);
    await passes('the line is read', () => source.bodies.length === i + 1);
    rotate(i);
  }
  write(8);
  await passes('it is said', () => warnings(source) === 1);
  await passes('the gauge shows it', () => source.sum('pillion_source_space_bytes') === 9 * LINE_BYTES);
  assert.equal(source.sum('pillion_source_space_exceeded_total', { limit: 'size' }), 1);
  assert.equal(rotated().length, 8);
});

test('DSK-03 remove_delivered: only what is rotated, delivered and silent goes, oldest first, until there is room', async (t) => {
  const { source, passes, write, rotate, rotated, hasActive, clock } = rotatedLog(t, 'remove_delivered');
  for (let i = 0; i < 8; i++) {
    write(i);
    await passes('the line is read', () => source.bodies.length === i + 1);
    rotate(i);
    assert.equal(source.sum('pillion_source_gone_bytes_total'), 0);
  }
  write(8);
  await passes('the last is read', () => source.bodies.length === 9);
  await passes('there is room', () => source.sum('pillion_source_space_bytes') <= 5.5 * LINE_BYTES);
  for (let i = 0; i < 40; i++) await clock.advance(250);
  assert.deepEqual(rotated(), ['app.log.4', 'app.log.5', 'app.log.6', 'app.log.7']);
  assert.ok(hasActive());
  assert.equal(source.sum('pillion_source_freed_bytes_total', { rule: 'remove_delivered' }), 4 * LINE_BYTES);
  assert.equal(source.sum('pillion_source_removed_files_total'), 4);
  await source.stop();
  const expected = Array.from({ length: 9 }, (_, i) => lineOf(i));
  assert.deepEqual(source.bodies, expected);
  assert.equal(source.sum('pillion_source_gone_bytes_total'), 0);
});

for (const { policy, removed, lost } of [
  { policy: 'remove_delivered', removed: 1, lost: 0 },
  { policy: 'drop_oldest', removed: 4, lost: 3 },
]) {
  test(`DSK-04 ${policy}: of files that are not delivered ${lost === 0 ? 'none goes' : 'the oldest rotated ones go, counted exactly'}`, async (t) => {
    const { source, passes, write, rotate, rotated, hasActive, clock } = rotatedLog(t, policy);
    source.output.isFull = true;
    // The first line is read, and takes the only batch: all the others wait in their files.
    for (let i = 0; i < 9; i++) {
      write(i);
      await passes(
        'it is followed',
        () => source.messages.filter((text) => text === 'Reading a file.').length === i + 1,
      );
      if (i < 8) rotate(i);
    }
    await passes('it is said', () => warnings(source) > 0);
    for (let i = 0; i < 40; i++) await clock.advance(250);
    await passes('there is room', () => lost === 0 || source.sum('pillion_source_space_bytes') <= 5.5 * LINE_BYTES);
    assert.ok(hasActive());
    // The first file was read to its end: nothing of it is lost, though it is removed.
    assert.equal(source.sum('pillion_source_gone_bytes_total', { reason: 'space_policy' }), lost * LINE_BYTES);
    assert.equal(rotated().length, 8 - removed);
    assert.equal(source.sum('pillion_source_removed_files_total', { rule: 'drop_oldest' }), lost);
    assert.equal(source.sum('pillion_source_removed_files_total', { rule: 'remove_delivered' }), 1);
    assert.equal(
      source.log.some(({ level }) => level === 'error'),
      lost > 0,
    );
    source.output.empty();
    await passes('the others are read', () => source.bodies.length === 9 - lost);
    await source.stop();
    assert.equal(source.sum('pillion_source_gone_bytes_total'), lost * LINE_BYTES);
    assert.equal(source.bodies.at(-1), lineOf(8));
  });
}

test('DSK-06 remove_after: what is rotated and wholly delivered goes, after its grace; the first name never', async (t) => {
  const { source, passes, write, rotate, rotated, hasActive, clock } = rotating(t, { remove_after: '10s' });
  for (let i = 0; i < 4; i++) {
    write(i);
    await passes('the line is read', () => source.bodies.length === i + 1);
    if (i < 3) rotate(i);
  }
  await passes(
    'all of them are finished',
    () => source.messages.filter((m) => m === 'A file is finished.').length === 3,
  );
  for (let ms = 0; ms < 9500; ms += 250) {
    await clock.advance(250);
    assert.equal(rotated().length, 3, 'none goes before its grace is over');
  }
  await passes('they are removed', () => rotated().length === 0);
  for (let i = 0; i < 80; i++) await clock.advance(250);
  assert.ok(hasActive());
  assert.equal(source.sum('pillion_source_removed_files_total', { rule: 'remove_after' }), 3);
  assert.equal(source.sum('pillion_source_freed_bytes_total', { rule: 'remove_after' }), 3 * LINE_BYTES);
  assert.equal(source.sum('pillion_source_gone_bytes_total'), 0);
});

test('DSK-06 remove_after: a file with several names is read once, and goes with the last of them', async (t) => {
  const { source, passes, write, rotate, rotated, folder, clock } = rotating(t, { remove_after: '3s' });
  write(0);
  await passes('the line is read', () => source.bodies.length === 1);
  rotate(0);
  for (const name of [1, 2]) linkSync(join(folder, 'app.log.0'), join(folder, `app.log.${name}`));
  linkSync(join(folder, 'app.log.0'), join(folder, 'kept'));
  write(1);
  await passes('the next line is read', () => source.bodies.length === 2);
  await passes('all names of its log are removed', () => rotated().join() === 'kept');
  for (let i = 0; i < 80; i++) await clock.advance(250);
  assert.equal(source.bodies.length, 2);
  assert.deepEqual(rotated(), ['kept']);
});

test('DSK-06 remove_after: a file that is written to again has its grace again', async (t) => {
  const { folder, source, passes, write, rotate, rotated, clock } = rotating(t, { remove_after: '10s' });
  write(0);
  await passes('the line is read', () => source.bodies.length === 1);
  rotate(0);
  await passes('it is finished', () => source.messages.includes('A file is finished.'));
  for (let ms = 0; ms < 8000; ms += 250) await clock.advance(250);
  appendFileSync(join(folder, 'app.log.0'), 'late\n');
  await passes('the late line is read', () => source.bodies.length === 2);
  for (let ms = 0; ms < 8000; ms += 250) await clock.advance(250);
  assert.equal(rotated().length, 1);
  await passes('it is removed', () => rotated().length === 0);
  assert.equal(source.bodies[1], 'late');
});

test('DSK-06 remove_after: what was delivered in the last life goes in the next one, though nothing includes its name', async (t) => {
  const folder = temporaryFolder(t);
  const first = rotating(t, { remove_after: '10s' }, folder);
  first.write(0);
  await first.passes('the line is read', () => first.source.bodies.length === 1);
  first.rotate(0);
  first.write(1);
  await first.passes('the next is read', () => first.source.bodies.length === 2);
  await first.source.stop();
  const restored = first.source.section.stored;
  const second = rotating(t, { remove_after: '10s' }, folder, restored);
  await second.passes('it is removed', () => second.rotated().length === 0);
  assert.ok(second.hasActive());
  assert.deepEqual(second.source.bodies, []);
});

test('DSK-06 remove_after: what has not been answered, was rejected or was cut is left', async (t) => {
  const { source, passes, write, rotate, rotated, folder, clock } = rotating(t, {
    remove_after: '2s',
    max_record_size: '1KiB',
  });
  write(0);
  await passes('the line is read', () => source.bodies.length === 1);
  rotate(0);
  writeFileSync(join(folder, 'app.log'), `${'x'.repeat(3000)}\n`);
  await passes('the long line is read', () => source.bodies.length === 2);
  rotate(1);
  source.output.outcome = 'rejected';
  write(2);
  await passes('the rejected line is read', () => source.bodies.length === 3);
  rotate(2);
  source.output.isFull = true;
  write(3);
  rotate(3);
  write(4);
  await passes('the delivered one is removed', () => !rotated().includes('app.log.0'));
  for (let i = 0; i < 80; i++) await clock.advance(250);
  assert.deepEqual(rotated(), ['app.log.1', 'app.log.2', 'app.log.3']);
});

const noDisk = whyNoTmpfs();

test('DSK-07 min_free: rotated files are removed for as long as the disk is too full, whoever fills it', {
  skip: noDisk,
}, async (t) => {
  const disk = mountTmpfs(t, 256);
  const space = { min_free: '64KiB', policy: 'remove_delivered' };
  const { source, passes, write, rotate, rotated, hasActive } = rotating(t, { space }, disk);
  for (let i = 0; i < 6; i++) {
    write(i);
    await passes('the line is read', () => source.bodies.length === i + 1);
    if (i < 5) rotate(i);
  }
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(disk);
    return bavail * bsize;
  };
  await passes('it knows what is free', () => source.sum('pillion_source_space_free_bytes') === freeBytes());
  assert.equal(rotated().length, 5);
  // Somebody else fills the disk: each of the files takes a page of it, so two of them must go.
  writeFileSync(join(disk, 'other'), Buffer.alloc(freeBytes() - 64 * 1024 + 4096 + 1));
  await passes('there is room', () => freeBytes() >= 64 * 1024);
  assert.equal(source.messages.filter((message) => message === 'The disk of the files is nearly full.').length, 1);
  assert.equal(source.sum('pillion_source_space_exceeded_total', { limit: 'free' }), 1);
  assert.deepEqual(
    rotated().filter((name) => name !== 'other'),
    ['app.log.2', 'app.log.3', 'app.log.4'],
  );
  assert.ok(hasActive());
});
