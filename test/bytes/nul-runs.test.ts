import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { endOfNuls, startOfLastNuls } from '../../src/bytes/nul-runs.ts';

/** Bytes with long runs of NULs in them, around the size of the blocks that are compared at once. */
const run = fc.tuple(fc.constantFrom(0, 1, 5, 4095, 4096, 4097, 9000), fc.boolean());
const bytes = fc
  .array(run, { maxLength: 4 })
  .map((runs) => Buffer.concat(runs.map(([length, isNul]) => Buffer.alloc(length, isNul ? 0 : 1))));

test('endOfNuls() and startOfLastNuls() find the runs at both ends, whatever lies around the range', () => {
  fc.assert(
    fc.property(bytes, fc.nat(3), fc.nat(3), (bytes, before, behind) => {
      const all = Buffer.concat([Buffer.alloc(before), bytes, Buffer.alloc(behind)]);
      const end = before + bytes.length;
      const first = bytes.findIndex((byte) => byte !== 0);
      const last = bytes.findLastIndex((byte) => byte !== 0);
      assert.equal(endOfNuls(all, before, end), first === -1 ? end : before + first);
      assert.equal(startOfLastNuls(all, before, end), before + last + 1);
    }),
    { numRuns: 200 },
  );
});
