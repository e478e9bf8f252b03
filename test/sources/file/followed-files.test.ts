import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { RecordFlag } from '../../../src/core/record-batch.ts';
import type { RunningFileSource } from '../../harness/files.ts';
import { startFileSource, temporaryFolder, until } from '../../harness/files.ts';

/** A folder with `app.log` in it, and what rotates that. */
function rotatedLog(t: TestContext) {
  const folder = temporaryFolder(t);
  const at = (name: string): string => join(folder, name);
  return {
    folder,
    at,
    path: at('app.log'),
    /** As logrotate does it: `.1` becomes `.2`, then `app.log` becomes `.1`. */
    rotate(kept = 9): void {
      rmSync(at(`app.log.${kept}`), { force: true });
      for (let n = kept - 1; n >= 1; n--) renameIfThere(at(`app.log.${n}`), at(`app.log.${n + 1}`));
      renameIfThere(at('app.log'), at('app.log.1'));
    },
  };
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Lets the time stamps of the file system move on, as between any two rotations in life. */
async function tick(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 15));
}

function finished(source: RunningFileSource, count = 1): Promise<void> {
  return until(`${count} files are finished`, () => {
    return source.messages.filter((message) => message === 'A file is finished.').length >= count;
  });
}

for (const { name, glob } of [
  { name: 'its new name matches no pattern', glob: 'app.log' },
  { name: 'its new name matches too', glob: 'app.log*' },
]) {
  test(`reconcile() follows a renamed file to its end, then its successor, when ${name}`, async (t) => {
    const { at, path, rotate } = rotatedLog(t);
    writeFileSync(path, 'one\n');
    const writer = openSync(path, 'a');
    const source = startFileSource(t, { options: { include: [at(glob)], rotate_wait: '50ms' } });
    await source.sent(1);
    rotate();
    writeFileSync(path, 'three\n');
    writeSync(writer, 'two\n');
    await source.sent(3);
    writeSync(writer, 'late\n');
    await source.sent(4);
    closeSync(writer);
    await finished(source);
    assert.deepEqual(source.bodies.toSorted(), ['late', 'one', 'three', 'two']);
    assert.ok(source.bodies.indexOf('two') < source.bodies.indexOf('late'));
    assert.equal(source.sum('pillion_source_files'), 1);
    await source.drain();
    assert.equal(source.output.records.length, 4);
  });

  test(`reconcile() sees every line through many fast rotations, when ${name}`, async (t) => {
    const { at, path, rotate } = rotatedLog(t);
    writeFileSync(path, '');
    const source = startFileSource(t, { options: { include: [at(glob)], rotate_wait: '30ms' } });
    await until('the file is open', () => source.messages.length > 0);
    const expected: string[] = [];
    for (let i = 0; i < 60; i++) {
      for (let line = 0; line < 3; line++) {
        expected.push(`${i}.${line}`);
        appendFileSync(path, `${i}.${line}\n`);
        if (i % 7 === line) await tick();
      }
      rotate(8);
      // A file is deleted eight rotations later: on a busy machine the source must be waited for.
      if (i >= 5) await source.sent(3 * (i - 4));
      else await tick();
      appendFileSync(path, '');
    }
    await source.drain();
    assert.deepEqual(source.bodies.toSorted(), expected.toSorted());
  });

  test(`reconcile() finds every file of three rotations between two looks, oldest first, when ${name}`, async (t) => {
    const { at, path, rotate } = rotatedLog(t);
    writeFileSync(path, 'one\n');
    const source = startFileSource(t, { options: { include: [at(glob)], poll_interval: '1h' } });
    await source.sent(1);
    appendFileSync(path, 'two\n');
    for (const line of ['three', 'four', 'five']) {
      await tick();
      rotate();
      writeFileSync(path, `${line}\n`);
    }
    await source.drain();
    assert.deepEqual(source.bodies, ['one', 'two', 'three', 'four', 'five']);
  });

  test(`a restart finds what was rotated meanwhile, oldest first, when ${name}`, async (t) => {
    const { at, path, rotate } = rotatedLog(t);
    const options = { include: [at(glob)] };
    writeFileSync(path, 'one\n');
    const first = startFileSource(t, { options });
    await first.drain();
    appendFileSync(path, 'two\n');
    for (const line of ['three', 'four', 'five']) {
      await tick();
      rotate();
      writeFileSync(path, `${line}\n`);
    }
    const second = startFileSource(t, { options, restored: first.section.stored });
    await second.drain();
    assert.deepEqual(second.bodies, ['two', 'three', 'four', 'five']);
    const third = startFileSource(t, { options, restored: second.section.stored });
    await third.drain();
    assert.deepEqual(third.bodies, []);
  });
}

