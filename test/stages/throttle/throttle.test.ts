import assert from 'node:assert/strict';
import { test } from 'node:test';
import { throttleStage } from '../../../src/stages/throttle/index.ts';
import { TokenBuckets } from '../../../src/stages/throttle/token-buckets.ts';
import {
  assertExample,
  batchOfObjects,
  buildStage,
  optionErrors,
  stageContext,
  type TestContext,
} from '../stage-fixture.ts';

test('the example of throttle holds', () => assertExample(throttleStage));

/** A stage that is asked how many of some records pass. */
function throttle(options: unknown): {
  context: TestContext;
  passing: (objects: readonly string[], stream?: string) => number;
} {
  const context = stageContext();
  const stage = buildStage(throttleStage, options, context);
  const passing = (objects: readonly string[], id = 'a'): number => {
    const batch = batchOfObjects(objects, context.keys);
    batch.stream = { ...batch.stream, id };
    stage.process(batch);
    return batch.count - (batch.drops.get('rate_limit') ?? 0);
  };
  return { context, passing };
}

const records = (count: number, object = '{"a":1}'): string[] => Array.from({ length: count }, () => object);

test('throttle lets a burst pass, then the rate', async () => {
  const { context, passing } = throttle({ rate: '10/s', burst: 30 });
  assert.equal(passing(records(100)), 30);
  assert.equal(passing(records(100)), 0);
  await context.clock.advance(1000);
  assert.equal(passing(records(100)), 10);
  await context.clock.advance(250);
  assert.equal(passing(records(100)), 2);
  await context.clock.advance(50);
  assert.equal(passing(records(100)), 1);
  await context.clock.advance(3_600_000);
  assert.equal(passing(records(100)), 30);
});

for (const { rate, burst } of [
  { rate: '100/s', burst: 100 },
  { rate: '0.5/s', burst: 1 },
  { rate: '120/m', burst: 2 },
  { rate: '1/h', burst: 1 },
]) {
  test(`throttle at ${rate} lets ${burst} pass at once`, () =>
    assert.equal(throttle({ rate }).passing(records(500)), burst));
}

test('throttle gives each stream the rate', () => {
  const { passing } = throttle({ rate: '10/s' });
  assert.deepEqual([passing(records(20), 'a'), passing(records(20), 'b'), passing(records(20), 'a')], [10, 10, 0]);
});

test('throttle gives each value the rate, over all streams, and one to the records without it', () => {
  const { passing } = throttle({ rate: '10/s', by: 'a' });
  assert.equal(passing([...records(20, '{"a":"x"}'), ...records(20, '{"a":"y"}'), ...records(5, '{"b":1}')], 's'), 25);
  assert.equal(passing([...records(20, '{"a":"x"}'), ...records(10, '{"b":1}')], 't'), 5);
});

test('throttle lets nobody pass it by using many values', async () => {
  const { context, passing } = throttle({ rate: '1/s', burst: 2, by: 'a', max_keys: 8 });
  const many = Array.from({ length: 1000 }, (_, i) => `{"a":"${i}"}`);
  // Eight values with one record each, and the two that the shared bucket holds.
  assert.equal(passing(many), 10);
  assert.equal(passing(many), 8);
  await context.clock.advance(2000);
  assert.equal(passing(many.toReversed()), 10);
});

test('throttle with over_limit: wait drops nothing, and has the source wait as long as the rate asks', async () => {
  const context = stageContext();
  const stage = buildStage(throttleStage, { rate: '10/s', burst: 30, over_limit: 'wait' }, context);
  const process = (count: number): { dropped: number; pauseMs: number } => {
    const batch = batchOfObjects(records(count), context.keys);
    stage.process(batch);
    return { dropped: batch.drops.size, pauseMs: Math.round(batch.pauseMs) };
  };
  assert.deepEqual(process(30), { dropped: 0, pauseMs: 0 });
  assert.deepEqual(process(20), { dropped: 0, pauseMs: 2000 });
  await context.clock.advance(2000);
  assert.deepEqual(process(1), { dropped: 0, pauseMs: 100 });
  await context.clock.advance(3_600_000);
  assert.deepEqual(process(30), { dropped: 0, pauseMs: 0 });
});

test('throttle with over_limit: wait waits for the value that is furthest beyond the rate', () => {
  const context = stageContext();
  const stage = buildStage(throttleStage, { rate: '1/s', by: 'a', over_limit: 'wait' }, context);
  const batch = batchOfObjects([...records(6, '{"a":"x"}'), ...records(3, '{"a":"y"}')], context.keys);
  stage.process(batch);
  assert.deepEqual([batch.drops.size, Math.round(batch.pauseMs)], [0, 5000]);
});

test('throttle leaves dropped records alone: they take no token', () => {
  const context = stageContext();
  const batch = batchOfObjects(records(3), context.keys);
  batch.drop(0, 'filter');
  buildStage(throttleStage, { rate: '1/s' }, context).process(batch);
  assert.deepEqual(
    [0, 1, 2].map((record) => batch.isLive(record)),
    [false, true, false],
  );
  assert.deepEqual(Object.fromEntries(batch.drops), { filter: 1, rate_limit: 1 });
});

test('a bucket never gives more than burst + rate · time', () => {
  const buckets = new TokenBuckets(0.05, 3, 64);
  let taken = 0;
  for (let nowMs = 0; nowMs <= 10_000; nowMs += 7) if (buckets.take(5, 6, nowMs)) taken++;
  assert.ok(taken <= 503 && taken >= 500, `${taken}`);
});

for (const { name, options, path } of [
  { name: 'no rate', options: {}, path: ['rate'] },
  { name: 'a rate without a unit', options: { rate: '100' }, path: ['rate'] },
  { name: 'a number as the rate', options: { rate: 100 }, path: ['rate'] },
  { name: 'a rate of 0', options: { rate: '0/s' }, path: ['rate'] },
  { name: 'a burst of 0', options: { rate: '1/s', burst: 0 }, path: ['burst'] },
  { name: 'to wait', options: { rate: '1/s', when_full: 'wait' }, path: ['when_full'] },
]) {
  test(`throttle refuses ${name}`, () => {
    assert.deepEqual(
      optionErrors(throttleStage, options).map((error) => error.path),
      [path],
    );
  });
}
