import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { BoundLines, UNTERMINATED } from '../../../src/sources/stdin/bound-lines.ts';

async function bound(chunks: readonly Uint8Array[], maxLineBytes: number) {
  const bounded = new BoundLines(maxLineBytes);
  const pieces = await Readable.from(chunks.map((chunk) => Buffer.from(chunk)))
    .pipe(bounded)
    .toArray();
  return { text: (pieces as string[]).join(''), skippedBytes: bounded.skippedBytes };
}

for (const { name, input, expected, skippedBytes } of [
  { name: 'passes lines that fit on', input: 'abcd\n\nab\n', expected: 'abcd\n\nab\n', skippedBytes: 0 },
  { name: 'cuts a line that is too long', input: 'abcdefg\nhi\n', expected: 'abcd\nhi\n', skippedBytes: 3 },
  { name: 'cuts several in one piece', input: 'abcde\nabcdef\nx\n', expected: 'abcd\nabcd\nx\n', skippedBytes: 3 },
  { name: 'tells that the last line was not ended', input: 'a\nb', expected: `a\nb${UNTERMINATED}`, skippedBytes: 0 },
  { name: 'cuts a line without an end', input: 'abcdefg', expected: `abcd${UNTERMINATED}`, skippedBytes: 3 },
]) {
  test(`BoundLines ${name}`, async () => {
    assert.deepEqual(await bound([Buffer.from(input)], 4), { text: expected, skippedBytes });
  });
}

test('BoundLines cuts the same lines at the same place, however the bytes arrive', async () => {
  const byte = fc.oneof(fc.constant(0x0a), fc.nat({ max: 255 }));
  const chunks = fc.array(
    fc.array(byte, { maxLength: 20 }).map((bytes) => Uint8Array.from(bytes)),
    { maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(chunks, fc.integer({ min: 1, max: 6 }), async (chunks, maxLineBytes) => {
      const whole = Buffer.concat(chunks).toString('latin1');
      const lines = whole.split('\n').map((line) => line.slice(0, maxLineBytes));
      const isOpen = whole !== '' && !whole.endsWith('\n');
      const text = lines.join('\n') + (isOpen ? UNTERMINATED : '');
      const skippedBytes = whole.length - lines.join('\n').length;
      assert.deepEqual(await bound(chunks, maxLineBytes), { text, skippedBytes });
    }),
    { numRuns: 200 },
  );
});
