import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, renameSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startFileSource, temporaryFolder, until } from '../../harness/files.ts';

/** A file with a writer that does not append, but writes at its own position. */
function positionedLog(t: TestContext) {
  const path = join(temporaryFolder(t), 'app.log');
  const descriptor = openSync(path, 'w');
  t.after(() => closeSync(descriptor));
  let position = 0;
  return {
    path,
    descriptor,
    write(text: string | Buffer): void {
      const bytes = Buffer.from(text);
      position += writeSync(descriptor, bytes, 0, bytes.length, position);
    },
    skip(bytes: number): void {
      position += bytes;
    },
  };
}

const fill = { reason: 'nul_fill' };

test('CPT-06 NULs up to the old position of a writer are passed over after a truncation', async (t) => {
  const log = positionedLog(t);
  const source = startFileSource(t, { options: { include: [log.path] } });
  log.write('one\ntwo\n');
  await source.sent(2);
  truncateSync(log.path);
  await until('the truncation is seen', () => source.messages.some((text) => String(text).includes('truncated')));
  log.write('three\n');
  await source.sent(3);
  log.write('four\n');
  await source.sent(4);
  await source.drain();
  assert.deepEqual(source.bodies, ['one', 'two', 'three', 'four']);
  assert.equal(source.sum('pillion_source_skipped_bytes_total', fill), 8);
  assert.equal(source.sum('pillion_source_gone_bytes_total'), 0);
});

test('CPT-06 a hole takes no memory, and what follows is at the right place', async (t) => {
  const log = positionedLog(t);
  const hole = 200 * 1024 * 1024 + 12_345;
  log.write('before\n');
  log.skip(hole);
  log.write('behind\nunfinished');
  const options = { include: [log.path] };
  const before = process.memoryUsage().arrayBuffers;
  const source = startFileSource(t, { options });
  await source.sent(2);
  const grown = process.memoryUsage().arrayBuffers - before;
  // The harness makes a new arena each turn, which the garbage collector frees in time.
  assert.ok(grown < hole / 2, `${grown} bytes`);
  assert.deepEqual(source.bodies, ['before', 'behind']);
  assert.equal(source.sum('pillion_source_skipped_bytes_total', fill), hole);
  await source.stop();
  const { streams } = source.section.stored as { streams: { offset: number }[] };
  assert.equal(streams[0]!.offset, hole + 14);
  log.write(' no more\n');
  const again = startFileSource(t, { options, restored: source.section.stored });
  await again.sent(1);
  assert.deepEqual(again.bodies, ['unfinished no more']);
});

for (const size of [20_000, 3_000_000]) {
  test(`LIN-08 lines that are written in place into a preallocated file of ${size} bytes are read as they come`, async (t) => {
    const log = positionedLog(t);
    ftruncateSync(log.descriptor, size);
    const source = startFileSource(t, { options: { include: [log.path], rotate_wait: '20ms' } });
    const expected: string[] = [];
    for (let i = 0; i < 8; i++) {
      expected.push(`line ${i} ${'x'.repeat(1000)}`);
      // Half a line, then the rest: a part of a line waits with the NULs behind it.
      log.write(expected.at(-1)!.slice(0, 500));
      await new Promise((resolve) => setTimeout(resolve, 15));
      assert.equal(source.output.records.length, i);
      log.write(`${expected.at(-1)!.slice(500)}\n`);
      await source.sent(expected.length);
    }
    assert.deepEqual(source.bodies, expected);
    assert.equal(source.sum('pillion_source_skipped_bytes_total'), 0);
    ftruncateSync(log.descriptor, 8 * 1008);
    await until('the cut is seen', () => source.sum('pillion_source_unread_bytes') === 0);
    renameSync(log.path, `${log.path}.1`);
    await until('it is finished', () => source.messages.includes('A file is finished.'));
    assert.deepEqual(source.bodies, expected);
    assert.equal(source.sum('pillion_source_gone_bytes_total'), 0);
    assert.equal(source.sum('pillion_source_read_bytes_total'), 8 * 1008);
    assert.ok(source.messages.every((text) => !String(text).includes('truncated')));
  });
}

