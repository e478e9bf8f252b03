import assert from 'node:assert/strict';
import { appendFileSync, closeSync, copyFileSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RecordFlag } from '../../../src/core/record-batch.ts';
import type { RunningFileSource } from '../../harness/files.ts';
import { startFileSource, temporaryFolder, until } from '../../harness/files.ts';

interface StoredStream {
  readonly generation: number;
  readonly offset: number;
}

function stored(source: RunningFileSource): StoredStream {
  const { streams } = source.section.stored as { streams: StoredStream[] };
  assert.equal(streams.length, 1);
  return streams[0]!;
}

function truncationSeen(source: RunningFileSource): Promise<void> {
  return until('the truncation is seen', () =>
    source.messages.some((message) => String(message).includes('truncated')),
  );
}

test('CPT-01 a file that is copied and truncated is read from its beginning, and nothing twice', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'app.log');
  const writer = openSync(path, 'a');
  t.after(() => closeSync(writer));
  const source = startFileSource(t, { options: { include: [path] } });
  const expected: string[] = [];
  for (let generation = 0; generation < 5; generation++) {
    for (let i = 0; i < 3; i++) {
      expected.push(`generation ${generation} line ${i}`);
      writeSync(writer, `${expected.at(-1)}\n`);
    }
    await source.sent(expected.length);
    copyFileSync(path, join(folder, `copy-${generation}`));
    truncateSync(path);
    await until('the new generation', () => stored(source).generation === generation + 1);
  }
  assert.deepEqual(source.bodies, expected);
  assert.equal(source.sum('pillion_source_gone_bytes_total'), 0);
});

test('CPT-07 answers of a generation that was truncated away never move the offset of the new one', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, 'a long first line\n');
  const source = startFileSource(t, { options: { include: [path] }, output: { leases: 'held' } });
  await source.sent(1);
  truncateSync(path);
  await truncationSeen(source);
  appendFileSync(path, 'new\n');
  await source.sent(2);
  const [old, young] = source.output.leases;
  old!.settle('delivered');
  assert.equal(stored(source).offset, 0);
  young!.settle('delivered');
  assert.equal(stored(source).offset, 4);
});

test('CPT-04 what was seen and not read before a truncation is counted as gone', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, 'one\n');
  const source = startFileSource(t, { options: { include: [path] }, output: { poolSize: 1 } });
  source.output.isFull = true;
  await source.sent(1);
  appendFileSync(path, 'two\nthree\n');
  await until('the lines are seen', () => source.sum('pillion_source_unread_bytes') === 10);
  truncateSync(path);
  await until('it is counted', () => source.sum('pillion_source_gone_bytes_total', { reason: 'truncated' }) === 10);
  source.output.empty();
  appendFileSync(path, 'new\n');
  await source.sent(2);
  assert.deepEqual(source.bodies, ['one', 'new']);
});

test('CPT-08 a file that is cut behind what was read goes on, and what was cut off is counted', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, 'one\nunfinished');
  const source = startFileSource(t, { options: { include: [path] } });
  await source.sent(1);
  truncateSync(path, 6);
  await until('the cut is seen', () => source.sum('pillion_source_gone_bytes_total', { reason: 'truncated' }) === 8);
  appendFileSync(path, 'it\n');
  await source.sent(2);
  assert.deepEqual(source.bodies, ['one', 'unit']);
  assert.equal(stored(source).generation, 0);
});

test('the bytes of a file add up: read, skipped, gone and unread', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  const content = `\ufeffone\n\n${'x'.repeat(3000)}\ntwo\nunfinished`;
  writeFileSync(path, content);
  const source = startFileSource(t, { options: { include: [path], max_record_size: '1KiB' } });
  await source.sent(3);
  const sum = (name: 'read_bytes_total' | 'skipped_bytes_total' | 'gone_bytes_total' | 'unread_bytes'): number =>
    source.sum(`pillion_source_${name}`);
  await until('all is read that can be', () => sum('unread_bytes') === 10);
  const size = Buffer.byteLength(content);
  assert.equal(
    sum('read_bytes_total') + sum('skipped_bytes_total') + sum('gone_bytes_total') + sum('unread_bytes'),
    size,
  );
});

