import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { linesOf } from '../../src/kubernetes/line-stream.ts';

async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const read: string[] = [];
  for await (const line of lines) read.push(line);
  return read;
}

async function* inParts(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const cut of cuts) {
    yield bytes.subarray(at, (at += cut));
  }
  yield bytes.subarray(at);
}

test('linesOf() gives the same lines however the bytes come', async () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'ä', '😀', '{', '\r') });
  await fc.assert(
    fc.asyncProperty(fc.array(line), line, fc.array(fc.integer({ min: 1, max: 9 })), async (lines, rest, cuts) => {
      const text = lines.map((one) => `${one}\n`).join('') + rest;
      const read = await all(linesOf(inParts(Buffer.from(text), cuts), 1000));
      assert.deepEqual(read, rest === '' ? lines : [...lines, rest]);
    }),
  );
});

test('linesOf() refuses a line that is too long', async () => {
  await assert.rejects(all(linesOf(inParts(Buffer.alloc(100, 'a'), [10, 10]), 50)), RangeError);
});
