import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { FakeClock } from '../../../src/core/fake-clock.ts';
import { RecordFlag } from '../../../src/core/record-batch.ts';
import { startFileSource, temporaryFolder, until } from '../../harness/files.ts';

test('DSC-01 run() reads files that are there from their beginning, then what comes', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'app.log');
  writeFileSync(path, 'one\ntwo\n');
  const source = startFileSource(t, { options: { include: join(folder, '*.log') } });
  await source.sent(2);
  appendFileSync(path, 'three\n');
  await source.sent(3);
  assert.deepEqual(source.bodies, ['one', 'two', 'three']);
  assert.deepEqual(source.output.records[0]!.attributes, { 'log.file.name': 'app.log' });
  assert.equal(source.output.records[0]!.stream.name, path);
});

test('hasStarted is true once the folders were looked at, also while nothing can be read', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'app.log'), 'one\n');
  const source = startFileSource(t, { options: { include: join(folder, '*.log') }, output: { poolSize: 1 } });
  source.output.isFull = true;
  assert.equal(source.hasStarted, false);
  await until('it has started', () => source.hasStarted);
  assert.ok(source.messages.includes('Reading a file.'));
});

test('run() adds the whole path of the file where that is wanted', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, 'one\n');
  const source = startFileSource(t, { options: { include: [path], file_path: true } });
  await source.sent(1);
  assert.deepEqual(source.output.records[0]!.attributes, { 'log.file.name': 'app.log', 'log.file.path': path });
});

test('DSC-04 run() finds files that come later, also in folders that come later, and again after those went', async (t) => {
  const folder = temporaryFolder(t);
  const logs = join(folder, 'var', 'logs');
  const source = startFileSource(t, { options: { include: [join(logs, '*.log')] } });
  for (const life of [1, 2]) {
    mkdirSync(logs, { recursive: true });
    writeFileSync(join(logs, 'app.log'), `in life ${life}\n`);
    await source.sent(life);
    rmSync(logs, { recursive: true });
    await until('the file is seen to be deleted', () => {
      return source.messages.filter((message) => String(message).includes('deleted')).length === life;
    });
  }
  assert.deepEqual(source.bodies, ['in life 1', 'in life 2']);
  assert.ok(source.log.every(({ level }) => level === 'info'));
});

test('DSC-04 DSC-03 run() is told of what comes in a folder that was made anew with the inode number of the old one', async (t) => {
  const folder = temporaryFolder(t);
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  // Hints alone make it look.
  const source = startFileSource(t, { options: { include: [join(logs, '*.log')], poll_interval: '1h' } });
  await until('it has looked', () => source.hasStarted);
  const { ino } = statSync(logs);
  rmdirSync(logs);
  const again = Array.from({ length: 50 }, (_, i) => join(folder, `${i}`)).find((path) => {
    mkdirSync(path);
    return statSync(path).ino === ino;
  });
  if (again === undefined) return t.skip('platform: this file system does not use an inode again at once');
  renameSync(again, logs);
  writeFileSync(join(logs, 'app.log'), 'one\n');
  await source.sent(1);
  appendFileSync(join(logs, 'app.log'), 'two\n');
  await source.sent(2);
  await source.drain();
});

test('DSC-03 run() finds new lines by polling alone', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'app.log');
  const clock = new FakeClock();
  writeFileSync(path, 'one\n');
  const source = startFileSource(t, { options: { include: [path], poll_interval: '1s' }, clock });
  await source.sent(1);
  // More than a hundred hints: the folder is left to the polls.
  for (let i = 0; i < 200; i++) writeFileSync(join(folder, `noise-${i}`), '');
  await new Promise((resolve) => setTimeout(resolve, 50));
  appendFileSync(path, 'two\n');
  await until('the line was read', async () => {
    await clock.advance(250);
    return source.bodies.length === 2;
  });
});

test('DSC-03 a hint about an idle file is not lost when another one hastens the look', async (t) => {
  const folder = temporaryFolder(t);
  const clock = new FakeClock();
  const path = join(folder, 'idle.log');
  writeFileSync(path, 'one\n');
  const source = startFileSource(t, { options: { include: [join(folder, '*.log')], poll_interval: '1s' }, clock });
  await source.sent(1);
  // As many as it takes until a file counts as idle, and its turn among the idle ones is not near.
  for (let look = 0; look < 22; look++) {
    await clock.untilSleeping();
    await clock.advance(1_000);
  }
  appendFileSync(path, 'two\n');
  writeFileSync(join(folder, 'new.log'), 'three\n');
  const startMs = clock.nowMs();
  await until('both lines were read', async () => {
    await clock.advance(20);
    return source.bodies.length === 3;
  });
  const tookMs = clock.nowMs() - startMs;
  assert.ok(tookMs < 2_000, `${tookMs} ms`);
});

