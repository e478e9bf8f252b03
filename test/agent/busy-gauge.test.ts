import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusyGauge } from '../../src/agent/busy-gauge.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';

function setUp() {
  const clock = new FakeClock();
  let calls = 0;
  let settledCalls = 0;
  const gauge = new BusyGauge(clock, { onBusy: () => calls++, onSettled: () => settledCalls++ });
  return { clock, gauge, calls: () => calls, settledCalls: () => settledCalls };
}

test('add() tells once, when a mebibyte came at one time', () => {
  const { gauge, calls } = setUp();
  for (let batch = 0; batch < 3; batch++) gauge.add(256 * 1024);
  assert.equal(calls(), 0);
  for (let batch = 0; batch < 9; batch++) gauge.add(256 * 1024);
  assert.equal(calls(), 1);
});

test('add() tells at once, when as much lies there already', () => {
  const { gauge, calls } = setUp();
  gauge.add(256 * 1024, 600 * 1024);
  assert.equal(calls(), 0);
  gauge.add(1024, 800 * 1024);
  assert.equal(calls(), 1);
  gauge.add(256 * 1024, 800 * 1024);
  assert.equal(calls(), 1);
});

test('add() tells once, when a thousand files with a line each came at one time', () => {
  const { gauge, calls } = setUp();
  for (let batch = 0; batch < 500; batch++) gauge.add(10);
  assert.equal(calls(), 0);
  for (let batch = 0; batch < 500; batch++) gauge.add(10);
  assert.equal(calls(), 1);
});

test('add() takes 64 KiB a second for ever, and more than that only for a while', async () => {
  const { clock, gauge, calls } = setUp();
  const secondsUntilBusy = async (bytesPerSecond: number, seconds: number): Promise<number> => {
    for (let second = 1; second <= seconds; second++) {
      await clock.advance(1000);
      gauge.add(bytesPerSecond);
      if (calls() > 0) return second;
    }
    return Number.POSITIVE_INFINITY;
  };
  assert.equal(await secondsUntilBusy(62 * 1024, 10_000), Number.POSITIVE_INFINITY);
  assert.equal(await secondsUntilBusy(126 * 1024, 100), 15);
});

test('add() tells once more, when 32 MiB have come in since it was busy', () => {
  const { gauge, calls, settledCalls } = setUp();
  gauge.add(2 * 1024 * 1024);
  assert.equal(calls(), 1);
  for (let batch = 0; batch < 127; batch++) gauge.add(256 * 1024);
  assert.equal(settledCalls(), 0);
  for (let batch = 0; batch < 300; batch++) gauge.add(256 * 1024);
  assert.equal(settledCalls(), 1);
  assert.equal(calls(), 1);
});
