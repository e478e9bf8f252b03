import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { createCompressor } from '../../src/delivery/compression.ts';

/** Small, large, and so random that the output comes in several pieces. */
const BODIES = ['', 'a', 'line of a log\n'.repeat(100_000), randomBytes(300_000).toString('latin1')];

for (const { compression, decompress } of [
  { compression: 'gzip', decompress: gunzipSync },
  { compression: 'zstd', decompress: zstdDecompressSync },
] as const) {
  for (const text of BODIES) {
    test(`createCompressor() makes ${compression} that others read, of ${text.length} bytes`, async () => {
      const { contentEncoding, compress } = createCompressor(compression);
      assert.equal(contentEncoding, compression);
      assert.equal(decompress(await compress(Buffer.from(text))).toString(), text);
    });
  }

  test(`createCompressor() keeps memory flat with ${compression}, when what it made is released`, async () => {
    const { compress, release } = createCompressor(compression);
    const body = randomBytes(2 ** 20);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 50; i++) {
      const compressed = await compress(body);
      assert.ok(compressed.length > 2 ** 20);
      release(compressed);
      assert.equal(compressed.length, 0);
    }
    const grownBytes = process.memoryUsage().arrayBuffers - before;
    assert.ok(grownBytes < 10 * 2 ** 20, `${grownBytes} bytes more`);
  });
}

test('createCompressor() gives the body itself, when there is no compression', async () => {
  const body = Buffer.from('body');
  const { contentEncoding, compress, release } = createCompressor('none');
  assert.equal(contentEncoding, undefined);
  assert.equal(await compress(body), body);
  release(body);
  assert.equal(body.toString(), 'body');
});