test('reconcile() leaves older siblings alone that no pattern matches', async (t) => {
  const { at, path, rotate } = rotatedLog(t);
  writeFileSync(at('app.log.2'), 'older\n');
  writeFileSync(at('app.log.1'), 'old\n');
  writeFileSync(at('unrelated-1'), 'unrelated\n');
  await tick();
  writeFileSync(path, 'one\n');
  const source = startFileSource(t, { options: { include: [path] } });
  await source.sent(1);
  await tick();
  rotate();
  writeFileSync(path, 'two\n');
  await source.sent(2);
  await source.drain();
  const restarted = startFileSource(t, { options: { include: [path] }, restored: source.section.stored });
  await restarted.drain();
  assert.deepEqual([...source.bodies, ...restarted.bodies], ['one', 'two']);
});

test('reconcile() takes the unfinished line of a renamed file once that is silent, and never joins it to the successor', async (t) => {
  const { path, rotate } = rotatedLog(t);
  writeFileSync(path, 'one\nunfin');
  const source = startFileSource(t, { options: { include: [path], rotate_wait: '60ms' } });
  await source.sent(1);
  rotate();
  writeFileSync(path, 'ished?\n');
  await source.sent(3);
  await finished(source);
  assert.deepEqual(source.output.records.map(({ body, flags }) => [body, flags]).sort(), [
    ['ished?', 0],
    ['one', 0],
    ['unfin', RecordFlag.Unterminated],
  ]);
});

test('reconcile() delivers a late line of a file that was finished already', async (t) => {
  const { at, path, rotate } = rotatedLog(t);
  writeFileSync(path, 'one\n');
  const source = startFileSource(t, { options: { include: [path], rotate_wait: '10ms' } });
  await source.sent(1);
  rotate();
  writeFileSync(path, 'two\n');
  await finished(source);
  appendFileSync(at('app.log.1'), 'late\n');
  await source.sent(3);
  assert.deepEqual(source.bodies, ['one', 'two', 'late']);
  await finished(source, 2);
});

test('reconcile() follows a file again that was renamed, finished, and renamed back', async (t) => {
  const { at, path } = rotatedLog(t);
  writeFileSync(path, 'one\n');
  const source = startFileSource(t, { options: { include: [path], rotate_wait: '10ms' } });
  await source.sent(1);
  renameSync(path, at('moved'));
  await finished(source);
  renameSync(at('moved'), path);
  await until('it is open again', () => source.sum('pillion_source_files') === 1);
  appendFileSync(path, 'two\n');
  await source.sent(2);
  assert.deepEqual(source.bodies, ['one', 'two']);
});

test('reconcile() reads a deleted file to its end, then the new one of its name, and forgets the old one', async (t) => {
  const { path } = rotatedLog(t);
  writeFileSync(path, 'one\n');
  const writer = openSync(path, 'a');
  const source = startFileSource(t, { options: { include: [path], rotate_wait: '50ms' } });
  await source.sent(1);
  unlinkSync(path);
  writeFileSync(path, 'three\n');
  writeSync(writer, 'two\n');
  await source.sent(3);
  closeSync(writer);
  await finished(source);
  assert.deepEqual(source.bodies.toSorted(), ['one', 'three', 'two']);
  assert.notEqual(
    source.output.records[0]!.stream.id,
    source.output.records.find(({ body }) => body === 'three')!.stream.id,
  );
  assert.equal((source.section.stored as { streams: unknown[] }).streams.length, 1);
});

test('reconcile() keeps a deleted file open until everything of it is settled', async (t) => {
  const { path } = rotatedLog(t);
  writeFileSync(path, 'one\n');
  const options = { include: [path], rotate_wait: '10ms' };
  const source = startFileSource(t, { options, output: { leases: 'held' } });
  await source.sent(1);
  unlinkSync(path);
  await until('it is seen to be deleted', () => source.messages.length === 2);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(source.sum('pillion_source_files'), 1);
  source.output.leases[0]!.settle('delivered');
  await finished(source);
  assert.equal(source.sum('pillion_source_files'), 0);
});

test('reconcile() reads a file once that has two names, and follows it when it loses one', async (t) => {
  const { at } = rotatedLog(t);
  writeFileSync(at('a.log'), 'one\n');
  linkSync(at('a.log'), at('b.log'));
  const source = startFileSource(t, { options: { include: [at('*.log')], rotate_wait: '20ms' } });
  await source.sent(1);
  const [lost, kept] = source.output.records[0]!.attributes['log.file.name'] === 'a.log' ? 'ab' : 'ba';
  unlinkSync(at(`${lost}.log`));
  appendFileSync(at(`${kept}.log`), 'two\n');
  await source.sent(2);
  await finished(source);
  appendFileSync(at(`${kept}.log`), 'three\n');
  await source.sent(3);
  assert.deepEqual(source.bodies, ['one', 'two', 'three']);
});

