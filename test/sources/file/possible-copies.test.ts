import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { HEAD_BYTES } from '../../../src/checkpoint/file-identity.ts';
import { FakeClock } from '../../../src/core/fake-clock.ts';
import { RecordFlag } from '../../../src/core/record-batch.ts';
import { type RunningFileSource, startFileSource, until } from '../../harness/files.ts';
import { LogFolder } from '../../harness/log-folder.ts';

const TRUNCATED = 'A file was truncated: it is read from its beginning.';
const DOUBTED = 'A file may be a copy of a known one: it waits until that is known.';
const COPIED = 'A file is a copy of a known one: only what is missing is read.';

function said(source: RunningFileSource, message: string, count = 1): Promise<void> {
  return until(`it said "${message}"`, () => source.messages.filter((text) => text === message).length >= count);
}

function skipped(source: RunningFileSource): number {
  return source.sum('pillion_source_skipped_bytes_total', { reason: 'already_delivered' });
}

for (const { moment, isSeenBefore, isTruncatedFirst } of [
  { moment: 'before', isSeenBefore: true, isTruncatedFirst: false },
  { moment: 'together with', isSeenBefore: false, isTruncatedFirst: false },
  { moment: 'after', isSeenBefore: false, isTruncatedFirst: true },
]) {
  test(`CPT-02 a copy that is seen ${moment} the truncation is not read again`, async (t) => {
    const logs = new LogFolder(t);
    logs.write(40);
    const source = startFileSource(t, { options: { include: [logs.at('app.log*')] } });
    await source.sent(40);
    const { size } = statSync(logs.path);
    if (isTruncatedFirst) {
      const content = readFileSync(logs.path);
      logs.truncate();
      writeFileSync(logs.at('app.log.1'), content);
    } else {
      logs.copy();
      if (isSeenBefore) await said(source, DOUBTED);
      logs.truncate();
    }
    await said(source, COPIED);
    logs.write(30);
    await source.sent(70);
    await source.drain();
    assert.deepEqual(source.bodies, logs.written);
    assert.equal(skipped(source), size);
    assert.equal(source.sum('pillion_source_gone_bytes_total'), 0);
    const restarted = startFileSource(t, {
      options: { include: [logs.at('app.log*')] },
      restored: source.section.stored,
    });
    await restarted.drain();
    assert.deepEqual(restarted.bodies, []);
  });
}

test('CPT-02 a copy that is shorter than what was read before the truncation is not read again', async (t) => {
  const logs = new LogFolder(t);
  logs.write(40);
  const source = startFileSource(t, { options: { include: [logs.at('app.log*')] } });
  await source.sent(40);
  const { size } = statSync(logs.path);
  logs.copy();
  await said(source, DOUBTED);
  logs.write(5);
  await source.sent(45);
  await until('both were compared', () => source.sum('pillion_source_unread_bytes') === size);
  logs.truncate();
  await said(source, COPIED);
  logs.write(20);
  await source.sent(65);
  await source.drain();
  assert.deepEqual(source.bodies, logs.written);
  assert.equal(skipped(source), size);
});

test('CPT-02 a copy that is being written is not read, however long that takes', async (t) => {
  const logs = new LogFolder(t);
  logs.write(100);
  const clock = new FakeClock();
  const options = { include: [logs.at('app.log*')], poll_interval: '1s', rotate_wait: '5s' };
  const source = startFileSource(t, { options, clock });
  await source.sent(100);
  const content = readFileSync(logs.path);
  for (let part = 0; part < 5; part++) {
    appendFileSync(logs.at('app.log.1'), content.subarray(part * 1280, (part + 1) * 1280));
    await clock.untilSleeping();
    await clock.advance(4_000);
  }
  await until('the truncation is seen', async () => {
    logs.truncate();
    await clock.advance(100);
    return source.messages.includes(COPIED);
  });
  await source.drain();
  assert.deepEqual(source.bodies, logs.written);
});

test('CPT-02 a copy shorter than a head is read again, and nothing else is', async (t) => {
  const logs = new LogFolder(t);
  logs.write(10);
  const source = startFileSource(t, { options: { include: [logs.at('app.log*')] } });
  await source.sent(10);
  logs.copy();
  logs.truncate();
  await source.sent(20);
  logs.write(5);
  await source.drain();
  assert.deepEqual(source.bodies, [...logs.written.slice(0, 10), ...logs.written]);
});

