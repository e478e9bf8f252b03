import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { createCompressor } from '../../src/delivery/compression.ts';

const BODIES = ['', 'a', 'line of a log\n'.repeat(100_000), Array.from({ length: 50_000 }, (_, i) => i * i).join()];

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
}

test('createCompressor() gives the body itself, when there is no compression', async () => {
  const body = Buffer.from('body');
  const { contentEncoding, compress } = createCompressor('none');
  assert.equal(contentEncoding, undefined);
  assert.equal(await compress(body), body);
});