test('reconcile() follows files that swap their names, and names records as the file is called then', async (t) => {
  const { at } = rotatedLog(t);
  writeFileSync(at('a.log'), 'a1\n');
  writeFileSync(at('b.log'), 'b1\n');
  const source = startFileSource(t, { options: { include: [at('*.log')] } });
  await source.sent(2);
  renameSync(at('a.log'), at('c'));
  renameSync(at('b.log'), at('a.log'));
  renameSync(at('c'), at('b.log'));
  await until(
    'the new names are known',
    () => source.messages.filter((text) => String(text).includes('renamed')).length === 2,
  );
  appendFileSync(at('b.log'), 'a2\n');
  appendFileSync(at('a.log'), 'b2\n');
  await source.sent(4);
  const named = source.output.records.map(({ body, attributes }) => [body, attributes['log.file.name']]);
  assert.deepEqual(named.sort(), [
    ['a1', 'a.log'],
    ['a2', 'b.log'],
    ['b1', 'b.log'],
    ['b2', 'a.log'],
  ]);
});

test('reconcile() reads two files with the same content as two', async (t) => {
  const { at } = rotatedLog(t);
  const content = 'same line\n'.repeat(300);
  writeFileSync(at('a.log'), content);
  writeFileSync(at('b.log'), content);
  const options = { include: [at('*.log')] };
  const source = startFileSource(t, { options });
  await source.drain();
  assert.equal(source.output.records.length, 600);
  const restarted = startFileSource(t, { options, restored: source.section.stored });
  await restarted.drain();
  assert.equal(restarted.output.records.length, 0);
});

test('reconcile() follows a file out of its folder by its handle', async (t) => {
  const { at, path } = rotatedLog(t);
  mkdirSync(at('archive'));
  writeFileSync(path, 'one\n');
  const writer = openSync(path, 'a');
  const source = startFileSource(t, { options: { include: [path], rotate_wait: '50ms' } });
  await source.sent(1);
  renameSync(path, at('archive/app.log'));
  writeSync(writer, 'two\n');
  closeSync(writer);
  await source.sent(2);
  await finished(source);
});

test('a restart takes an inode that was given to another file for another file', async (t) => {
  const { path } = rotatedLog(t);
  const options = { include: [path] };
  writeFileSync(path, `${'banner\n'.repeat(300)}one\n`);
  const first = startFileSource(t, { options });
  await first.drain();
  // The same inode with the same head and size, and other lines before the offset: what a reuse looks like.
  const entry = first.section.stored;
  truncateSync(path);
  appendFileSync(path, `${'banner\n'.repeat(300)}two\n`);
  const second = startFileSource(t, { options, restored: entry });
  await second.drain();
  assert.equal(second.output.records.length, 301);
  assert.equal(second.bodies.at(-1), 'two');
});

