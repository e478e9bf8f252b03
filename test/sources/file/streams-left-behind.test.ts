import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { parseState } from '../../../src/sources/file/stream-entry.ts';
import { type RunningFileSource, startFileSource, temporaryFolder, until } from '../../harness/files.ts';
import { handDrivenFiles } from '../../harness/hand-driven-files.ts';
import { finished, rotatedLog, tick } from '../../harness/log-folder.ts';

/** Numbered lines of 100 bytes together with their line ends. */
function lines(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `line ${from + i} `.padEnd(99, '.'));
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** As gzip does it, under another name than it gives. */
function compress(path: string, to: string): void {
  writeFileSync(to, gzipSync(readFileSync(path)));
  unlinkSync(path);
}

/** Makes a file that gets the inode number `ino`, which was just given back. Returns whether it did. */
function writeInto(ino: number, path: string, content: string): boolean {
  const names = Array.from({ length: 200 }, (_, i) => join(dirname(path), `other-${i}`));
  const isIt = names.findIndex((name) => {
    writeFileSync(name, content);
    return statSync(name).ino === ino;
  });
  for (const [i, name] of names.entries()) {
    if (i === isIt) renameSync(name, path);
    else if (isIt < 0 || i < isIt) unlinkSync(name);
  }
  return isIt >= 0;
}

const skipped = (source: RunningFileSource): number =>
  source.sum('pillion_source_skipped_bytes_total', { reason: 'already_delivered' });

for (const { name, heir } of [
  { name: 'the next file under its name', heir: 'app.log' },
  { name: 'a file beside it that nobody reads', heir: 'app.log.3.tmp' },
]) {
  test(`GZP-01 IDN-03 a file that is compressed between two looks is not read again, when its inode goes to ${name}`, async (t) => {
    const { at, path, rotate } = rotatedLog(t);
    const expected = lines(1, 50);
    writeFileSync(path, text(expected));
    const source = startFileSource(t, { options: { include: [path], rotate_wait: '20ms' } });
    await source.sent(50);
    rotate();
    await tick();
    writeFileSync(path, 'second\n');
    await source.sent(51);
    await finished(source);
    // As logrotate does with `delaycompress`.
    const { ino } = statSync(at('app.log.1'));
    compress(at('app.log.1'), at('app.log.2.gz'));
    renameSync(path, at('app.log.1'));
    const isReused = writeInto(ino, at(heir), 'third\n');
    if (!isReused) return t.skip('platform: this file system does not use an inode again at once');
    if (heir !== 'app.log') writeFileSync(path, 'third\n');
    await until('it is known what the compressed file holds', () => skipped(source) === 5000);
    await source.drain();
    assert.deepEqual(source.bodies, [...expected, 'second', 'third']);
    assert.equal(source.sum('pillion_source_gone_bytes_total'), 0);
  });
}

test('ROT-08 files that came and went between two looks are found, also when the next one has the inode of a compressed file', async (t) => {
  const { at, path, rotate } = rotatedLog(t);
  const expected = lines(1, 50);
  writeFileSync(path, text(expected));
  const source = startFileSource(t, { options: { include: [path], rotate_wait: '20ms' } });
  await source.sent(50);
  rotate();
  await tick();
  writeFileSync(path, 'second\n');
  await source.sent(51);
  await finished(source);
  compress(at('app.log.1'), at('app.log.2.gz'));
  await until('it is known what the compressed file holds', () => skipped(source) === 5000);
  renameSync(path, at('app.log.1'));
  await tick();
  writeFileSync(path, 'third\n');
  await source.sent(52);
  const { ino } = statSync(at('app.log.2.gz'));
  unlinkSync(at('app.log.2.gz'));
  renameSync(path, at('app.log.4'));
  writeFileSync(at('app.log.3'), 'between, first\n');
  writeFileSync(at('app.log.2'), 'between, second\n');
  if (!writeInto(ino, path, 'last\n')) return t.skip('platform: this file system does not use an inode again at once');
  await source.sent(55);
  await source.drain();
  assert.deepEqual(source.bodies.slice(50).sort(), ['between, first', 'between, second', 'last', 'second', 'third']);
});

test('GZP-01 a file without a handle that is compressed is read on, and nothing of it is said to be gone', async (t) => {
  const { at, path } = rotatedLog(t);
  const expected = lines(1, 9000);
  writeFileSync(path, text(expected));
  // One handle for each reader.
  const options = { include: [at('*.log')], max_open_files: 4, rotate_wait: '20ms' };
  const source = startFileSource(t, { options, readers: 4, output: { poolSize: 1 } });
  source.output.isFull = true;
  await until('a part is read', () => source.bodies.length > 0);
  writeFileSync(at('other.log'), 'other\n');
  await until('the other file has the handle', () => source.messages.length === 2);
  compress(path, at('app.log.1.gz'));
  source.output.empty();
  await source.sent(9001);
  await source.drain();
  assert.deepEqual(source.bodies.toSorted(), [...expected, 'other'].toSorted());
  assert.equal(source.sum('pillion_source_gone_bytes_total'), 0);
});

