import assert from 'node:assert/strict';
import { appendFileSync, openSync, realpathSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { InflatedFile } from '../../../src/sources/file/inflated-file.ts';
import { OpenFile } from '../../../src/sources/file/open-file.ts';
import type { StreamContent } from '../../../src/sources/file/stream-content.ts';
import { surveyGzip } from '../../../src/sources/file/survey.ts';
import { temporaryFolder } from '../../harness/files.ts';

/** One way of having content in a file. */
interface Implementation {
  readonly name: string;
  /** The bytes of a file with that content. */
  readonly encode: (content: Buffer) => Buffer;
  readonly open: (path: string) => Promise<StreamContent>;
}

const implementations: Implementation[] = [
  {
    name: 'OpenFile',
    encode: (content) => content,
    open: (path) => Promise.resolve(new OpenFile(openSync(path, 'r'))),
  },
  {
    name: 'InflatedFile',
    // Members of any size, so that they end everywhere.
    encode: (content) => {
      const members = [];
      for (let start = 0; start < content.length; start += 70_001) {
        members.push(gzipSync(content.subarray(start, start + 70_001), { level: 1 }));
      }
      return Buffer.concat([...members, gzipSync('')]);
    },
    open: async (path) => {
      const file = new OpenFile(openSync(path, 'r'));
      const survey = await surveyGzip(
        file,
        () => [],
        () => false,
      );
      const { size, version, compressed } = survey!;
      return new InflatedFile(file, { size, version, compressedSize: compressed.offset });
    },
  },
];

const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i * 31 + (i >> 7)) & 0x3f));

async function openWith(t: TestContext, { encode, open }: Implementation, content: Buffer) {
  const path = join(realpathSync(temporaryFolder(t)), 'file');
  writeFileSync(path, encode(content));
  const file = await open(path);
  t.after(() => file.close());
  return { path, file };
}

async function readAt(file: StreamContent, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length + 10, 0xff);
  const count = await file.read(buffer, 5, length, position);
  assert.ok(
    buffer.subarray(0, 5).every((byte) => byte === 0xff),
    'it wrote before the place',
  );
  assert.ok(
    buffer.subarray(5 + count).every((byte) => byte === 0xff),
    'it wrote behind what it read',
  );
  return buffer.subarray(5, 5 + count);
}

for (const implementation of implementations) {
  const { name } = implementation;

  test(`${name}: read() gives what is there, anywhere, fewer bytes at the end only`, async (t) => {
    const { file } = await openWith(t, implementation, bytes);
    const places = fc.array(
      fc.record({
        position: fc.integer({ min: 0, max: bytes.length + 10 }),
        length: fc.integer({ min: 0, max: 100_000 }),
      }),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(places, async (places) => {
        for (const { position, length } of places) {
          assert.deepEqual(await readAt(file, position, length), bytes.subarray(position, position + length));
        }
      }),
      { numRuns: 25 },
    );
  });

  test(`${name}: read() gives the same in steps that begin a little before the last one ended`, async (t) => {
    const { file } = await openWith(t, implementation, bytes);
    for (let end = 0; end < bytes.length; ) {
      const start = Math.max(0, end - 256);
      const slice = await readAt(file, start, 40_000);
      assert.deepEqual(slice, bytes.subarray(start, start + 40_000));
      end = start + slice.length;
    }
  });

  test(`${name}: stat() tells size and number of names`, async (t) => {
    const { path, file } = await openWith(t, implementation, bytes);
    assert.equal(file.stat().size, bytes.length);
    assert.equal(file.stat().nlink, 1);
    unlinkSync(path);
    assert.equal(file.stat().nlink, 0);
    assert.deepEqual(await readAt(file, 1000, 10), bytes.subarray(1000, 1010));
  });

  test(`${name}: versionAt() is the same until the file changes, and empty for another size`, async (t) => {
    const { path, file } = await openWith(t, implementation, bytes);
    const version = file.versionAt(bytes.length);
    assert.notEqual(version, '');
    assert.equal(file.versionAt(bytes.length), version);
    assert.equal(file.versionAt(bytes.length - 1), '');
    appendFileSync(path, 'more');
    assert.equal(file.versionAt(bytes.length), '');
  });

  test(`${name}: reads nothing of what is empty`, async (t) => {
    const { file } = await openWith(t, implementation, Buffer.alloc(0));
    assert.equal(file.stat().size, 0);
    assert.equal((await readAt(file, 0, 10)).length, 0);
  });
}

test('InflatedFile: is seen to shrink when the file no longer holds what it held', async (t) => {
  const [, inflated] = implementations;
  const { path, file } = await openWith(t, inflated!, bytes);
  writeFileSync(path, gzipSync('short'));
  assert.equal((await readAt(file, 0, 1000)).toString(), 'short');
  assert.equal(file.stat().size, 5);
});
