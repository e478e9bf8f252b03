import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Int64, parseInt64 } from '../../src/bytes/int64.ts';

const HALVES: Int64 = new Int32Array(2);

/** What `parseInt64()` makes of the text, between other digits, as a 64-bit integer. */
function parsed(text: string): bigint {
  const bytes = new Uint8Array(Buffer.from(`789${text}123456789`));
  parseInt64(new DataView(bytes.buffer), 3, 3 + text.length, HALVES);
  return (BigInt(HALVES[1]!) << 32n) | BigInt(HALVES[0]! >>> 0);
}

test('parseInt64() is exact at the edges of its parts', () => {
  const edges = [0n, 1n, 9n, 10n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n - 1n];
  for (let digits = 1n; digits <= 18n; digits++) edges.push(10n ** digits - 1n, 10n ** digits);
  for (const edge of edges) {
    assert.equal(parsed(String(edge)), edge);
    assert.equal(parsed(`-${edge}`), -edge);
  }
  assert.equal(parsed(String(-(2n ** 63n))), -(2n ** 63n));
});

test('parseInt64() is exact for every integer of 64 bits, whatever its length', () => {
  const anyLength = fc
    .tuple(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.integer({ min: 0, max: 63 }))
    .map(([value, shift]) => value >> BigInt(shift));
  fc.assert(
    fc.property(anyLength, (value) => assert.equal(parsed(String(value)), value)),
    { numRuns: 5000 },
  );
});
