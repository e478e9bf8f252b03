import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isoNanoText, splitUnixNano, writeUnixNano } from '../../../src/codec/json/unix-nano-text.ts';

function halves(nanos: bigint): [low: number, high: number] {
  return [Number(nanos & 0xffffffffn), Number(nanos >> 32n)];
}

/** Near whole seconds is where a rounded quotient would be one off. */
const nearSecond = fc
  .tuple(fc.bigInt({ min: 1n, max: 18_446_744_073n }), fc.bigInt({ min: -3n, max: 3n }))
  .map(([seconds, more]) => seconds * 1_000_000_000n + more);
const unixNano = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), nearSecond, fc.bigInt({ min: 0n, max: 10n }));

test('splitUnixNano() is exact over 64 bits', () => {
  const time = { seconds: 0, nanos: 0 };
  fc.assert(
    fc.property(unixNano, (nanos) => {
      splitUnixNano(...halves(nanos), time);
      assert.deepEqual(time, { seconds: Number(nanos / 1_000_000_000n), nanos: Number(nanos % 1_000_000_000n) });
    }),
    { numRuns: 10_000 },
  );
});

test('writeUnixNano() writes every digit, and no zero before the first', () => {
  const bytes = Buffer.alloc(24);
  fc.assert(
    fc.property(unixNano, (nanos) => {
      const end = writeUnixNano(bytes, 2, ...halves(nanos));
      assert.equal(bytes.toString('latin1', 2, end), String(nanos));
    }),
    { numRuns: 10_000 },
  );
});

for (const { nanos, expected } of [
  { nanos: 0n, expected: '1970-01-01T00:00:00.000000000Z' },
  { nanos: 1_581_452_773_000_000_789n, expected: '2020-02-11T20:26:13.000000789Z' },
  { nanos: 2n ** 64n - 1n, expected: '2554-07-21T23:34:33.709551615Z' },
]) {
  test(`isoNanoText() writes ${expected}`, () => assert.equal(isoNanoText(...halves(nanos)), expected));
}