for (const { name, glob, isRenamed } of [
  { name: 'that matches', glob: 'app.log*', isRenamed: false },
  { name: 'that matches no pattern', glob: 'app.log', isRenamed: false },
  { name: 'that was renamed already', glob: 'app.log', isRenamed: true },
]) {
  test(`CPT-03 what was not read before the truncation is read from a copy ${name}, then the new lines`, async (t) => {
    const logs = new LogFolder(t);
    logs.write(40);
    const include = [logs.at(glob)];
    const source = startFileSource(t, { options: { include }, output: { poolSize: 1 } });
    source.output.isFull = true;
    await source.sent(40);
    logs.write(30);
    await until('more is there', () => source.sum('pillion_source_unread_bytes') === 30 * 64);
    logs.copy();
    logs.truncate();
    logs.write(10);
    if (isRenamed) logs.shift();
    await said(source, COPIED);
    source.output.empty();
    await source.sent(80);
    await source.drain();
    assert.deepEqual(source.bodies, logs.written);
    assert.equal(source.sum('pillion_source_gone_bytes_total'), 0);
    assert.equal(source.sum('pillion_source_gone_unknown_total'), 0);
    const restarted = startFileSource(t, { options: { include }, restored: source.section.stored });
    await restarted.drain();
    assert.deepEqual(restarted.bodies, []);
  });
}

test('CPT-03 the copy is read before the new lines, when the truncation comes between the look and the turn', async (t) => {
  const logs = new LogFolder(t);
  logs.write(40);
  const options = { include: [logs.at('app.log')], poll_interval: '1h' };
  const source = startFileSource(t, { options, output: { poolSize: 1 } });
  source.output.isFull = true;
  await source.sent(40);
  logs.write(30);
  await until('more is there, and waits for a batch', () => source.sum('pillion_source_unread_bytes') === 30 * 64);
  logs.copy();
  logs.truncate();
  logs.write(10);
  source.output.empty();
  source.output.isFull = false;
  await source.sent(80);
  await source.drain();
  assert.deepEqual(source.bodies, logs.written);
});

test('CPT-03 answers for what was read of the file before settle the copy, and a kill repeats no more than those', async (t) => {
  const logs = new LogFolder(t);
  logs.write(40);
  const options = { include: [logs.at('app.log')] };
  const source = startFileSource(t, { options, output: { leases: 'held' } });
  await source.sent(40);
  logs.copy();
  logs.truncate();
  await said(source, COPIED);
  const unsettled = source.section.stored;
  source.output.leases[0]!.settle('delivered');
  const settled = source.section.stored;
  await source.stop();
  const killedBefore = startFileSource(t, { options, restored: unsettled });
  await killedBefore.drain();
  assert.deepEqual(killedBefore.bodies, logs.written);
  const killedAfter = startFileSource(t, { options, restored: settled });
  await killedAfter.drain();
  assert.deepEqual(killedAfter.bodies, []);
});

test('CPT-03 CPT-05 what was not read before a file was rewritten past the offset is read from the copy', async (t) => {
  const logs = new LogFolder(t);
  logs.write(40);
  const options = { include: [logs.at('app.log')], poll_interval: '1h' };
  const source = startFileSource(t, { options, output: { poolSize: 1 } });
  source.output.isFull = true;
  await source.sent(40);
  logs.write(30);
  logs.copy();
  logs.truncate();
  logs.write(90);
  source.output.empty();
  await source.drain();
  assert.deepEqual(source.bodies, logs.written);
  assert.equal(source.sum('pillion_source_gone_unknown_total'), 0);
});

test('CPT-09 an unfinished line that is held at the truncation is completed from the copy', async (t) => {
  const logs = new LogFolder(t);
  logs.write(40);
  const source = startFileSource(t, { options: { include: [logs.path], rotate_wait: '50ms' } });
  const line = logs.nextLine();
  appendFileSync(logs.path, line.slice(0, 20));
  await source.sent(40);
  await until('the unfinished line is seen', () => source.sum('pillion_source_unread_bytes') === 20);
  await source.stop();
  const clock = new FakeClock();
  const restarted = startFileSource(t, {
    options: { include: [logs.path], poll_interval: '1s' },
    restored: source.section.stored,
    clock,
  });
  await clock.untilSleeping();
  appendFileSync(logs.path, `${line.slice(20)}\n`);
  logs.copy();
  logs.truncate();
  logs.write(3);
  await until('it was read', async () => {
    await clock.advance(100);
    return restarted.bodies.length === 4;
  });
  await restarted.drain();
  assert.deepEqual([...source.bodies, ...restarted.bodies], logs.written);
  assert.ok(restarted.output.records.every(({ flags }) => flags === 0));
});

