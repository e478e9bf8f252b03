import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Output } from '../../src/core/contracts.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import type { MetricSet } from '../../src/core/metric.ts';
import { Resource } from '../../src/core/resource.ts';
import { IntervalSource } from '../../src/sources/interval-source.ts';

const nothing: Output = {
  rent: () => Promise.reject(new Error('Nothing is read')),
  send: () => {},
  giveBack: () => {},
};

function setAt(unixMs: number): MetricSet {
  return { resource: new Resource(), scope: { name: '', version: '' }, naming: 'otlp', unixMs, families: [] };
}

test('IntervalSource takes readings at once and at each interval, tells who listens, and ends with the drain', async () => {
  const clock = new FakeClock();
  let readings = 0;
  const source = new IntervalSource({ read: async () => [setAt(++readings)], intervalMs: 1000, clock });
  assert.deepEqual(source.metrics.collect(), []);
  const heard: number[] = [];
  const quiet = source.metrics.onUpdate?.(() => heard.push(source.metrics.collect()[0]!.unixMs));
  const drain = new AbortController();
  const run = source.run(nothing, { drain: drain.signal, stop: new AbortController().signal });
  await clock.untilSleeping();
  await clock.advance(1000);
  await clock.untilSleeping();
  assert.deepEqual(heard, [1, 2]);
  quiet?.();
  await clock.advance(1000);
  await clock.untilSleeping();
  assert.equal(readings, 3);
  drain.abort();
  await run;
  assert.deepEqual(heard, [1, 2]);
  assert.equal(source.metrics.collect()[0]?.unixMs, 3, 'the last readings stay');
});

test('IntervalSource does not make up for times that have passed', async () => {
  const clock = new FakeClock();
  const starts: number[] = [];
  const read = async () => {
    starts.push(clock.nowMs());
    if (starts.length === 1) await clock.sleep(3500, new AbortController().signal);
    return [];
  };
  const stop = new AbortController();
  const run = new IntervalSource({ read, intervalMs: 1000, clock }).run(nothing, {
    drain: new AbortController().signal,
    stop: stop.signal,
  });
  await clock.untilSleeping();
  await clock.advance(3500);
  await clock.untilSleeping();
  await clock.advance(1000);
  await clock.untilSleeping();
  stop.abort();
  await run;
  const [first = 0] = starts;
  assert.deepEqual(
    starts.map((start) => start - first),
    [0, 3500, 4500],
  );
});
