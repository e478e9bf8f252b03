import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { FakeClock } from '../../../src/core/fake-clock.ts';
import { RecordFlag } from '../../../src/core/record-batch.ts';
import type { FollowedFiles } from '../../../src/sources/file/followed-files.ts';
import { startFileSource, until } from '../../harness/files.ts';
import { handDrivenFiles } from '../../harness/hand-driven-files.ts';
import { finished, openPaths, rotatedLog, tick } from '../../harness/log-folder.ts';

function paths(files: FollowedFiles): string[] {
  return Array.from(files.values(), ({ path }) => path).sort();
}

for (const { name, glob } of [
  { name: 'its new name matches no pattern', glob: 'app.log' },
  { name: 'its new name matches too', glob: 'app.log*' },
]) {
  test(`ROT-01 ROT-02 ROT-03 reconcile() follows a renamed file to its end, then its successor, when ${name}`, async (t) => {
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

  test(`ROT-02 reconcile() sees every line through many fast rotations, when ${name}`, async (t) => {
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
      if (i >= 6) await until('an old file is read', () => source.bodies.includes(`${i - 6}.2`));
      else await tick();
      appendFileSync(path, '');
    }
    await source.drain();
    assert.deepEqual(source.bodies.toSorted(), expected.toSorted());
  });

  test(`ROT-05 reconcile() finds every file of three rotations between two looks, oldest first, when ${name}`, async (t) => {
    const { at, path, rotate } = rotatedLog(t);
    writeFileSync(path, 'one\n');
    // The clock stands still: no hint of the system leads to a look in the middle of it.
    const source = startFileSource(t, { options: { include: [at(glob)] }, clock: new FakeClock() });
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

  test(`DWN-01 DWN-02 a restart finds what was rotated meanwhile, oldest first, when ${name}`, async (t) => {
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

test('DSC-01 reconcile() leaves older siblings alone that no pattern matches', async (t) => {
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

test('ROT-07 reconcile() takes the unfinished line of a renamed file once that is silent, and never joins it to the successor', async (t) => {
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

test('ROT-04 reconcile() delivers a late line of a file that was finished already', async (t) => {
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

test('DEL-01 DEL-02 DEL-03 reconcile() reads a deleted file to its end, then the new one of its name, and forgets the old one', async (t) => {
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
  await until('the old one is forgotten', () => (source.section.stored as { streams: unknown[] }).streams.length === 1);
});

test('DEL-03 reconcile() keeps a deleted file open until everything of it is settled', async (t) => {
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

test('IDN-08 reconcile() follows files that swap their names, and names records as the file is called then', async (t) => {
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

test('ROT-06 reconcile() follows a file out of its folder by its handle', async (t) => {
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

test('FAI-03 DEL-05 a rotation a second leaves neither handles nor entries behind', async (t) => {
  const { path, rotate, at } = rotatedLog(t);
  const clock = new FakeClock();
  // Of this folder alone: the process opens and closes others as it likes.
  const handles = (): string[] => openPaths().filter((open) => open.startsWith(at('app.log')));
  writeFileSync(path, '');
  const options = { include: [at('app.log*')], rotate_wait: '2s', poll_interval: '500ms' };
  const source = startFileSource(t, { options, clock });
  await until('the file is open', () => handles().length === 1);
  const entries = (): number => (source.section.stored as { streams: unknown[] }).streams.length;
  let most = 0;
  const rotations = 300;
  for (let i = 0; i < rotations; i++) {
    appendFileSync(path, `${i}\n`);
    await until('the line was read', async () => {
      await clock.advance(500);
      return source.bodies.length > i;
    });
    await clock.advance(500);
    rotate(3);
    if (i % 50 === 49) most = Math.max(most, entries());
  }
  assert.deepEqual(
    source.bodies,
    Array.from({ length: rotations }, (_, i) => String(i)),
  );
  // Those of the last minute.
  assert.ok(most <= 150, `${most} entries`);
  await until('the rest is forgotten', async () => {
    await clock.advance(10_000);
    return entries() <= 3 && source.sum('pillion_source_files') === 0;
  });
  await until('the handles are back', () => handles().length === 0);
});

test('DSC-06 a folder that cannot be listed for a while: nothing in it is taken for gone, others go on', async (t) => {
  const { at } = rotatedLog(t);
  const logs = at('logs');
  mkdirSync(logs);
  mkdirSync(at('other'));
  writeFileSync(join(logs, 'app.log'), 'one\n');
  const options = { include: [join(logs, '*.log'), at('other/*.log')], rotate_wait: '20ms' };
  const hide = (): void => {
    renameSync(logs, at('hidden'));
    // A link to itself can be listed by nobody, root included.
    symlinkSync('logs', logs);
  };
  const show = (): void => {
    unlinkSync(logs);
    renameSync(at('hidden'), logs);
  };
  const first = startFileSource(t, { options });
  await first.sent(1);
  hide();
  await until('it is said', () => first.messages.includes('A path cannot be examined.'));
  writeFileSync(at('other/b.log'), 'other\n');
  appendFileSync(at('hidden/app.log'), 'two\n');
  await first.sent(3);
  await first.stop();
  const second = startFileSource(t, { options, restored: first.section.stored });
  await until('it is said', () => second.messages.includes('A path cannot be examined.'));
  assert.equal((second.section.stored as { streams: unknown[] }).streams.length, 2, 'its entry is kept');
  show();
  appendFileSync(join(logs, 'app.log'), 'three\n');
  await second.sent(1);
  await second.drain();
  assert.deepEqual(first.bodies.toSorted(), ['one', 'other', 'two']);
  assert.deepEqual(second.bodies, ['three']);
  assert.equal(second.sum('pillion_source_gone_bytes_total'), 0);
});

test('ROT-06 files without a fixed name are each read from their beginning, and forgotten when they are gone', async (t) => {
  const { at } = rotatedLog(t);
  const clock = new FakeClock();
  const options = { include: [at('app-*.log')], rotate_wait: '2s', poll_interval: '1s' };
  const source = startFileSource(t, { options, clock });
  for (let day = 10; day < 30; day++) {
    writeFileSync(at(`app-2024-01-${day}.log`), `day ${day}\n`);
    if (day > 12) unlinkSync(at(`app-2024-01-${day - 3}.log`));
    await until('it is read', async () => {
      await clock.advance(1_000);
      return source.bodies.at(-1) === `day ${day}`;
    });
  }
  assert.equal(source.bodies.length, 20);
  await until('the others are forgotten', async () => {
    await clock.advance(1_000);
    return (source.section.stored as { streams: unknown[] }).streams.length === 3;
  });
  await until('nobody searches for their successors any more', async () => {
    await clock.advance(10_000);
    return (source.section.stored as { searches: unknown[] }).searches.length === 0;
  });
});

test('ROT-06 a file that is renamed away and has no successor for ten minutes costs no search', async (t) => {
  const { at, path } = rotatedLog(t);
  const clock = new FakeClock();
  writeFileSync(path, 'one\n');
  const source = startFileSource(t, { options: { include: [path], poll_interval: '1s' }, clock });
  await source.sent(1);
  renameSync(path, at('app.log.1'));
  let looks = 0;
  for (; looks < 700; looks++) {
    await clock.untilSleeping();
    await clock.advance(1_000);
  }
  writeFileSync(path, 'two\n');
  await until('the successor is read', async () => {
    await clock.advance(1_000);
    return source.bodies.length === 2;
  });
  assert.deepEqual(source.bodies, ['one', 'two']);
  assert.equal(source.log.filter(({ level }) => level !== 'info').length, 0);
});

test('ROT-08 DEL-04 a rename or a deletion between the listing and the opening', async (t) => {
  const { at, path } = rotatedLog(t);
  const driven = handDrivenFiles(t, [path]);
  const { files, metrics } = driven;
  writeFileSync(path, 'renamed\n');
  const renamed = await driven.list();
  renameSync(path, at('app.log.1'));
  writeFileSync(path, 'successor\n');
  await driven.reconcile(renamed);
  assert.deepEqual(paths(files), [at('app.log.1')], 'the file that was seen, not what has its name now');
  assert.ok(files.isIncomplete, 'another look is needed');
  const successor = await driven.list();
  await driven.reconcile(successor);
  assert.deepEqual(paths(files), [path, at('app.log.1')]);

  renameSync(path, at('app.log.2'));
  writeFileSync(path, 'deleted\n');
  const deleted = await driven.list();
  unlinkSync(path);
  await driven.reconcile(deleted);
  assert.equal(metrics.sum('pillion_source_gone_bytes_total'), 0, 'it may be found yet');
  await driven.reconcile(await driven.list());
  assert.equal(metrics.sum('pillion_source_gone_bytes_total', { reason: 'deleted' }), 8);
  await driven.reconcile(await driven.list());
  assert.equal(metrics.sum('pillion_source_gone_bytes_total'), 8, 'once');
  assert.deepEqual(paths(files), [at('app.log.1'), at('app.log.2')]);
});

test('DEL-01 the space of a deleted file is free once it is read and was silent', async (t) => {
  const { path } = rotatedLog(t);
  writeFileSync(path, 'one\n');
  const source = startFileSource(t, { options: { include: [path], rotate_wait: '30ms' }, output: { poolSize: 1 } });
  source.output.isFull = true;
  await source.sent(1);
  appendFileSync(path, 'two\nunfinished');
  unlinkSync(path);
  await until('it is seen to be deleted', () => source.messages.some((text) => String(text).includes('deleted')));
  assert.ok(openPaths().includes(`${path} (deleted)`));
  source.output.empty();
  await finished(source);
  assert.deepEqual(source.bodies, ['one', 'two', 'unfinished']);
  await until('the handle is back', () => !openPaths().includes(`${path} (deleted)`));
});

test('CLK-02 times that anybody can set decide nothing', async (t) => {
  const { at, path, rotate } = rotatedLog(t);
  const options = { include: [path], poll_interval: '1h' };
  writeFileSync(path, 'one\n');
  const source = startFileSource(t, { options });
  await source.sent(1);
  for (const [line, time] of [
    ['two', new Date('2100-01-01')],
    ['three', new Date('1970-01-02')],
  ] as const) {
    await tick();
    rotate();
    writeFileSync(path, `${line}\n`);
    utimesSync(path, time, time);
  }
  utimesSync(at('app.log.2'), new Date('2099-01-01'), new Date('2099-01-01'));
  await source.drain();
  assert.deepEqual(source.bodies, ['one', 'two', 'three']);
  const restarted = startFileSource(t, { options, restored: source.section.stored });
  await restarted.drain();
  assert.deepEqual(restarted.bodies, []);
});

test('CKP-13 an entry that no pattern leads to survives ten minutes, one whose file is gone a minute', async (t) => {
  const { at } = rotatedLog(t);
  writeFileSync(at('a.log'), 'a1\n');
  writeFileSync(at('b.log'), 'b1\n');
  writeFileSync(at('c.log'), 'c1\n');
  const first = startFileSource(t, { options: { include: [at('*.log')] } });
  await first.drain();
  unlinkSync(at('c.log'));
  const clock = new FakeClock();
  const options = { include: [at('a.log'), at('c.log')], poll_interval: '5s' };
  const second = startFileSource(t, { options, restored: first.section.stored, clock });
  const names = (): string[] =>
    (second.section.stored as { streams: { path: string }[] }).streams.map(({ path }) => basename(path)).sort();
  const wait = async (ms: number): Promise<void> => {
    for (let waited = 0; waited < ms; waited += 5_000) {
      await clock.untilSleeping();
      await clock.advance(5_000);
    }
    await clock.untilSleeping();
  };
  await wait(40_000);
  assert.deepEqual(names(), ['a.log', 'b.log', 'c.log']);
  await wait(60_000);
  assert.deepEqual(names(), ['a.log', 'b.log']);
  await wait(400_000);
  assert.deepEqual(names(), ['a.log', 'b.log']);
});

test('LED-01 a look that is under way when the files are closed leaves what has not settled with its file', async (t) => {
  const { path } = rotatedLog(t);
  const text = Buffer.from('one\n');
  writeFileSync(path, text);
  const driven = handDrivenFiles(t, [path]);
  await driven.look();
  const [file] = driven.files.values();
  assert.ok(file);
  file.generation.claim({ bytes: text.length, skipped: {}, records: 1, emptyLines: 0 }, 'line', text, 0);
  driven.files.close(driven.clock.nowMs());
  unlinkSync(path);
  await driven.reconcile(await driven.list());
  const { seenBytes, unreadBytes, unaccountedBytes } = file.account;
  assert.deepEqual({ seenBytes, unreadBytes, unaccountedBytes }, { seenBytes: 4, unreadBytes: 0, unaccountedBytes: 0 });
});