test('CPT-08 a file that is rewritten with its own last lines repeats no more than those', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  const lines = Array.from({ length: 500 }, (_, i) => `line ${i} of the file`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  const source = startFileSource(t, { options: { include: [path] } });
  await source.sent(500);
  const kept = lines.slice(-100);
  writeFileSync(path, `${kept.join('\n')}\n`);
  appendFileSync(path, 'new\n');
  await source.sent(601);
  await source.drain();
  assert.deepEqual(source.bodies, [...lines, ...kept, 'new']);
});

for (const { name, rest, flags } of [
  { name: 'whatever comes after', rest: 'other\n', flags: 0 },
  { name: 'also when the file is regrown past the offset at once', rest: 'other\n'.repeat(50), flags: 0 },
]) {
  test(`CPT-09 an unfinished line that is held at the truncation is a record of its own, ${name}`, async (t) => {
    const path = join(temporaryFolder(t), 'app.log');
    writeFileSync(path, 'one\nunfin');
    const source = startFileSource(t, { options: { include: [path] } });
    await until('it is read as far as it goes', () => source.sum('pillion_source_unread_bytes') === 5);
    truncateSync(path);
    appendFileSync(path, rest);
    await source.sent(2 + rest.split('\n').length - 1);
    await source.drain();
    const [one, unfinished, ...others] = source.output.records;
    assert.deepEqual([one?.body, one?.flags], ['one', 0]);
    assert.deepEqual([unfinished?.body, unfinished?.flags], ['unfin', RecordFlag.Unterminated]);
    assert.ok(others.every((record) => record.body === 'other' && record.flags === flags));
    assert.equal(source.sum('pillion_source_gone_bytes_total'), 0);
    const { streams, lost } = source.section.stored as { streams: unknown[]; lost: unknown[] };
    assert.deepEqual([streams.length, lost.length], [1, 0]);
  });
}

test('CPT-09 an unfinished line goes out before the new lines, when the truncation comes between the look and the turn', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, 'one\nunfin');
  const options = { include: [path], poll_interval: '1h' };
  const source = startFileSource(t, { options, output: { poolSize: 1 } });
  const unread = (bytes: number) => () => source.sum('pillion_source_unread_bytes') === bytes;
  await until('it is read as far as it goes', unread(5));
  source.output.isFull = true;
  appendFileSync(path, 'ished\nunfin');
  await source.sent(2);
  appendFileSync(path, 'ish');
  await until('more is there, and waits for a batch', unread(8));
  truncateSync(path);
  appendFileSync(path, 'other\n');
  source.output.empty();
  source.output.isFull = false;
  await source.sent(4);
  await source.drain();
  assert.deepEqual(source.bodies, ['one', 'unfinished', 'unfin', 'other']);
});

test('CPT-05 CLK-02 a file that is rewritten to the size that it had is read again', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, 'one\n');
  const source = startFileSource(t, { options: { include: [path] } });
  await source.sent(1);
  await until('it was looked at', () => stored(source).offset === 4);
  writeFileSync(path, 'two\n');
  await source.sent(2);
  assert.deepEqual(source.bodies, ['one', 'two']);
  await until('it is counted', () => source.sum('pillion_source_gone_unknown_total') === 1);
});

test('CPT-04 what was read of a truncated file is still delivered, and a kill before that is counted', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  const options = { include: [path] };
  writeFileSync(path, 'one\n');
  const source = startFileSource(t, { options, output: { leases: 'held' } });
  await source.sent(1);
  truncateSync(path);
  await truncationSeen(source);
  const { lost } = source.section.stored as { lost: StoredStream[] };
  assert.deepEqual(
    lost.map(({ offset }) => offset),
    [0],
  );
  const killed = startFileSource(t, { options, restored: source.section.stored });
  await killed.drain();
  assert.equal(killed.sum('pillion_source_gone_bytes_total', { reason: 'truncated' }), 4);
  source.output.leases[0]!.settle('delivered');
  await until('it is forgotten', () => (source.section.stored as { lost: unknown[] }).lost.length === 0);
});