test('a restart goes on in a file whose device has another number', async (t) => {
  const { path } = rotatedLog(t);
  const options = { include: [path] };
  writeFileSync(path, 'one\n');
  const first = startFileSource(t, { options });
  await first.drain();
  appendFileSync(path, 'two\n');
  const moved = JSON.stringify(first.section.stored).replace(/"key":"\d+:/g, '"key":"9999:');
  const second = startFileSource(t, { options, restored: JSON.parse(moved) });
  await second.drain();
  assert.deepEqual(second.bodies, ['two']);
});

test('a restart reads a file from its beginning that was truncated meanwhile, and counts what is gone', async (t) => {
  const { path } = rotatedLog(t);
  const options = { include: [path] };
  writeFileSync(path, 'one\ntwo\nthree\n');
  const first = startFileSource(t, { options, output: { leases: 'held' } });
  await first.sent(3);
  await first.stop();
  truncateSync(path);
  const stored = first.section.stored;
  appendFileSync(path, 'new\n');
  const second = startFileSource(t, { options, restored: stored });
  await second.drain();
  assert.deepEqual(second.bodies, ['new']);
});

test('a restart knows a file again that was truncated when its first bytes were read and not delivered', async (t) => {
  const { path } = rotatedLog(t);
  writeFileSync(path, `${'before'.repeat(300)}\n`);
  const options = { include: [path] };
  const killed = startFileSource(t, { options, output: { leases: 'held' } });
  await killed.sent(1);
  const restored = killed.section.stored;
  await killed.stop();
  truncateSync(path);
  const second = startFileSource(t, { options, restored });
  await until('the file is open', () => second.messages.includes('Reading a file.'));
  const after = 'after'.repeat(300);
  appendFileSync(path, `${after}\n`);
  await second.sent(1);
  await second.drain();
  const third = startFileSource(t, { options, restored: second.section.stored });
  await third.drain();
  assert.deepEqual([...second.bodies, ...third.bodies], [after]);
});

test('DWN-06 a restart reads a file that was truncated, has grown past its offset, and was renamed then', async (t) => {
  const { at, path, rotate } = rotatedLog(t);
  const options = { include: [path] };
  writeFileSync(path, 'one\n');
  if (statSync(path).birthtimeMs === 0) {
    t.skip('platform: this file system does not keep when a file was made');
    return;
  }
  const first = startFileSource(t, { options });
  await first.drain();
  truncateSync(path);
  appendFileSync(path, 'two\nthree\n');
  rotate();
  writeFileSync(at('app.log'), 'four\n');
  const second = startFileSource(t, { options, restored: first.section.stored });
  await second.drain();
  assert.deepEqual(second.bodies, ['two', 'three', 'four']);
  assert.equal(second.sum('pillion_source_gone_unknown_total'), 1);
});

test('a restart says what is gone with a file that was rotated away and deleted', async (t) => {
  const { path } = rotatedLog(t);
  const options = { include: [path] };
  writeFileSync(path, 'one\n');
  const first = startFileSource(t, { options, output: { poolSize: 1 } });
  first.output.isFull = true;
  await first.sent(1);
  appendFileSync(path, 'two\n');
  await until('the second line is seen', () => first.sum('pillion_source_unread_bytes') === 4);
  await first.stop();
  const stored = first.section.stored;
  rmSync(path);
  writeFileSync(path, 'new\n');
  const second = startFileSource(t, { options, restored: stored });
  await second.drain();
  assert.deepEqual(second.bodies, ['new']);
  assert.equal(second.sum('pillion_source_gone_bytes_total', { reason: 'deleted' }), 4);
  assert.ok(
    second.log.some(({ level, msg }) => level === 'error' && msg === 'A file is gone that was not read to its end.'),
  );
});

test('a restart with fewer patterns leaves a file alone, and one with more goes on in it', async (t) => {
  const { at } = rotatedLog(t);
  writeFileSync(at('a.log'), 'a1\n');
  writeFileSync(at('b.log'), 'b1\n');
  const both = { include: [at('*.log')] };
  const first = startFileSource(t, { options: both });
  await first.drain();
  appendFileSync(at('b.log'), 'b2\n');
  const second = startFileSource(t, { options: { include: [at('a.log')] }, restored: first.section.stored });
  await second.drain();
  assert.deepEqual(second.bodies, []);
  const third = startFileSource(t, { options: both, restored: second.section.stored });
  await third.drain();
  assert.deepEqual(third.bodies, ['b2']);
});

const action = fc.oneof(
  fc.record({ append: fc.integer({ min: 1, max: 5 }) }),
  fc.constant('rotate' as const),
  fc.constant('wait' as const),
  fc.constant('restart' as const),
);

for (const glob of ['app.log', 'app.log*']) {
  test(`any mix of writes, rotations, pauses and clean restarts delivers every line once, for ${glob}`, async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
        const { at, path, rotate } = rotatedLog(t);
        const options = { include: [at(glob)], rotate_wait: '20ms' };
        const delivered: string[] = [];
        writeFileSync(path, '');
        let source = startFileSource(t, { options });
        await until('the file is known', () => source.messages.length > 0);
        let written = 0;
        for (const action of actions) {
          if (action === 'rotate') {
            rotate(99);
            await tick();
          } else if (action === 'wait') {
            await tick();
          } else if (action === 'restart') {
            await source.stop();
            delivered.push(...source.bodies);
            source = startFileSource(t, { options, restored: source.section.stored });
          } else {
            for (let i = 0; i < action.append; i++) appendFileSync(path, `line ${written++}\n`);
          }
        }
        await source.drain();
        delivered.push(...source.bodies);
        const expected = Array.from({ length: written }, (_, i) => `line ${i}`);
        assert.deepEqual(delivered.toSorted(), expected.toSorted());
      }),
      { numRuns: 15 },
    );
  });
}

test('rotations leave neither handles nor entries behind', async (t) => {
  const { path, rotate, at } = rotatedLog(t);
  writeFileSync(path, '');
  const source = startFileSource(t, { options: { include: [at('app.log*')], rotate_wait: '10ms' } });
  for (let i = 0; i < 30; i++) {
    appendFileSync(path, `${i}\n`);
    await source.sent(i + 1);
    rotate(3);
  }
  writeFileSync(path, '');
  await until('only the living file is open', () => source.sum('pillion_source_files') === 1);
  const { streams } = source.section.stored as { streams: { path: string }[] };
  assert.ok(streams.length <= 10, `${streams.length} entries`);
});
