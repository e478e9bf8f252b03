import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { RecordFlag } from '../../../src/core/record-batch.ts';
import type { RunningFileSource } from '../../harness/files.ts';
import { startFileSource, temporaryFolder, until } from '../../harness/files.ts';

/** A folder with an `app.log`, and what rotates and compresses that. */
function rotatedLog(t: TestContext) {
  const folder = temporaryFolder(t);
  const at = (name: string): string => join(folder, name);
  return {
    at,
    path: at('app.log'),
    /** `app.log` becomes `app.log.1`, and those before it move on, compressed or not. */
    rotate(): void {
      for (const n of [3, 2, 1]) {
        for (const ending of ['', '.gz']) renameIfThere(at(`app.log.${n}${ending}`), at(`app.log.${n + 1}${ending}`));
      }
      renameIfThere(at('app.log'), at('app.log.1'));
    },
    /** As gzip does it: the file is whole before the other one goes. */
    compress(name: string): void {
      writeFileSync(at(`${name}.gz`), gzipSync(readFileSync(at(name))));
      unlinkSync(at(name));
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

/** Lines with a number each, of `length` bytes together with their line ends. */
function lines(from: number, count: number, length = 100): string[] {
  return Array.from({ length: count }, (_, i) => `line ${from + i} `.padEnd(length - 1, '.'));
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

interface StoredStream {
  readonly path: string;
  readonly offset: number;
  readonly size: number;
  readonly archive?: unknown;
}

function stored(source: RunningFileSource): StoredStream[] {
  return (source.section.stored as { streams: StoredStream[] }).streams;
}

/** Waits until the compressed file at the path is followed, or finished. */
function decided(source: RunningFileSource, path: string): Promise<void> {
  return until(`it is known what ${path} holds`, () =>
    stored(source).some((entry) => entry.path === path && entry.archive !== undefined && entry.offset === entry.size),
  );
}

const skipped = (source: RunningFileSource): number =>
  source.sum('pillion_source_skipped_bytes_total', { reason: 'already_delivered' });

for (const { name, count } of [
  { name: 'longer than a head', count: 50 },
  { name: 'of one line', count: 1 },
]) {
  test(`GZP-01 a delivered file ${name} that is compressed later is not read again, nor after a restart`, async (t) => {
    const { at, path, rotate, compress } = rotatedLog(t);
    const options = { include: [at('app.log*')], rotate_wait: '50ms' };
    const expected = lines(1, count);
    writeFileSync(path, text(expected));
    const first = startFileSource(t, { options });
    await first.sent(count);
    rotate();
    await until('it is finished', () => first.messages.includes('A file is finished.'));
    writeFileSync(path, 'successor\n');
    await first.sent(count + 1);
    compress('app.log.1');
    await decided(first, at('app.log.1.gz'));
    assert.equal(skipped(first), 100 * count);
    rotate();
    await until('it moved on', () => stored(first).some((entry) => entry.path === at('app.log.2.gz')));
    await first.stop();
    const second = startFileSource(t, { options, restored: first.section.stored });
    writeFileSync(path, 'last\n');
    await second.sent(1);
    await second.drain();
    assert.deepEqual([...first.bodies, ...second.bodies], [...expected, 'successor', 'last']);
    assert.equal(second.sum('pillion_source_gone_bytes_total'), 0);
  });
}

test('GZP-01 a short delivered file that moves on, is compressed and finished at one look is not read again', async (t) => {
  const { at, path, rotate, compress } = rotatedLog(t);
  const options = { include: [at('app.log*')], rotate_wait: '0ms' };
  const expected = [...lines(1, 1), 'second', 'third'];
  writeFileSync(path, text(expected.slice(0, 1)));
  const source = startFileSource(t, { options });
  await source.sent(1);
  // All before the next look, which finishes the file while the compressed one is examined.
  rotate();
  writeFileSync(path, 'second\n');
  rotate();
  writeFileSync(path, 'third\n');
  compress('app.log.2');
  // Members that hold nothing take their time.
  appendFileSync(at('app.log.2.gz'), Buffer.concat(Array<Buffer>(3000).fill(gzipSync(''))));
  await source.drain();
  assert.deepEqual(source.bodies.toSorted(), expected.toSorted());
});

for (const glob of ['app.log', 'app.log*']) {
  test(`GZP-01 a file that is compressed before it is read to its end is read once, for ${glob}`, async (t) => {
    const { at, path, rotate, compress } = rotatedLog(t);
    const expected = lines(1, 9000);
    writeFileSync(path, text(expected));
    const source = startFileSource(t, {
      options: { include: [at(glob)], rotate_wait: '20ms' },
      output: { poolSize: 1 },
    });
    source.output.isFull = true;
    await until('a part is read', () => source.bodies.length > 0);
    rotate();
    writeFileSync(path, 'successor\n');
    compress('app.log.1');
    await until('the rotation is seen', () => source.messages.some((message) => String(message).includes('deleted')));
    assert.ok(source.bodies.length < 9000);
    source.output.empty();
    await source.sent(9001);
    if (glob === 'app.log*') await decided(source, at('app.log.1.gz'));
    await source.drain();
    assert.deepEqual(source.bodies, [...expected, 'successor']);
  });

  test(`DWN-03 GZP-01 a file that was rotated and compressed while the agent was down is read on, for ${glob}`, async (t) => {
    const { at, path, rotate, compress } = rotatedLog(t);
    const options = { include: [at(glob)] };
    const expected = lines(1, 40);
    writeFileSync(path, text(expected.slice(0, 25)));
    const first = startFileSource(t, { options });
    await first.sent(25);
    await first.stop();
    appendFileSync(path, text(expected.slice(25)));
    rotate();
    compress('app.log.1');
    writeFileSync(path, 'successor\n');
    rotate();
    writeFileSync(path, 'last\n');
    const second = startFileSource(t, { options, restored: first.section.stored });
    await second.sent(17);
    await second.drain();
    assert.deepEqual(second.bodies.toSorted(), [...expected.slice(25), 'successor', 'last'].toSorted());
    assert.ok(skipped(second) >= 2500);
    assert.equal(second.sum('pillion_source_gone_bytes_total'), 0);
    const third = startFileSource(t, { options, restored: second.section.stored });
    await third.drain();
    assert.deepEqual(third.bodies, []);
  });

  test(`DWN-02 DWN-05 GZP-01 files that were rotated and compressed while the agent was dead are all read, for ${glob}`, async (t) => {
    const { at, path, rotate, compress } = rotatedLog(t);
    const options = { include: [at(glob)] };
    const expected = lines(1, 60);
    writeFileSync(path, text(expected.slice(0, 15)));
    const first = startFileSource(t, { options, output: { leases: 'held' } });
    await first.sent(15);
    first.output.leases[0]!.settle('delivered');
    appendFileSync(path, text(expected.slice(15, 20)));
    await first.sent(20);
    const killed = first.section.stored;
    for (const [from, to] of [
      [20, 30],
      [30, 40],
    ] as const) {
      await new Promise((resolve) => setTimeout(resolve, 15));
      rotate();
      compress('app.log.1');
      writeFileSync(path, text(expected.slice(from, to)));
    }
    const second = startFileSource(t, { options, restored: killed });
    await second.sent(25);
    await second.drain();
    assert.deepEqual(second.bodies.toSorted(), expected.slice(15, 40).toSorted());
  });
}

test('DWN-03 what was seen and not read of a file is not said to be gone when a compressed one holds it', async (t) => {
  const { path, rotate, compress } = rotatedLog(t);
  const options = { include: [path] };
  const expected = lines(1, 60);
  writeFileSync(path, text(expected.slice(0, 30)));
  const first = startFileSource(t, { options, output: { poolSize: 1 } });
  first.output.isFull = true;
  await first.sent(30);
  appendFileSync(path, text(expected.slice(30)));
  await until('the rest is seen', () => first.sum('pillion_source_unread_bytes') === 3000);
  await first.stop();
  rotate();
  compress('app.log.1');
  writeFileSync(path, 'successor\n');
  const second = startFileSource(t, { options, restored: first.section.stored });
  await second.sent(31);
  await second.drain();
  assert.deepEqual(second.bodies.toSorted(), [...expected.slice(30), 'successor'].toSorted());
  assert.equal(second.sum('pillion_source_gone_bytes_total'), 0);
});

test('GZP-01 a compressed file that only begins like short streams is taken for none of them', async (t) => {
  const { at, path } = rotatedLog(t);
  const options = { include: [at('app.log*')], rotate_wait: '20ms' };
  writeFileSync(path, 'banner\n');
  const first = startFileSource(t, { options });
  await first.sent(1);
  await first.stop();
  unlinkSync(path);
  const expected = ['banner', ...lines(1, 30)];
  writeFileSync(at('app.log.1.gz'), gzipSync(text(expected)));
  const second = startFileSource(t, { options, restored: first.section.stored });
  await second.sent(31);
  await second.drain();
  assert.deepEqual(second.bodies, expected);
});

test('DWN-04 GZP-01 a file that is gone is said to be gone, when no compressed one beside it holds its stream', async (t) => {
  const { at, path } = rotatedLog(t);
  const options = { include: [path] };
  writeFileSync(path, text(lines(1, 20)));
  const first = startFileSource(t, { options, output: { poolSize: 1 } });
  await first.sent(20);
  first.output.isFull = true;
  appendFileSync(path, text(lines(21, 1)));
  await first.sent(21);
  appendFileSync(path, text(lines(22, 2)));
  await until('they are seen', () => first.sum('pillion_source_unread_bytes') === 200);
  await first.stop();
  unlinkSync(path);
  writeFileSync(at('app.log.1.gz'), gzipSync(text(lines(1000, 20))));
  const second = startFileSource(t, { options, restored: first.section.stored });
  await until('it is said', () => second.sum('pillion_source_gone_bytes_total', { reason: 'deleted' }) === 200);
});

test('GZP-02 a compressed file is read when it is whole, and nothing of it twice', async (t) => {
  const { at } = rotatedLog(t);
  const expected = lines(1, 2000);
  const bytes = gzipSync(text(expected), { level: 1 });
  const path = at('app.log.1.gz');
  writeFileSync(path, '');
  const source = startFileSource(t, { options: { include: [at('*')] } });
  for (let start = 0; start < bytes.length; start += 4000) {
    appendFileSync(path, bytes.subarray(start, start + 4000));
    await new Promise((resolve) => setTimeout(resolve, 25));
    if (start + 4000 < bytes.length) assert.equal(source.output.records.length, 0);
  }
  await source.sent(expected.length);
  await source.drain();
  assert.deepEqual(source.bodies, expected);
  assert.equal(source.sum('pillion_source_gone_unknown_total'), 0);
});

test('GZP-02 a compressed file that grows after it was silent is read on', async (t) => {
  const { at } = rotatedLog(t);
  const expected = lines(1, 3000);
  const bytes = gzipSync(text(expected), { level: 1 });
  const path = at('app.log.1.gz');
  writeFileSync(path, bytes.subarray(0, bytes.length >> 1));
  const source = startFileSource(t, { options: { include: [at('*')], rotate_wait: '50ms' } });
  await until('it is finished', () => source.messages.includes('A file is finished.'));
  assert.ok(source.bodies.length > 500);
  appendFileSync(path, bytes.subarray(bytes.length >> 1));
  await until('the last line', () => source.bodies.at(-1) === expected.at(-1));
  await source.drain();
  const whole = source.output.records.filter(({ flags }) => flags === 0).map(({ body }) => body);
  const torn = source.output.records.filter(({ flags }) => flags !== 0);
  assert.deepEqual(
    torn.map(({ flags }) => flags),
    [RecordFlag.Unterminated, RecordFlag.Continuation],
  );
  const joined = torn.map(({ body }) => body).join('');
  assert.deepEqual([...whole, joined].toSorted(), expected.toSorted());
});

test('GZP-03 all members of a compressed file are read, and what is appended later', async (t) => {
  const { at } = rotatedLog(t);
  const path = at('app.log.gz');
  writeFileSync(path, Buffer.concat([gzipSync('one\ntw'), gzipSync('o\n'), gzipSync(''), gzipSync('three\n')]));
  const source = startFileSource(t, { options: { include: [at('*')], rotate_wait: '10ms' } });
  await source.sent(3);
  appendFileSync(path, gzipSync('four\n'));
  await source.sent(4);
  await source.drain();
  assert.deepEqual(source.bodies, ['one', 'two', 'three', 'four']);
  assert.equal(source.sum('pillion_source_read_bytes_total'), 19);
});

for (const { name, damage, isCutOff } of [
  { name: 'is cut off', damage: (bytes: Buffer) => bytes.subarray(0, -20), isCutOff: true },
  {
    name: 'has a wrong checksum',
    damage: (bytes: Buffer) => {
      bytes[bytes.length - 8]! ^= 0xff;
      return bytes;
    },
    isCutOff: false,
  },
  {
    name: 'is followed by something else',
    damage: (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('garbage')]),
    isCutOff: false,
  },
]) {
  test(`GZP-03 a compressed file that ${name} is read up to there, said once, and tried no more`, async (t) => {
    const { at } = rotatedLog(t);
    const expected = lines(1, 400);
    const first = gzipSync(text(expected));
    const second = isCutOff ? Buffer.alloc(0) : gzipSync('never\n');
    writeFileSync(at('a.gz'), Buffer.concat([gzipSync('before\n'), damage(first), second]));
    writeFileSync(at('b.log'), 'other\n');
    const options = { include: [at('*')], rotate_wait: '50ms' };
    const source = startFileSource(t, { options });
    await until('it is finished', () => source.messages.includes('A file is finished.'));
    const isWhole = ({ flags }: { flags: number }): boolean => flags === 0;
    const bodies = source.output.records.filter(isWhole).map(({ body }) => body);
    const delivered = bodies.filter((body) => body.startsWith('line'));
    assert.deepEqual(delivered, expected.slice(0, delivered.length));
    assert.ok(isCutOff ? delivered.length > 100 : delivered.length === 400, `${delivered.length} lines`);
    assert.ok(bodies.includes('before') && bodies.includes('other') && !bodies.includes('never'));
    assert.equal(source.sum('pillion_source_gone_unknown_total'), 1);
    const gone = source.sum('pillion_source_gone_bytes_total', { reason: 'corrupt' });
    if (name === 'has a wrong checksum') assert.ok(gone >= second.length && gone <= second.length + 8, `${gone} bytes`);
    const looks = source.section.touches;
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(source.messages.filter((message) => String(message).includes('damaged')).length, 1);
    assert.equal(source.section.touches, looks);
    await source.stop();
    const again = startFileSource(t, { options, restored: source.section.stored });
    await again.drain();
    assert.deepEqual(again.bodies, []);
    assert.equal(again.sum('pillion_source_gone_unknown_total'), 0);
  });
}

test('GZP-05 a restart goes on in the middle of a compressed file', async (t) => {
  const { at } = rotatedLog(t);
  const expected = lines(1, 20_000);
  writeFileSync(at('app.log.1.gz'), gzipSync(text(expected), { level: 1 }));
  const options = { include: [at('*')] };
  const bodies: string[] = [];
  let restored: unknown;
  let lives = 0;
  for (; bodies.length < expected.length; lives++) {
    const source = startFileSource(t, { options, restored, output: { poolSize: 1 } });
    source.output.isFull = true;
    await until('a part is read', () => source.bodies.length > 0);
    await source.stop();
    bodies.push(...source.bodies);
    restored = source.section.stored;
  }
  assert.ok(lives > 3, `${lives} lives`);
  assert.deepEqual(bodies, expected);
});

test('GZP-05 after a kill only what was not settled is read again of a compressed file', async (t) => {
  const { at } = rotatedLog(t);
  const expected = lines(1, 10_000);
  writeFileSync(at('app.log.1.gz'), gzipSync(text(expected), { level: 1 }));
  const options = { include: [at('*')] };
  const first = startFileSource(t, { options, output: { leases: 'held', poolSize: 3 } });
  await until('all is read', () => first.bodies.length === expected.length);
  const settled = first.output.batches[0]!.length;
  first.output.leases[0]!.settle('delivered');
  const second = startFileSource(t, { options, restored: first.section.stored });
  await second.sent(expected.length - settled);
  await second.drain();
  assert.deepEqual(second.bodies, expected.slice(settled));
});

test('GZP-06 the first bytes of a file tell whether it is compressed, not its name', async (t) => {
  const { at } = rotatedLog(t);
  writeFileSync(at('text.gz'), 'text\n');
  writeFileSync(at('plain.log'), gzipSync('compressed\n'));
  const source = startFileSource(t, { options: { include: [at('*')], rotate_wait: '10ms' } });
  await source.sent(2);
  assert.deepEqual(source.bodies.toSorted(), ['compressed', 'text']);
});

test('GZP-06 a file in a format that cannot be read is refused, said once, and never read as lines', async (t) => {
  const { at } = rotatedLog(t);
  const bytes = {
    'a.zst': zstdCompressSync('one\n'),
    'b.log': Buffer.from('BZh91AY&SY\n\n\n'),
    'c.xz': Buffer.from('\xfd7zXZ\0\n\n\n\n\n', 'latin1'),
  };
  for (const [name, content] of Object.entries(bytes)) writeFileSync(at(name), content);
  const late = openSync(at('late.log'), 'a');
  t.after(() => closeSync(late));
  const source = startFileSource(t, { options: { include: [at('*')] } });
  const refused = (): number => source.sum('pillion_source_refused_files_total', { reason: 'compression' });
  await until('they are refused', () => refused() === 3);
  await until('the empty one is followed', () => source.sum('pillion_source_files') === 1);
  writeSync(late, bytes['a.zst']);
  await until('it is refused', () => refused() === 4);
  writeFileSync(at('other.log'), 'text\n');
  await source.sent(1);
  await source.drain();
  assert.deepEqual(source.bodies, ['text']);
  assert.equal(refused(), 4);
});

test('GZP-04 an endless line in a compressed file becomes one record that is cut', async (t) => {
  const { at } = rotatedLog(t);
  const size = 100 * 1024 * 1024;
  writeFileSync(at('bomb.gz'), Buffer.concat([gzipSync(Buffer.alloc(size, 'x'), { level: 1 }), gzipSync('\nnext\n')]));
  writeFileSync(at('other.log'), 'other\n');
  const options = { include: [at('*')], max_record_size: '1KiB', rotate_wait: '10ms' };
  const source = startFileSource(t, { options });
  await source.sent(3);
  assert.deepEqual(
    source.bodies.map((body) => body.length),
    [5, 1024, 4],
  );
  assert.equal(source.sum('pillion_source_skipped_bytes_total', { reason: 'oversize_rest' }), size - 1024 + 1);
});
