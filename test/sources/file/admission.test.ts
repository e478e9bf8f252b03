import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
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
import { test } from 'node:test';
import { HEAD_BYTES } from '../../../src/checkpoint/file-identity.ts';
import { startFileSource, until } from '../../harness/files.ts';
import { openPaths, rotatedLog, tick } from '../../harness/log-folder.ts';

test('IDN-02 reconcile() reads two files with the same content as two', async (t) => {
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

test('IDN-03 IDN-04 a restart takes an inode that was given to another file for another file', async (t) => {
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

test('IDN-05 a restart goes on in a file whose device has another number', async (t) => {
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

test('a restart takes no file for a copy of itself of which nothing was delivered, though the checkpoint knows its head', async (t) => {
  const { path } = rotatedLog(t);
  const line = 'line'.repeat(300);
  writeFileSync(path, `${line}\n`);
  const options = { include: [path] };
  const killed = startFileSource(t, { options, output: { leases: 'held' } });
  await killed.sent(1);
  const restored = killed.section.stored;
  await killed.stop();
  const second = startFileSource(t, { options: { ...options, rotate_wait: '1h' }, restored });
  await until('the file is open', () => second.messages.includes('Reading a file.'));
  unlinkSync(path);
  await second.sent(1);
  assert.deepEqual(second.bodies, [line]);
});

test('DWN-04 a restart says what is gone with a file that was rotated away and deleted', async (t) => {
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

test('CKP-13 a restart with fewer patterns leaves a file alone, and one with more goes on in it', async (t) => {
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

test('IDN-01 a file of any size is read at once, and known again after a restart', async (t) => {
  const { path } = rotatedLog(t);
  const options = { include: [path] };
  const sizes = [0, 1, 10, HEAD_BYTES - 1, HEAD_BYTES, HEAD_BYTES + 1];
  let written = '';
  let delivered = '';
  let stored: unknown;
  writeFileSync(path, '');
  for (const size of sizes) {
    const more = size === 0 ? '' : `${'x'.repeat(size - written.length - 1)}\n`;
    written += more;
    appendFileSync(path, more);
    const source = startFileSource(t, { options, restored: stored });
    const emptyLines = (): number => source.sum('pillion_dropped_records_total', { reason: 'empty_line' });
    await until('all is read', () => {
      return source.messages.includes('Reading a file.') && source.sum('pillion_source_unread_bytes') === 0;
    });
    await source.stop();
    delivered += source.bodies.map((body) => `${body}\n`).join('') + '\n'.repeat(emptyLines());
    assert.equal(delivered, written, `at ${size} bytes`);
    stored = source.section.stored;
  }
});

test('IDN-03 DEL-04 an inode that is used again while the agent is down is another file, and what was not read is gone', async (t) => {
  const { at, path } = rotatedLog(t);
  writeFileSync(path, `${'old\n'.repeat(10)}`);
  const options = { include: [path] };
  const first = startFileSource(t, { options, output: { poolSize: 1 } });
  first.output.isFull = true;
  await first.sent(10);
  appendFileSync(path, 'unread\n');
  await until('it is seen', () => first.sum('pillion_source_unread_bytes') === 7);
  await first.stop();
  await until('the handle is closed', () => !openPaths().some((link) => link.startsWith(path)));
  const { ino } = statSync(path);
  unlinkSync(path);
  let isReused = false;
  for (let i = 0; i < 200 && !isReused; i++) {
    writeFileSync(at(`new-${i}`), 'new\n'.repeat(50));
    isReused = statSync(at(`new-${i}`)).ino === ino;
    if (isReused) renameSync(at(`new-${i}`), path);
  }
  if (!isReused) return t.skip('platform: this file system does not use an inode again at once');
  const second = startFileSource(t, { options, restored: first.section.stored });
  await second.drain();
  assert.deepEqual(second.bodies, Array(50).fill('new'));
  assert.equal(second.sum('pillion_source_gone_bytes_total', { reason: 'deleted' }), 7);
});

test('IDN-08 a file that is moved to another included folder goes on there, with the agent up and down', async (t) => {
  const { at } = rotatedLog(t);
  mkdirSync(at('a'));
  mkdirSync(at('b'));
  const options = { include: [at('a/*.log'), at('b/*.log')], rotate_wait: '20ms' };
  writeFileSync(at('a/app.log'), 'one\n');
  const first = startFileSource(t, { options });
  await first.sent(1);
  renameSync(at('a/app.log'), at('b/moved.log'));
  appendFileSync(at('b/moved.log'), 'two\n');
  await first.sent(2);
  await first.stop();
  renameSync(at('b/moved.log'), at('a/back.log'));
  appendFileSync(at('a/back.log'), 'three\n');
  const second = startFileSource(t, { options, restored: first.section.stored });
  await second.sent(1);
  await second.drain();
  assert.deepEqual([...first.bodies, ...second.bodies], ['one', 'two', 'three']);
  assert.equal(second.output.records[0]?.attributes['log.file.name'], 'back.log');
});

test('IDN-09 a file whose head was punched out after it was delivered goes on', async (t) => {
  const { path } = rotatedLog(t);
  const options = { include: [path] };
  writeFileSync(path, 'a line of the head\n'.repeat(1_000));
  const first = startFileSource(t, { options });
  await first.sent(1_000);
  const punch = (): void => {
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(8192), 0, 8192, 0);
    closeSync(file);
  };
  punch();
  appendFileSync(path, 'two\n');
  await first.sent(1_001);
  await first.drain();
  appendFileSync(path, 'three\n');
  const second = startFileSource(t, { options, restored: first.section.stored });
  await second.drain();
  assert.equal(first.bodies.at(-1), 'two');
  assert.deepEqual(second.bodies, ['three']);
});

test('DWN-05 after a kill and rotations nothing is repeated but what was not answered', async (t) => {
  const { at, path, rotate } = rotatedLog(t);
  const options = { include: [path] };
  writeFileSync(path, 'one\n');
  const first = startFileSource(t, { options, output: { leases: 'held' } });
  await first.sent(1);
  first.output.leases[0]!.settle('delivered');
  appendFileSync(path, 'two\n');
  await first.sent(2);
  const restored = first.section.stored;
  await first.stop();
  for (const line of ['three', 'four']) {
    await tick();
    rotate();
    writeFileSync(path, `${line}\n`);
  }
  appendFileSync(at('app.log.2'), 'late\n');
  const second = startFileSource(t, { options, restored });
  await second.drain();
  assert.deepEqual(second.bodies, ['two', 'late', 'three', 'four']);
});

test('DWN-07 of hundreds of siblings only those are opened that a rotation of the known file made', async (t) => {
  const { at, path, rotate } = rotatedLog(t);
  const options = { include: [path] };
  writeFileSync(path, 'one\n');
  const first = startFileSource(t, { options });
  await first.drain();
  await tick();
  for (let i = 0; i < 300; i++) writeFileSync(at(`other-${i}.log.1`), 'unrelated\n');
  rotate();
  writeFileSync(path, 'two\n');
  const second = startFileSource(t, { options, restored: first.section.stored });
  await second.drain();
  assert.deepEqual(second.bodies, ['two']);
  assert.deepEqual(
    second.log.map((line) => line['path']).filter((name) => String(name).includes('other')),
    [],
  );
});
