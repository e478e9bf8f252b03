import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { setUnixNano, unixNanoOf } from '../../src/bytes/unix-nano.ts';

const MAX_SECONDS = 18_446_744_073;

function unixNano(seconds: number, nanos: number): bigint | undefined {
  const column = new Uint32Array([1, 2, 3, 4]);
  if (!setUnixNano(column, 1, seconds, nanos)) return undefined;
  assert.deepEqual([...column.subarray(0, 2)], [1, 2], 'another record was written');
  return (BigInt(column[3]!) << 32n) | BigInt(column[2]!);
}

test('setUnixNano() is exact', () => {
  const seconds = fc.oneof(
    fc.integer({ min: 1, max: MAX_SECONDS - 1 }),
    fc.integer({ min: 1_700_000_000, max: 1_800_000_000 }),
    fc.integer({ min: 0, max: 34 }).map((bits) => 2 ** bits),
  );
  fc.assert(
    fc.property(seconds, fc.integer({ min: 0, max: 999_999_999 }), (seconds, nanos) => {
      assert.equal(unixNano(seconds, nanos), BigInt(seconds) * 1_000_000_000n + BigInt(nanos));
    }),
    { numRuns: 20_000 },
  );
});

for (const { name, seconds, nanos, expected } of [
  { name: 'writes the first nanosecond', seconds: 0, nanos: 1, expected: 1n },
  { name: 'writes the last one', seconds: MAX_SECONDS, nanos: 709_551_615, expected: 2n ** 64n - 1n },
  { name: 'refuses one nanosecond more', seconds: MAX_SECONDS, nanos: 709_551_616, expected: undefined },
  { name: 'refuses one second more', seconds: MAX_SECONDS + 1, nanos: 0, expected: undefined },
  { name: 'refuses a time before 1970', seconds: -1, nanos: 999_999_999, expected: undefined },
  { name: 'refuses 0, which means unknown', seconds: 0, nanos: 0, expected: undefined },
  { name: 'refuses what is no number', seconds: Number.NaN, nanos: 0, expected: undefined },
]) {
  test(`setUnixNano() ${name}`, () => assert.equal(unixNano(seconds, nanos), expected));
}

for (const { name, unixMs, expected } of [
  { name: 'takes parts of a millisecond', unixMs: 1_700_000_000_000.25, expected: 1_700_000_000_000_250_000n },
  { name: 'takes the last millisecond', unixMs: 18_446_744_073_708.5, expected: 18_446_744_073_708_500_000n },
  ...[-5, 18_446_744_073_710, 1e300, Number.NaN, Number.POSITIVE_INFINITY].map((unixMs) => {
    return { name: `gives 0 for ${unixMs}, which 64 bits cannot hold`, unixMs, expected: 0n };
  }),
]) {
  test(`unixNanoOf() ${name}`, () => assert.equal(unixNanoOf(unixMs), expected));
}