test('DSC-02 run() starts at the end of files that are there at the very first start only', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'app.log');
  writeFileSync(path, 'old\nold\n');
  const options = { include: [join(folder, '*.log')], start_at: 'end' };
  const first = startFileSource(t, { options });
  await until('the file is open', () => first.messages.includes('Reading a file.'));
  appendFileSync(path, 'new\n');
  await first.sent(1);
  writeFileSync(join(folder, 'later.log'), 'later\n');
  await first.sent(2);
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'successor\n');
  await first.sent(3);
  await first.stop();
  assert.deepEqual(first.bodies, ['new', 'later', 'successor']);
  assert.equal(first.sum('pillion_source_skipped_bytes_total', { reason: 'start_at_end' }), 8);
  writeFileSync(join(folder, 'meanwhile.log'), 'meanwhile\n');
  const second = startFileSource(t, { options, restored: first.section.stored });
  await second.sent(1);
  await second.drain();
  assert.deepEqual(second.bodies, ['meanwhile']);
});

test('DSC-02 run() stores nothing before its first look, for others may have the checkpoint written', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, 'old\n');
  const options = { include: [path], start_at: 'end' };
  const first = startFileSource(t, { options });
  const { stored } = first.section;
  await first.stop();
  const second = startFileSource(t, { options, restored: stored ?? undefined });
  await until('the file is open', () => second.messages.includes('Reading a file.'));
  appendFileSync(path, 'new\n');
  await second.sent(1);
  await second.drain();
  assert.deepEqual(second.bodies, ['new']);
});

test('DSC-02 GZP-01 a compressed file of the very first start is passed over also when the agent is killed before it was looked at', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'app.log.1.gz'), gzipSync('old\n'));
  const options = { include: [join(folder, 'app.log*')], start_at: 'end', poll_interval: '1h' };
  const first = startFileSource(t, { options });
  await until('it is stored', () => first.section.touches > 0);
  const { stored } = first.section;
  await first.stop();
  writeFileSync(join(folder, 'app.log.2.gz'), gzipSync('new\n'));
  const second = startFileSource(t, { options, restored: stored });
  await second.drain();
  assert.deepEqual(second.bodies, ['new']);
});

test('run() stores that there was a first start when it found no file', async (t) => {
  const folder = temporaryFolder(t);
  const options = { include: [join(folder, '*.log')], start_at: 'end' };
  const first = startFileSource(t, { options });
  await until('it is stored', () => first.section.touches > 0);
  await first.stop();
  writeFileSync(join(folder, 'app.log'), 'one\n');
  const second = startFileSource(t, { options, restored: first.section.stored });
  await second.sent(1);
});

test('CKP-02 run() starts at the beginning when the checkpoint was there and could not be used', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, 'one\n');
  const source = startFileSource(t, { options: { include: [path], start_at: 'end' }, restored: null });
  await source.sent(1);
});

test('run() marks the rest of a line in whose middle it started', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, 'old\nhal');
  const source = startFileSource(t, { options: { include: [path], start_at: 'end' } });
  await until('the file is open', () => source.messages.length > 0);
  appendFileSync(path, 'f\nnew\n');
  await source.sent(2);
  assert.deepEqual(
    source.output.records.map(({ body, flags }) => [body, flags]),
    [
      ['f', RecordFlag.Continuation],
      ['new', 0],
    ],
  );
});

test('run() goes on after a clean restart where it was, without a repeat', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'app.log');
  const options = { include: [join(folder, '*.log')] };
  const expected: string[] = [];
  const delivered: string[] = [];
  let restored: unknown;
  for (let life = 0; life < 4; life++) {
    for (let i = 0; i < 5; i++) expected.push(`line ${i} of life ${life}`);
    appendFileSync(path, `${expected.slice(-5).join('\n')}\n`);
    const source = startFileSource(t, { options, restored });
    await source.drain();
    delivered.push(...source.bodies);
    restored = source.section.stored;
    assert.equal(source.sum('pillion_source_read_bytes_total'), `line 0 of life ${life}\n`.length * 5);
  }
  assert.deepEqual(delivered, expected);
});