for (const { size, encoding } of [
  { size: 20_000, encoding: 'utf-8' },
  { size: 3_000_000, encoding: 'utf-8' },
  { size: 20_000, encoding: 'utf-16le' },
] as const) {
  test(`DSC-02 LIN-08 lines that come into a preallocated file of ${size} bytes in ${encoding} are read by who starts at its end`, async (t) => {
    const log = positionedLog(t);
    const encode = (text: string) => Buffer.from(text, encoding === 'utf-8' ? 'utf8' : 'utf16le');
    log.write(encode('old\n'));
    ftruncateSync(log.descriptor, size);
    const source = startFileSource(t, { options: { include: [log.path], encoding, start_at: 'end' } });
    await until('it is open', () => source.messages.includes('Reading a file.'));
    log.write(encode('one\ntwo\n'));
    await source.sent(2);
    await source.drain();
    assert.deepEqual(
      source.output.records.map(({ body, flags }) => [body, flags]),
      [
        ['one', 0],
        ['two', 0],
      ],
    );
    const reason = { reason: 'start_at_end' };
    assert.equal(source.sum('pillion_source_skipped_bytes_total', reason), encode('old\n').length);
  });
}

for (const size of [20_000, 3_000_000]) {
  test(`LIN-08 what was never written of a finished file of ${size} bytes is passed over`, async (t) => {
    const log = positionedLog(t);
    ftruncateSync(log.descriptor, size);
    log.write('one\ntwo');
    const source = startFileSource(t, { options: { include: [log.path], rotate_wait: '20ms' } });
    await source.sent(1);
    renameSync(log.path, `${log.path}.1`);
    await until('it is finished', () => source.messages.includes('A file is finished.'));
    assert.deepEqual(source.bodies, ['one', 'two']);
    assert.equal(source.sum('pillion_source_skipped_bytes_total', fill), size - 7);
    assert.equal(source.sum('pillion_source_unread_bytes'), 0);
    const looks = source.section.touches;
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(source.section.touches, looks);
  });

  test(`LIN-08 a drain ends before what is not written yet of ${size} bytes, and the next life reads it`, async (t) => {
    const log = positionedLog(t);
    ftruncateSync(log.descriptor, size);
    log.write('one\n');
    const options = { include: [log.path] };
    const first = startFileSource(t, { options });
    await first.sent(1);
    await first.drain();
    assert.equal(first.sum('pillion_source_unread_bytes'), 0);
    log.write('two\n');
    const second = startFileSource(t, { options, restored: first.section.stored });
    await second.sent(1);
    log.write('three\n');
    await second.sent(2);
    assert.deepEqual(second.bodies, ['two', 'three']);
  });
}

test('CPT-06 GZP-01 NULs in a compressed file are passed over, in the middle and at its end', async (t) => {
  const path = join(temporaryFolder(t), 'app.log.1.gz');
  const nuls = Buffer.alloc(1_000_000);
  writeFileSync(path, gzipSync(Buffer.concat([Buffer.from('one\n'), nuls, Buffer.from('two\nthree'), nuls])));
  const source = startFileSource(t, { options: { include: [path], rotate_wait: '20ms' } });
  await until('it is finished', () => source.messages.includes('A file is finished.'));
  assert.deepEqual(source.bodies, ['one', 'two', 'three']);
  assert.equal(source.sum('pillion_source_skipped_bytes_total', fill), 2_000_000);
});

test('CRA-05 LIN-08 a tail of NULs that a power cut left is passed over once lines follow it', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, 'one\ntwo\n');
  const options = { include: [path] };
  const first = startFileSource(t, { options });
  await first.sent(2);
  await first.stop();
  // What was behind the offset has become NULs; then the application goes on.
  writeFileSync(path, `one\ntwo\n${'\0'.repeat(500)}`);
  const second = startFileSource(t, { options, restored: first.section.stored });
  await until('the tail is seen', () => second.sum('pillion_source_unread_bytes') === 500);
  writeFileSync(path, 'three\n', { flag: 'a' });
  await second.sent(1);
  await second.drain();
  assert.deepEqual(second.bodies, ['three']);
  assert.equal(second.sum('pillion_source_skipped_bytes_total', fill), 500);
});

test('CRA-05 a file whose tail was lost with a power cut starts anew, and one with a lost end of the tail goes on', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  const options = { include: [path] };
  for (const { kept, expected } of [
    { kept: 'one\n', expected: ['one', 'new'] },
    { kept: 'one\ntwo\n', expected: ['new'] },
  ]) {
    writeFileSync(path, 'one\ntwo\n');
    const first = startFileSource(t, { options });
    await first.sent(2);
    await first.stop();
    truncateSync(path, kept.length);
    writeFileSync(path, 'new\n', { flag: 'a' });
    const second = startFileSource(t, { options, restored: first.section.stored });
    await second.sent(expected.length);
    await second.drain();
    assert.deepEqual(second.bodies, expected);
  }
});
