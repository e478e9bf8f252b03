import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { Pacer } from '../../src/delivery/pacer.ts';
import { settled } from './fixtures.ts';

/** When a wait of `delayMs` ended, or undefined while it goes on. */
function watch(pacer: Pacer, clock: FakeClock, delayMs: number): { endedMs: number | undefined } {
  const watched: { endedMs: number | undefined } = { endedMs: undefined };
  void pacer.wait(delayMs).then(() => {
    watched.endedMs = clock.nowMs();
  });
  return watched;
}

test('Pacer.wait() waits for its own delay, without a pause', async () => {
  const clock = new FakeClock();
  const pacer = new Pacer(clock);
  const [now, later] = [watch(pacer, clock, 0), watch(pacer, clock, 500)];
  await settled();
  assert.deepEqual([now.endedMs, later.endedMs], [0, undefined]);
  await clock.advance(1000);
  assert.equal(later.endedMs, 500);
});

test('Pacer.pause() holds back those who wait already, and is not cut short by a smaller one', async () => {
  const clock = new FakeClock();
  const pacer = new Pacer(clock);
  const waiting = watch(pacer, clock, 500);
  pacer.pause(2000);
  pacer.pause(10);
  const later = watch(pacer, clock, 0);
  await clock.advance(1999);
  assert.deepEqual([waiting.endedMs, later.endedMs], [undefined, undefined]);
  await clock.advance(1);
  assert.deepEqual([waiting.endedMs, later.endedMs], [2000, 2000]);
});

test('Pacer.wait() says whether it was cut short', async () => {
  const pacer = new Pacer(new FakeClock());
  const cut = pacer.wait(500);
  pacer.hurry();
  assert.deepEqual([await cut, await pacer.wait(0)], [true, false]);
});

test('Pacer.hurry() ends the pause and every wait, but none that begins later', async () => {
  const clock = new FakeClock();
  const pacer = new Pacer(clock);
  pacer.pause(60_000);
  const waiting = watch(pacer, clock, 500);
  await clock.untilSleeping();
  pacer.hurry();
  const later = watch(pacer, clock, 500);
  await settled();
  assert.deepEqual([waiting.endedMs, later.endedMs], [0, undefined]);
  await clock.advance(500);
  assert.equal(later.endedMs, 500);
});

test('BPR-04 Pacer.answered() ends the back-off of all who wait when the peer is back, but no pause', async () => {
  const clock = new FakeClock();
  const pacer = new Pacer(clock);
  const waiting = watch(pacer, clock, 30_000);
  await clock.advance(2000);
  pacer.pause(500);
  pacer.answered();
  await settled();
  assert.equal(waiting.endedMs, undefined);
  await clock.advance(500);
  assert.equal(waiting.endedMs, 2500);
});

test('Pacer.answered() ends no wait of a request that fails while others are answered', async () => {
  const clock = new FakeClock();
  const pacer = new Pacer(clock);
  pacer.answered();
  const waiting = watch(pacer, clock, 3000);
  for (let ms = 0; ms < 2500; ms += 500) {
    await clock.advance(500);
    pacer.answered();
    await settled();
  }
  assert.equal(waiting.endedMs, undefined);
  await clock.advance(500);
  assert.equal(waiting.endedMs, 3000);
});
