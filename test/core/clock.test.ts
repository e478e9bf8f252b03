import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, test } from 'node:test';
import { type Clock, SystemClock } from '../../src/core/clock.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';

/** What every clock must do; `pass` lets `ms` go by. */
function describeClock(name: string, create: () => { clock: Clock; pass: (ms: number) => Promise<void> }): void {
  describe(`${name} after()`, () => {
    test('calls once when the time is over, and not where that was called off', async () => {
      const { clock, pass } = create();
      const called: string[] = [];
      await new Promise<void>((resolve) => {
        const callOff = clock.after(5, () => called.push('called off'));
        const callOffLater = clock.after(10, () => {
          called.push('due');
          // Too late: this changes nothing.
          callOffLater();
          resolve();
        });
        callOff();
        void pass(20);
      });
      await pass(20);
      assert.deepEqual(called, ['due']);
    });
  });

  describe(`${name} sleep()`, () => {
    test('resolves when the time is over, and leaves no listener', async () => {
      const { clock, pass } = create();
      const { signal } = new AbortController();
      const startMs = clock.nowMs();
      const sleeping = clock.sleep(20, signal);
      assert.equal(getEventListeners(signal, 'abort').length, 1);
      await pass(20);
      await sleeping;
      // A timer may fire up to a millisecond early.
      assert.ok(clock.nowMs() - startMs >= 19);
      assert.equal(getEventListeners(signal, 'abort').length, 0);
    });

    test('resolves as soon as the signal aborts, and leaves no listener', async () => {
      const { clock } = create();
      const controller = new AbortController();
      const sleeping = clock.sleep(3_600_000, controller.signal);
      controller.abort();
      await sleeping;
      assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
    });

    test('resolves at once when the signal has aborted, and adds no listener', async () => {
      const { clock } = create();
      const signal = AbortSignal.abort();
      await clock.sleep(3_600_000, signal);
      assert.equal(getEventListeners(signal, 'abort').length, 0);
    });

    for (const ms of [0, -1]) {
      test(`resolves soon for ${ms} ms`, async () => {
        const { clock, pass } = create();
        const sleeping = clock.sleep(ms);
        await pass(0);
        await sleeping;
      });
    }

    for (const ms of [2 ** 31, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]) {
      test(`sleeps for ${ms} ms, which is more than a timer takes`, async () => {
        const { clock, pass } = create();
        const controller = new AbortController();
        let isAwake = false;
        const sleeping = clock.sleep(ms, controller.signal).then(() => {
          isAwake = true;
        });
        await pass(20);
        assert.equal(isAwake, false);
        controller.abort();
        await sleeping;
      });
    }
  });
}

describeClock('SystemClock', () => {
  const clock = new SystemClock();
  return { clock, pass: (ms) => clock.sleep(ms) };
});

describeClock('FakeClock', () => {
  const clock = new FakeClock();
  return { clock, pass: (ms) => clock.advance(ms) };
});

test('SystemClock nowMs() never goes back, and unixMs() is the time of the day', () => {
  const clock = new SystemClock();
  const times = Array.from({ length: 100 }, () => clock.nowMs());
  assert.deepEqual(
    times.toSorted((a, b) => a - b),
    times,
  );
  const beforeMs = Date.now();
  const unixMs = clock.unixMs();
  assert.ok(beforeMs <= unixMs && unixMs <= Date.now());
});
