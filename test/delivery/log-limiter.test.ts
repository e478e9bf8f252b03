import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { LogLimiter } from '../../src/delivery/log-limiter.ts';

test('LogLimiter.pass() lets one message of a key through in its interval, and says how many it held back', async () => {
  const clock = new FakeClock();
  const limiter = new LogLimiter(clock, 1000);
  assert.deepEqual(
    [limiter.pass('a'), limiter.pass('a'), limiter.pass('b'), limiter.pass('a')],
    [0, undefined, 0, undefined],
  );
  await clock.advance(999);
  assert.equal(limiter.pass('a'), undefined);
  await clock.advance(1);
  assert.deepEqual([limiter.pass('a'), limiter.pass('b')], [3, 0]);
});
