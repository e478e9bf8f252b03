import assert from 'node:assert/strict';
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { type RunningFileSource, startFileSource, temporaryFolder, until } from '../harness/files.ts';

const LINE_BYTES = 1000;

const lineOf = (i: number): string => String(i).padStart(LINE_BYTES - 1, '.');

/** A source under a space policy that may take 5.5 lines, and what rotates its log; each file holds one line. */
function rotatedLog(t: TestContext, policy: string) {
  const folder = temporaryFolder(t);
  const path = join(folder, 'app.log');
  const clock = new FakeClock();
  const options = {
    include: [path],
    poll_interval: '1s',
    rotate_wait: '1s',
    space: { limit: `${5.5 * LINE_BYTES}B`, policy },
  };
  const source = startFileSource(t, { options, clock, output: { poolSize: 1 } });
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
  assert.equal(source.sum('pillion_source_freed_bytes_total'), 4 * LINE_BYTES);
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
