import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fingerprint } from '../../../src/checkpoint/file-identity.ts';
import { RecordFlag } from '../../../src/core/record-batch.ts';
import { startFileSource, temporaryFolder, until } from '../../harness/files.ts';

test('LIN-04 only LF ends a line, also when CR and LF come in two reads', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  const writer = openSync(path, 'a');
  t.after(() => closeSync(writer));
  const source = startFileSource(t, { options: { include: [path] } });
  writeSync(writer, 'one\r');
  await until('the CR is seen', () => source.sum('pillion_source_unread_bytes') === 4);
  writeSync(writer, '\na\rb\v\f\u0085\u2028\u2029\0c\r\r\n');
  await source.sent(2);
  assert.deepEqual(source.bodies, ['one', 'a\rb\v\f\u0085\u2028\u2029\0c\r']);
});

test('LIN-05 empty lines are dropped and counted, the offset passes them, and lines of blanks are records', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, '\n\r\n \n\t\n\n');
  const source = startFileSource(t, { options: { include: [path] } });
  await source.sent(2);
  await until('all is read', () => source.sum('pillion_source_unread_bytes') === 0);
  assert.deepEqual(source.bodies, [' ', '\t']);
  assert.equal(source.sum('pillion_dropped_records_total', { reason: 'empty_line' }), 3);
  const { streams } = source.section.stored as { streams: { offset: number }[] };
  assert.equal(streams[0]!.offset, 8);
});

test('LIN-06 a line of exactly the limit is whole, and one byte more is cut at a whole character', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  const whole = 'x'.repeat(1024);
  const cut = `${'y'.repeat(1023)}é`;
  writeFileSync(path, `${whole}\n${whole}\r\n${cut}\nnext\n`);
  const source = startFileSource(t, { options: { include: [path], max_record_size: '1KiB' } });
  await source.sent(4);
  assert.deepEqual(
    source.output.records.map(({ body, flags }) => [body, flags]),
    [
      [whole, 0],
      [whole, 0],
      ['y'.repeat(1023), RecordFlag.Truncated],
      ['next', 0],
    ],
  );
  assert.equal(source.sum('pillion_source_skipped_bytes_total', { reason: 'oversize_rest' }), 3);
});

test('LIN-07 an endless line is one record that is cut, memory stays flat, and its rest is passed over after a restart', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  const writer = openSync(path, 'w');
  t.after(() => closeSync(writer));
  const mebibyte = Buffer.alloc(1024 * 1024, 'x');
  let size = 0;
  const write = (times: number): void => {
    for (let i = 0; i < times; i++) size += writeSync(writer, mebibyte, 0, mebibyte.length, size);
  };
  const options = { include: [join(path, '..', '*.log')], max_record_size: '1KiB' };
  write(60);
  const before = process.memoryUsage().arrayBuffers;
  const first = startFileSource(t, { options });
  writeFileSync(join(path, '..', 'other.log'), 'other\n');
  await first.sent(2);
  await until('the line is read', () => first.sum('pillion_source_unread_bytes') === 0);
  assert.ok(process.memoryUsage().arrayBuffers - before < 40 * mebibyte.length);
  await first.stop();
  write(20);
  size += writeSync(writer, '\nnext\n', size);
  const second = startFileSource(t, { options, restored: first.section.stored });
  await second.sent(1);
  await second.drain();
  assert.deepEqual(first.bodies.toSorted(), ['other', 'x'.repeat(1024)]);
  assert.deepEqual(second.bodies, ['next']);
  const skipped = [first, second].map((source) =>
    source.sum('pillion_source_skipped_bytes_total', { reason: 'oversize_rest' }),
  );
  assert.equal(skipped[0]! + skipped[1]!, size - 5 - 1024);
});

for (const far of [2 ** 31, 2 ** 32, 2 ** 40]) {
  test(`LIN-12 offsets across ${far} are exact, also over a restart`, async (t) => {
    const path = join(temporaryFolder(t), 'app.log');
    const writer = openSync(path, 'w+');
    t.after(() => closeSync(writer));
    writeSync(writer, 'first\n');
    const options = { include: [path] };
    const start = startFileSource(t, { options });
    await start.sent(1);
    await start.stop();
    // All up to here counts as delivered; it is a hole, and the window before the offset is a part of it.
    const offset = far - 10;
    ftruncateSync(writer, offset);
    const stored = start.section.stored as { streams: object[] };
    const window = fingerprint(Buffer.alloc(256));
    const restored = { ...stored, streams: [{ ...stored.streams[0]!, offset, size: offset, window }] };
    let end = offset;
    const bodies: string[] = [];
    let state: unknown = restored;
    for (const line of ['across the border', 'behind it', 'behind that']) {
      end += writeSync(writer, `${line}\n`, end);
      const source = startFileSource(t, { options, restored: state });
      await source.sent(1);
      await source.drain();
      bodies.push(...source.bodies);
      state = source.section.stored;
      assert.equal((state as { streams: { offset: number }[] }).streams[0]!.offset, end);
    }
    assert.deepEqual(bodies, ['across the border', 'behind it', 'behind that']);
  });
}

test('LIN-13 lines of two writers without a lock are taken as the file has them', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  const writers = [openSync(path, 'a'), openSync(path, 'a')];
  t.after(() => writers.forEach(closeSync));
  const source = startFileSource(t, { options: { include: [path] } });
  writeSync(writers[0]!, 'one: first ha');
  writeSync(writers[1]!, 'two: whole\n');
  writeSync(writers[0]!, 'lf, second half\n');
  await source.sent(2);
  assert.deepEqual(source.bodies, ['one: first hatwo: whole', 'lf, second half']);
});
