import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Backoff } from '../../src/delivery/backoff.ts';

test('Backoff.nextMs() doubles up to the cap, and starts again, after reset()', () => {
  const backoff = new Backoff({ initialMs: 1000, maxMs: 5000, random: () => 1 });
  const waits = Array.from({ length: 5 }, () => backoff.nextMs());
  assert.deepEqual(waits, [1000, 2000, 4000, 5000, 5000]);
  backoff.reset();
  assert.equal(backoff.nextMs(), 1000);
});

test('Backoff.nextMs() never passes the cap, when it is below the first ceiling', () => {
  assert.equal(new Backoff({ initialMs: 1000, maxMs: 10, random: () => 1 }).nextMs(), 10);
});

test('Backoff.nextMs() draws from the whole range below the ceiling, whatever the random numbers', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.array(random, { minLength: 1, maxLength: 50 }), (numbers) => {
      let draw = 0;
      const backoff = new Backoff({ initialMs: 100, maxMs: 30_000, random: () => numbers[draw++]! });
      for (const [attempt, number] of numbers.entries()) {
        assert.equal(backoff.nextMs(), number * Math.min(100 * 2 ** attempt, 30_000));
      }
    }),
  );
});
