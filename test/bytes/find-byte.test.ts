import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findByte, findEither } from '../../src/bytes/find-byte.ts';

const SLACK = 8;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const bytes = fc.array(fc.oneof(fc.constantFrom(QUOTE, BACKSLASH, QUOTE - 1, QUOTE + 1, 0, 0xff), fc.nat(255)), {
  maxLength: 60,
});

/** The bytes with wanted ones behind them, which must not be found. */
function viewOf(values: readonly number[]): DataView<ArrayBuffer> {
  return new DataView(Uint8Array.from([...values, ...Array<number>(SLACK).fill(QUOTE)]).buffer);
}

test('findByte() finds the first one of a span, or its end', () => {
  fc.assert(
    fc.property(bytes, fc.nat(10), (values, from) => {
      const found = values.indexOf(QUOTE, from);
      const expected = found >= 0 ? found : Math.max(from, values.length);
      assert.equal(findByte(viewOf(values), QUOTE, from, Math.max(from, values.length)), expected);
    }),
    { numRuns: 2000 },
  );
});

test('findEither() finds the first of two bytes, or says that there is none before the end', () => {
  fc.assert(
    fc.property(bytes, fc.nat(10), (values, from) => {
      const found = values.findIndex((byte, at) => at >= from && (byte === QUOTE || byte === BACKSLASH));
      const result = findEither(viewOf(values), QUOTE, BACKSLASH, from, values.length);
      if (found >= 0) assert.equal(result, found);
      else assert.ok(result >= values.length);
    }),
    { numRuns: 2000 },
  );
});
