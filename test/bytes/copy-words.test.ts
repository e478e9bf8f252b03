import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { COPY_SLACK, copyShortText, copyText, copyWords } from '../../src/bytes/copy-words.ts';

/** The bytes behind `before` others, with room behind them, copied to another place; and where the copy ends. */
function copied(copy: typeof copyText, bytes: Uint8Array, before: number, at: number): { text: Buffer; end: number } {
  const source = Buffer.alloc(before + bytes.length + COPY_SLACK, 0xff);
  source.set(bytes, before);
  const target = Buffer.alloc(at + bytes.length + COPY_SLACK);
  const view = ({ buffer, byteOffset, length }: Buffer): DataView<ArrayBuffer> =>
    new DataView(buffer as ArrayBuffer, byteOffset, length);
  const end = copy(view(target), at, view(source), before, before + bytes.length);
  return { text: target.subarray(at, end), end };
}

const place = fc.nat({ max: 16 });
/** Characters of each length, and those next to which a double would be a NaN. */
const text = fc.string({
  unit: fc.constantFrom('a', '\x7f', '\x00', 'é', '€', '😀', '\u{10ffff}', '\uffff'),
  maxLength: 300,
});

for (const copy of [copyText, copyShortText]) {
  test(`${copy.name}() copies text as it is, wherever it lies`, () => {
    fc.assert(
      fc.property(text, place, place, (text, before, at) => {
        const bytes = Buffer.from(text);
        const { text: copiedText, end } = copied(copy, bytes, before, at);
        assert.deepEqual(copiedText, bytes);
        assert.equal(end, at + bytes.length);
      }),
      { numRuns: 2000 },
    );
  });
}

test('copyWords() copies any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), place, place, (bytes, before, at) => {
      assert.deepEqual(copied(copyWords, bytes, before, at).text, Buffer.from(bytes));
    }),
    { numRuns: 2000 },
  );
});
