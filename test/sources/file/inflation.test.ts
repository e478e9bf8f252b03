import assert from 'node:assert/strict';
import { openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { free, Inflation } from '../../../src/sources/file/inflation.ts';
import { OpenFile } from '../../../src/sources/file/open-file.ts';
import { temporaryFolder } from '../../harness/files.ts';

function openBytes(t: TestContext, bytes: Buffer): { file: OpenFile; inflation: Inflation } {
  const path = join(temporaryFolder(t), 'file.gz');
  writeFileSync(path, bytes);
  const file = new OpenFile(openSync(path, 'r'));
  const inflation = new Inflation(file, bytes.length);
  t.after(() => {
    inflation.close();
    file.close();
  });
  return { file, inflation };
}

async function inflate(t: TestContext, bytes: Buffer) {
  const { inflation } = openBytes(t, bytes);
  const pieces: Buffer[] = [];
  for (let piece = await inflation.next(); piece !== undefined; piece = await inflation.next()) pieces.push(piece);
  return { content: Buffer.concat(pieces), fault: inflation.fault };
}

/** Content that shrinks to about a third. */
const content = Buffer.from(Array.from({ length: 40_000 }, (_, i) => `line ${(i * 7919) % 99_991}\n`).join(''));
const compressed = gzipSync(content);

/** A member of exactly `length` bytes: its header holds a name of any length. */
function memberOf(content: string, length: number): Buffer {
  const member = gzipSync(content);
  const name = Buffer.alloc(length - member.length, 'n');
  name[name.length - 1] = 0;
  member[3] = 8;
  return Buffer.concat([member.subarray(0, 10), name, member.subarray(10)]);
}

test('next() gives all members, wherever one ends', async (t) => {
  for (const length of [100, 4096, 16_384, 65_536, 65_537]) {
    const { content, fault } = await inflate(t, Buffer.concat([memberOf('one\n', length), memberOf('two\n', 90)]));
    assert.equal(content.toString(), 'one\ntwo\n', `${length} bytes`);
    assert.equal(fault, undefined);
  }
});

test('next() takes zeros behind the last member for padding', async (t) => {
  const { content, fault } = await inflate(t, Buffer.concat([gzipSync('one\n'), Buffer.alloc(1000)]));
  assert.equal(content.toString(), 'one\n');
  assert.equal(fault, undefined);
});

for (const { name, bytes, good, at } of [
  {
    name: 'a checksum that is wrong',
    bytes: flipped(compressed, compressed.length - 6),
    good: content.length,
    at: compressed.length,
  },
  {
    name: 'a length that is wrong',
    bytes: flipped(compressed, compressed.length - 2),
    good: content.length,
    at: compressed.length,
  },
  {
    name: 'something else behind a member',
    bytes: Buffer.concat([compressed, Buffer.from('else')]),
    good: content.length,
    at: compressed.length,
  },
]) {
  test(`next() gives everything before ${name}, to the byte`, async (t) => {
    const { content: inflated, fault } = await inflate(t, bytes);
    assert.deepEqual(inflated, content.subarray(0, good));
    assert.ok(Math.abs(fault!.at - at) <= 8, `${fault!.at} instead of ${at}`);
  });
}

test('next() gives everything that a cut file holds', async (t) => {
  const whole = gzipSync(content, { level: 0 });
  const { content: inflated, fault } = await inflate(t, whole.subarray(0, 100_000));
  assert.ok(inflated.length > 99_000);
  assert.deepEqual(inflated, content.subarray(0, inflated.length));
  assert.equal(fault!.at, 100_000);
});

test('next() finds nothing in what is no gzip', async (t) => {
  const { content, fault } = await inflate(t, Buffer.from('text that is no gzip'));
  assert.equal(content.length, 0);
  assert.ok(fault!.at <= 2);
});

test('GZP-04 what expands a thousandfold takes no more memory than anything else', async (t) => {
  const size = 256 * 1024 * 1024;
  const bomb = gzipSync(Buffer.alloc(size, 'x'), { level: 1 });
  assert.ok(bomb.length < size / 200);
  const { inflation } = openBytes(t, bomb);
  let bytes = 0;
  let most = 0;
  const before = process.memoryUsage().arrayBuffers;
  for (let piece = await inflation.next(); piece !== undefined; piece = await inflation.next()) {
    bytes += piece.length;
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    free(piece);
  }
  assert.equal(bytes, size);
  assert.ok(most < 4 * 1024 * 1024, `${most} bytes`);
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 0xff;
  return copy;
}