test('CRA-02 run() reads again after a kill what was not settled, and nothing else', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'app.log');
  const options = { include: [path] };
  writeFileSync(path, 'one\n');
  const first = startFileSource(t, { options, output: { leases: 'held' } });
  await first.sent(1);
  appendFileSync(path, 'two\n');
  await first.sent(2);
  appendFileSync(path, 'three\n');
  await first.sent(3);
  first.output.leases[0]!.settle('delivered');
  first.output.leases[2]!.settle('delivered');
  const restored = first.section.stored;
  await first.stop();
  const second = startFileSource(t, { options, restored });
  await second.drain();
  assert.deepEqual(second.bodies, ['two', 'three']);
});

test('LIN-01 run() keeps an unfinished line of a live file for as long as it takes', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  const clock = new FakeClock();
  writeFileSync(path, 'one\nunfin');
  const source = startFileSource(t, { options: { include: [path], poll_interval: '1m' }, clock });
  await source.sent(1);
  await clock.advance(3_600_000);
  assert.deepEqual(source.bodies, ['one']);
  appendFileSync(path, 'ished\n');
  await until('the line was read', async () => {
    await clock.advance(60_000);
    return source.bodies.length === 2;
  });
  assert.deepEqual(source.output.records.at(-1), { ...source.output.records.at(-1), body: 'unfinished', flags: 0 });
});

test('LIN-02 drain takes everything to its end, also a file younger than a poll, and an unfinished line', async (t) => {
  const folder = temporaryFolder(t);
  const options = { include: [join(folder, '*.log')], poll_interval: '1h' };
  const path = join(folder, 'app.log');
  writeFileSync(path, 'one\n');
  const first = startFileSource(t, { options });
  await first.sent(1);
  appendFileSync(path, 'two\nthr');
  writeFileSync(join(folder, 'young.log'), 'young\n');
  await first.drain();
  assert.deepEqual(first.bodies.toSorted(), ['one', 'thr', 'two', 'young']);
  assert.equal(first.output.records.find(({ body }) => body === 'thr')?.flags, RecordFlag.Unterminated);
  assert.equal(first.sum('pillion_source_unread_bytes'), 0);

  appendFileSync(path, 'ee\nfour\n');
  const second = startFileSource(t, { options, restored: first.section.stored });
  await second.drain();
  assert.deepEqual(
    second.output.records.map(({ body, flags }) => [body, flags]),
    [
      ['ee', RecordFlag.Continuation],
      ['four', 0],
    ],
  );
  const third = startFileSource(t, { options, restored: second.section.stored });
  await third.drain();
  assert.deepEqual(third.bodies, []);
});

test('drain reads deleted and renamed files that are still open', async (t) => {
  const folder = temporaryFolder(t);
  const source = startFileSource(t, { options: { include: [join(folder, '*.log')] }, output: { poolSize: 1 } });
  source.output.isFull = true;
  writeFileSync(join(folder, 'first.log'), 'first\n');
  await source.sent(1);
  writeFileSync(join(folder, 'deleted.log'), 'deleted\n');
  writeFileSync(join(folder, 'renamed.log'), 'renamed\n');
  await until('both are open', () => source.sum('pillion_source_files') === 3);
  unlinkSync(join(folder, 'deleted.log'));
  renameSync(join(folder, 'renamed.log'), join(folder, 'elsewhere'));
  source.output.empty();
  await source.drain();
  assert.deepEqual(source.bodies.toSorted(), ['deleted', 'first', 'renamed']);
});

test('drain reads on while somebody still writes, and ends when that ends', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  const expected = Array.from({ length: 50 }, (_, i) => `line ${i}`);
  writeFileSync(path, 'line 0\n');
  const source = startFileSource(t, { options: { include: [path], poll_interval: '300ms' } });
  await source.sent(1);
  let written = 1;
  const write = (): void => {
    appendFileSync(path, `line ${written++}\n`);
    if (written < expected.length) setTimeout(write, 2);
  };
  t.after(() => {
    written = expected.length;
  });
  write();
  await source.drain();
  assert.deepEqual(source.bodies, expected);
});

test('run() knows how long something has been unread, and that it is not any more', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, 'one\n');
  const clock = new FakeClock();
  const options = { include: [path], poll_interval: '1s' };
  const source = startFileSource(t, { options, clock, output: { poolSize: 1 } });
  const lag = (): number => source.sum('pillion_source_lag_seconds');
  const passes = (what: string, condition: () => boolean): Promise<void> =>
    until(what, async () => {
      await clock.advance(500);
      return condition();
    });
  await passes('the first line is sent', () => source.bodies.length === 1);
  await passes('it has caught up', () => lag() === 0);
  source.output.isFull = true;
  appendFileSync(path, 'two\n');
  await passes('the second line is sent', () => source.bodies.length === 2);
  appendFileSync(path, 'three\n');
  await passes('the third line waits', () => source.sum('pillion_source_unread_bytes') === 6 && lag() > 0);
  const before = lag();
  for (let second = 0; second < 10; second++) await clock.advance(1000);
  assert.equal(lag(), before + 10);
  source.output.empty();
  await passes('the third line is sent', () => source.bodies.length === 3 && lag() === 0);
});