test('IDN-07 a file with the old content and more is renamed over the path: it goes on', async (t) => {
  const logs = new LogFolder(t);
  logs.write(40);
  const options = { include: [logs.path], rotate_wait: '40ms' };
  const source = startFileSource(t, { options });
  await source.sent(40);
  copyFileSync(logs.path, logs.at('new'));
  logs.write(10, 'new');
  renameSync(logs.at('new'), logs.path);
  await source.sent(50);
  await source.drain();
  assert.deepEqual(source.bodies, logs.written);
});

test('IDN-07 the same while the agent is down, from a whole head on', async (t) => {
  for (const before of [40, 3]) {
    const logs = new LogFolder(t);
    logs.write(before);
    const options = { include: [logs.path] };
    const source = startFileSource(t, { options });
    await source.drain();
    copyFileSync(logs.path, logs.at('new'));
    logs.write(10, 'new');
    renameSync(logs.at('new'), logs.path);
    const restarted = startFileSource(t, { options, restored: source.section.stored });
    await restarted.drain();
    assert.deepEqual(restarted.bodies, before * 64 >= HEAD_BYTES ? logs.written.slice(before) : logs.written);
    assert.equal(restarted.sum('pillion_source_gone_bytes_total'), 0);
  }
});

for (const { name, banner, a, b } of [
  { name: 'equal first bytes', banner: 40, a: 5, b: 3 },
  { name: 'equal throughout', banner: 40, a: 0, b: 0 },
  { name: 'equal throughout, shorter than a head', banner: 2, a: 0, b: 0 },
]) {
  test(`IDN-02 two live files with ${name} are two streams, also over restarts`, async (t) => {
    const logs = new LogFolder(t);
    const content = 'the banner of the application ...............................\n'.repeat(banner);
    const options = { include: [logs.at('*.log')], rotate_wait: '60ms' };
    writeFileSync(logs.at('a.log'), content);
    const first = startFileSource(t, { options });
    await first.sent(banner);
    writeFileSync(logs.at('b.log'), content);
    for (let i = 0; i < a; i++) appendFileSync(logs.at('a.log'), `a ${i}\n`);
    for (let i = 0; i < b; i++) appendFileSync(logs.at('b.log'), `b ${i}\n`);
    await first.sent(2 * banner + a + b);
    assert.ok(a > 0 || banner < 10 || first.messages.includes(DOUBTED), 'the equal file was suspected');
    await first.drain();
    assert.equal(first.output.records.length, 2 * banner + a + b);
    const second = startFileSource(t, { options, restored: first.section.stored });
    for (const name of ['a', 'b']) appendFileSync(logs.at(`${name}.log`), `more ${name}\n`);
    await second.drain();
    assert.deepEqual(second.bodies.toSorted(), ['more a', 'more b']);
  });
}

test('IDN-02 a file that grows like another one is read all the same, one wait later', async (t) => {
  const logs = new LogFolder(t);
  const options = { include: [logs.at('*.log')], rotate_wait: '60ms' };
  const source = startFileSource(t, { options });
  let lines = 20;
  const write = (): void => {
    for (const name of ['a.log', 'b.log'])
      appendFileSync(logs.at(name), `line ${lines} `.padEnd(100, '.').concat('\n'));
    lines++;
  };
  writeFileSync(logs.at('a.log'), 'x'.repeat(2000).concat('\n'));
  await source.sent(1);
  copyFileSync(logs.at('a.log'), logs.at('b.log'));
  await until('both are read', () => {
    write();
    return source.output.records.filter(({ attributes }) => attributes['log.file.name'] === 'b.log').length > 3;
  });
});