test('GZP-01 BPR-03 a delivered file that is given up for want of handles is not read again when it is compressed', async (t) => {
  const { at, path } = rotatedLog(t);
  const expected = lines(1, 50);
  writeFileSync(path, text(expected));
  // One handle for each reader.
  const options = { include: [at('*.log*')], max_open_files: 4, rotate_wait: '1h' };
  const source = startFileSource(t, { options, readers: 4 });
  await source.sent(50);
  compress(path, at('app.log.1.gz'));
  writeFileSync(at('other.log'), 'other\n');
  await until('it is given up', () => source.messages.includes('A deleted file was given up.'));
  await source.sent(51);
  await source.drain();
  assert.deepEqual(source.bodies.toSorted(), [...expected, 'other'].toSorted());
});

test('BPR-07 DSC-06 a folder that goes and comes back is not read again, also where its files had no handle', async (t) => {
  const { at } = rotatedLog(t);
  const logs = at('logs');
  mkdirSync(logs);
  const names = ['a', 'b', 'c'];
  const write = (line: string): void => {
    for (const name of names) appendFileSync(join(logs, `${name}.log`), `${line} of ${name}\n`);
  };
  write('first');
  // One handle for each reader.
  const options = { include: [join(logs, '*.log')], max_open_files: 4, rotate_wait: '20ms' };
  const source = startFileSource(t, { options, readers: 4 });
  await source.sent(3);
  renameSync(logs, at('away'));
  await until('they are known to be gone', () => source.sum('pillion_source_files') === 0);
  renameSync(at('away'), logs);
  write('second');
  await source.sent(6);
  await source.drain();
  const expected = ['first', 'second'].flatMap((line) => names.map((name) => `${line} of ${name}`));
  assert.deepEqual(source.bodies.toSorted(), expected);
});

/** A rotated file of 5000 bytes that was delivered, its successor, and whoever follows them. */
async function rotatedAndDelivered(t: TestContext) {
  const { at, path, rotate } = rotatedLog(t);
  writeFileSync(path, text(lines(1, 50)));
  const source = startFileSource(t, { options: { include: [path] } });
  await source.sent(50);
  rotate();
  await tick();
  writeFileSync(path, 'second\n');
  await source.sent(51);
  await source.stop();
  const driven = handDrivenFiles(t, [path], source.section.stored);
  await driven.look();
  const elsewhere = join(temporaryFolder(t), 'app.log.1.gz');
  return { at, path, driven, elsewhere };
}

test('DWN-04 what was seen and not read of a file that is gone is in the checkpoint until it is counted as gone', async (t) => {
  const { path } = rotatedLog(t);
  writeFileSync(path, text(lines(1, 20)));
  const source = startFileSource(t, { options: { include: [path] }, output: { leases: 'held' } });
  await source.sent(20);
  const { stored } = source.section;
  await source.stop();
  unlinkSync(path);
  const driven = handDrivenFiles(t, [path], stored);
  const gone = (): number => driven.metrics.sum('pillion_source_gone_bytes_total', { reason: 'deleted' });
  for (let looks = 0; gone() === 0; looks++) {
    assert.ok(looks < 10, 'it is never given up');
    // A life can end at any moment: the next one knows by this what is missing.
    assert.deepEqual(
      parseState(JSON.parse(JSON.stringify(driven.files.snapshot()))).streams.map(({ offset, size }) => size - offset),
      [2000],
    );
    await driven.look();
  }
  assert.equal(gone(), 2000);
  const { streams, lost } = parseState(JSON.parse(JSON.stringify(driven.files.snapshot())));
  assert.deepEqual(
    [...streams, ...lost].map(({ offset, size }) => size - offset),
    [0],
  );
});

for (const { name, makes } of [
  { name: 'another file', makes: () => 'another\n' },
  { name: 'a copy of a stream that is known', makes: (other: Buffer) => other },
]) {
  test(`DWN-04 IDN-03 what is looked for is in the books once, when its inode goes to ${name}`, async (t) => {
    const { at, path } = rotatedLog(t);
    writeFileSync(path, text(lines(1, 20)));
    const other = at('other.log');
    writeFileSync(other, text(lines(21, 30)));
    const options = { include: [at('*.log')] };
    const source = startFileSource(t, { options, output: { leases: 'held' } });
    await source.sent(50);
    const { stored } = source.section;
    await source.stop();
    const heir = join(temporaryFolder(t), 'heir');
    writeFileSync(heir, makes(readFileSync(other)));
    unlinkSync(path);
    const { dev, ino } = statSync(heir, { bigint: true });
    const { streams } = parseState(JSON.parse(JSON.stringify(stored)));
    const { key } = streams.find((entry) => entry.path === path)!;
    const driven = handDrivenFiles(
      t,
      options.include,
      JSON.parse(JSON.stringify(stored).replace(key, `${dev}:${ino}`)),
    );
    for (let looks = 0; looks < 2; looks++) await driven.look();
    renameSync(heir, path);
    if (name !== 'another file') writeFileSync(other, 'truncated\n');
    for (let looks = 0; looks < 5; looks++) {
      await driven.look();
      for (const { account } of driven.files.values()) assert.equal(account.unaccountedBytes, 0, account.name);
    }
    assert.equal(driven.metrics.sum('pillion_source_gone_bytes_total', { reason: 'deleted' }), 2000);
  });
}