test('run() leaves at once when it is stopped, whatever is unread', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, 'one\n');
  const source = startFileSource(t, { options: { include: [path] }, output: { poolSize: 1 } });
  source.output.isFull = true;
  await source.sent(1);
  appendFileSync(path, 'two\n');
  await until('the second line is seen', () => source.sum('pillion_source_unread_bytes') === 4);
  await source.stop();
  assert.deepEqual(source.bodies, ['one']);
  assert.equal(source.sum('pillion_source_unread_bytes'), 4);
});

test('run() says once that no file is there yet, and reads the one that comes', async (t) => {
  const folder = temporaryFolder(t);
  const source = startFileSource(t, { options: { include: [join(folder, '*.log')] } });
  await until('it has looked', () => source.messages.includes('No file matches yet.'));
  writeFileSync(join(folder, 'app.log'), 'one\n');
  await source.sent(1);
  await source.stop();
  assert.deepEqual(source.messages.filter((message) => message === 'No file matches yet.').length, 1);
});

test('SEC-06 run() refuses what is no regular file, counts it, and says it once', async (t) => {
  const folder = temporaryFolder(t);
  execFileSync('mkfifo', [join(folder, 'fifo.log')]);
  symlinkSync('/etc/passwd', join(folder, 'link.log'));
  mkdirSync(join(folder, 'folder.log'));
  writeFileSync(join(folder, 'app.log'), 'one\n');
  const source = startFileSource(t, { options: { include: [join(folder, '*.log')] } });
  await source.sent(1);
  for (let i = 0; i < 5; i++) {
    appendFileSync(join(folder, 'app.log'), 'more\n');
    writeFileSync(join(folder, `new-${i}.log`), 'new\n');
    await source.sent(3 + 2 * i);
  }
  assert.equal(source.sum('pillion_source_refused_files_total', { reason: 'not_regular' }), 2);
  assert.equal(source.sum('pillion_source_refused_files_total', { reason: 'symlink_outside' }), 1);
  assert.equal(source.messages.filter((message) => message === 'A file is not read.').length, 3);
  assert.ok(source.bodies.every((body) => ['one', 'more', 'new'].includes(body)));
});

test('LIN-05 LIN-06 run() cuts over-long lines, replaces what is not UTF-8, and counts what it drops', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  const lines = ['x'.repeat(1024), `${'y'.repeat(1024)}z`, '', 'crlf\r', ''].join('\n');
  writeFileSync(path, Buffer.concat([Buffer.from(lines), Buffer.of(0x62, 0xff, 0x0a)]));
  const source = startFileSource(t, { options: { include: [path], max_record_size: '1KiB' } });
  await source.sent(4);
  assert.deepEqual(
    source.output.records.map(({ body, flags }) => [body, flags]),
    [
      ['x'.repeat(1024), 0],
      ['y'.repeat(1024), RecordFlag.Truncated],
      ['crlf', 0],
      ['b\ufffd', RecordFlag.InvalidUtf8],
    ],
  );
  assert.equal(source.sum('pillion_source_records_total'), 5, 'four records and one that was dropped');
  assert.equal(source.sum('pillion_dropped_records_total', { reason: 'empty_line' }), 1);
  assert.equal(source.sum('pillion_source_skipped_bytes_total', { reason: 'oversize_rest' }), 2);
  const accounted = source.sum('pillion_source_read_bytes_total') + source.sum('pillion_source_skipped_bytes_total');
  assert.equal(accounted, lines.length + 3);
});

test('DSC-05 run() reads a file once that several patterns match, and gives all handles back', async (t) => {
  const folder = temporaryFolder(t);
  const handles = (): number => readdirSync('/proc/self/fd').length;
  writeFileSync(join(folder, 'app.log'), 'one\n');
  const before = handles();
  const source = startFileSource(t, { options: { include: [join(folder, '*.log'), join(folder, 'app.*')] } });
  await source.sent(1);
  await source.drain();
  assert.deepEqual(source.bodies, ['one']);
  await until('the handles are back', () => handles() <= before);
});