test('DWN-06 a file that was copied and truncated while the agent was down', async (t) => {
  for (const { regrown, glob } of [
    { regrown: 5, glob: 'app.log' },
    { regrown: 5, glob: 'app.log*' },
    { regrown: 200, glob: 'app.log' },
    { regrown: 200, glob: 'app.log*' },
  ]) {
    const logs = new LogFolder(t);
    const options = { include: [logs.at(glob)] };
    logs.write(40);
    const first = startFileSource(t, { options });
    await first.drain();
    logs.write(30);
    logs.copy();
    logs.truncate();
    logs.write(regrown);
    const second = startFileSource(t, { options, restored: first.section.stored });
    await second.drain();
    assert.deepEqual(second.bodies, logs.written.slice(40), `${regrown} lines after the truncation, for ${glob}`);
    assert.equal(second.sum('pillion_source_gone_bytes_total'), 0);
    const third = startFileSource(t, { options, restored: second.section.stored });
    await third.drain();
    assert.deepEqual(third.bodies, []);
  }
});

for (const { name, archive } of [
  { name: 'a plain file', archive: false },
  { name: 'a compressed file', archive: true },
]) {
  test(`DWN-06 IDN-03 a copy that has got the inode of ${name} of the last life is known at every later start`, async (t) => {
    const logs = new LogFolder(t);
    const options = { include: [logs.path] };
    logs.write(40);
    const first = startFileSource(t, { options });
    await first.drain();
    const stored = first.section.stored as { readonly streams: readonly { readonly head: object }[] };
    logs.copy();
    logs.truncate();
    logs.write(5);
    const { dev, ino } = statSync(logs.at('app.log.1'), { bigint: true });
    const print = { length: 30, hash: '0123456789abcdef' };
    const before = {
      ...stored.streams[0]!,
      ...{ id: 'another', key: `${dev}:${ino}`, path: logs.at('app.log.9.gz'), bornNs: '1', offset: 30, size: 30 },
      ...{ head: print, window: print, ...(archive && { archive: { offset: 30, head: print, window: print } }) },
    };
    const restored = { ...stored, streams: [...stored.streams, before] };
    const second = startFileSource(t, { options, restored });
    await second.drain();
    assert.deepEqual(second.bodies, logs.written.slice(40));
    const third = startFileSource(t, { options, restored: second.section.stored });
    await third.drain();
    assert.deepEqual(third.bodies, []);
  });
}

test('DWN-06 without a copy what was not read is counted as truncated', async (t) => {
  const logs = new LogFolder(t);
  const options = { include: [logs.path] };
  logs.write(40);
  const first = startFileSource(t, { options, output: { poolSize: 1 } });
  first.output.isFull = true;
  await first.sent(40);
  logs.write(30);
  await until('more is there', () => first.sum('pillion_source_unread_bytes') === 30 * 64);
  await first.stop();
  logs.truncate();
  logs.write(5);
  const second = startFileSource(t, { options, restored: first.section.stored });
  await second.drain();
  assert.deepEqual(second.bodies, logs.written.slice(70));
  assert.equal(second.sum('pillion_source_gone_bytes_total', { reason: 'truncated' }), 30 * 64);
});

test('DWN-07 siblings that no rotation made are not opened, and of the others a bounded number', async (t) => {
  const logs = new LogFolder(t);
  const options = { include: [logs.path] };
  logs.write(40);
  const first = startFileSource(t, { options });
  await first.drain();
  const content = readFileSync(logs.path);
  // Copies by content, not by name.
  for (let i = 0; i < 300; i++) writeFileSync(logs.at(`unrelated-${i}`), content);
  logs.truncate();
  const second = startFileSource(t, { options, restored: first.section.stored });
  await second.drain();
  assert.deepEqual(second.bodies, []);
  assert.ok(second.log.every(({ path }) => path === undefined || path === logs.path));
  rmSync(logs.path);
});

test('a copy is not joined to a stream whose file is there, whatever the content says', async (t) => {
  const logs = new LogFolder(t);
  logs.write(40);
  const source = startFileSource(t, { options: { include: [logs.at('app.log*')], rotate_wait: '30ms' } });
  await source.sent(40);
  logs.copy();
  await source.sent(80);
  logs.write(5);
  await source.drain();
  assert.equal(source.output.records.length, 85);
  assert.equal(skipped(source), 0);
  assert.ok(!source.messages.includes(TRUNCATED));
  assert.ok(source.output.records.every(({ flags }) => flags !== RecordFlag.Continuation));
});
