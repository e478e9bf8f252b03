import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '../../src/core/fake-clock.ts';

describe('FakeClock', () => {
  test('stands still until it is moved', async () => {
    const clock = new FakeClock(1000);
    const beforeMs = clock.nowMs();
    await new Promise(setImmediate);
    assert.equal(clock.nowMs(), beforeMs);
    assert.equal(clock.unixMs(), 1000);
    await clock.advance(5);
    assert.equal(clock.nowMs() - beforeMs, 5);
    assert.equal(clock.unixMs(), 1005);
  });

  test('advance() wakes sleepers when they are due, in that order, and nobody else', async () => {
    const clock = new FakeClock();
    const woken: [name: string, atMs: number][] = [];
    const sleep = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms);
      woken.push([name, clock.nowMs()]);
    };
    const sleeping = [sleep('late', 30), sleep('early', 10), sleep('as early', 10), sleep('later', 31)];
    await clock.advance(30);
    assert.deepEqual(woken, [
      ['early', 10],
      ['as early', 10],
      ['late', 30],
    ]);
    assert.equal(clock.sleeping, 1);
    await clock.advance(1);
    await Promise.all(sleeping);
    assert.deepEqual(woken.at(-1), ['later', 31]);
  });

  test('advance() wakes who falls asleep again on the way', async () => {
    const clock = new FakeClock();
    let rounds = 0;
    const loop = (async () => {
      for (; rounds < 5; rounds++) await clock.sleep(10);
    })();
    await clock.advance(50);
    await loop;
    assert.equal(rounds, 5);
    assert.equal(clock.nowMs(), 50);
  });

  test('untilSleeping() resolves when that many sleep, also at once', async () => {
    const clock = new FakeClock();
    const two = clock.untilSleeping(2).then(() => clock.sleeping);
    const sleeping = [clock.sleep(1), clock.sleep(1)];
    assert.equal(await two, 2);
    await clock.untilSleeping(2);
    await clock.advance(1);
    await Promise.all(sleeping);
    assert.equal(clock.sleeping, 0);
  });
});