test('GZP-01 a compressed file is known at the next rotation, however long after the last one it was made', async (t) => {
  const { at, path, driven } = await rotatedAndDelivered(t);
  await driven.look(2000);
  assert.deepEqual(driven.followed, ['app.log 7', 'app.log.1 5000']);
  for (let looks = 0; looks < 3; looks++) await driven.look();
  compress(at('app.log.1'), at('app.log.1.gz'));
  await until('it is known', async () => {
    await driven.look();
    return driven.followed.includes('app.log.1.gz 5000');
  });
  await driven.look(10 * 60_000);
  await tick();
  renameSync(at('app.log.1.gz'), at('app.log.2.gz'));
  renameSync(path, at('app.log.1'));
  writeFileSync(path, 'third\n');
  for (let looks = 0; looks < 3; looks++) await driven.look();
  assert.deepEqual(driven.followed, ['app.log 0', 'app.log.1 7', 'app.log.2.gz 5000']);
});

for (const { name, isOpen, isReused } of [
  { name: 'was closed', isOpen: false, isReused: false },
  { name: 'was still open', isOpen: true, isReused: false },
  { name: 'was closed, and its inode is used again', isOpen: false, isReused: true },
]) {
  test(`GZP-01 a compressed file that one look cannot see is known, when the file ${name}`, async (t) => {
    const { at, path, driven, elsewhere } = await rotatedAndDelivered(t);
    if (!isOpen) await driven.look(2000);
    const { ino } = statSync(at('app.log.1'));
    // A file that is renamed while the folder is listed is in no listing.
    compress(at('app.log.1'), elsewhere);
    if (isReused) {
      renameSync(path, at('app.log.1'));
      if (!writeInto(ino, path, 'third\n'))
        return t.skip('platform: this file system does not use an inode again at once');
    }
    await driven.look(2000);
    if (isOpen) await driven.look();
    renameSync(elsewhere, at('app.log.2.gz'));
    await until('it is known', async () => {
      await driven.look();
      return driven.followed.some((file) => file.includes('.gz'));
    });
    const others = isReused ? ['app.log 0', 'app.log.1 7'] : ['app.log 7'];
    assert.deepEqual(driven.followed, [...others, 'app.log.2.gz 5000']);
    assert.equal(driven.metrics.sum('pillion_source_gone_bytes_total'), 0);
  });
}

test('GZP-01 a compressed file is known whose stream is truncated while that is found out', async (t) => {
  const { at, path, rotate } = rotatedLog(t);
  writeFileSync(path, text(lines(1, 40_000)));
  const source = startFileSource(t, { options: { include: [at('app.log*')], rotate_wait: '20ms' } });
  await source.sent(40_000);
  rotate();
  await finished(source);
  await source.stop();
  const driven = handDrivenFiles(t, [at('app.log*')], source.section.stored);
  for (let looks = 0; looks < 2; looks++) await driven.look(2000);
  assert.deepEqual(driven.followed, ['app.log.1 4000000']);
  writeFileSync(at('app.log.1.gz'), gzipSync(readFileSync(at('app.log.1'))));
  await driven.look();
  await driven.clock.advance(250);
  // The survey begins here; it takes longer than all this.
  await driven.examine();
  writeFileSync(at('app.log.1'), 'something else\n');
  await driven.look();
  await until('it is known', async () => {
    await driven.look();
    return driven.followed.some((file) => file.includes('.gz'));
  });
  assert.deepEqual(driven.followed, ['app.log.1 0', 'app.log.1.gz 4000000']);
});

test('GZP-01 a stream is kept until the compressed files are looked at that may hold it, however long that takes', async (t) => {
  const { at, driven } = await rotatedAndDelivered(t);
  await driven.look(2000);
  compress(at('app.log.1'), at('app.log.1.gz'));
  await driven.look();
  // It is not inflated before it stood still for a look.
  await driven.look(10 * 60_000);
  await until('it is known', async () => {
    await driven.look();
    return driven.followed.includes('app.log.1.gz 5000');
  });
});
