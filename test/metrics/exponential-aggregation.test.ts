import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { LabelSet } from '../../src/core/label-set.ts';
import type { ExponentialHistogramPoint } from '../../src/core/metric.ts';
import { ExponentialAggregation } from '../../src/metrics/exponential-aggregation.ts';
import { bucketOf, MAX_SCALE, MIN_SCALE } from '../../src/metrics/exponential-buckets.ts';

const HEAD = { labels: LabelSet.empty, startUnixMs: 0, exemplars: undefined };

/** A finite number that is not 0, of any size. */
const amount = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true, min: Number.MIN_VALUE }),
  fc.double({ noNaN: true, min: 1e-3, max: 100 }),
  fc.integer({ min: -1000, max: 1000 }).map((exponent) => 2 ** exponent),
);
const value = fc.oneof(
  amount,
  amount.map((value) => -value),
  fc.constant(0),
);

function pointOf(aggregation: ExponentialAggregation, column: Float64Array): ExponentialHistogramPoint {
  const point = aggregation.point(column, 0, HEAD);
  assert.ok(point.kind === 'exponential_histogram');
  return point;
}

/** The state of these values, in as many batches as there are lists. */
function stateOf(aggregation: ExponentialAggregation, batches: readonly (readonly number[])[]): Float64Array {
  const state = new Float64Array(aggregation.width);
  aggregation.clear(state, 0);
  for (const batch of batches) {
    const delta = new Float64Array(aggregation.width);
    aggregation.clear(delta, 0);
    for (const one of batch) aggregation.record(delta, 0, one);
    aggregation.merge(state, 0, delta, 0);
  }
  return state;
}

describe('bucketOf()', () => {
  for (const { scale, value, expected } of [
    { scale: 0, value: 1, expected: -1 },
    { scale: 0, value: 1.5, expected: 0 },
    { scale: 0, value: 2, expected: 0 },
    { scale: 0, value: 4.0001, expected: 2 },
    { scale: 1, value: 2, expected: 1 },
    { scale: 1, value: 2 ** 0.75, expected: 1 },
    { scale: -1, value: 4, expected: 0 },
    { scale: -1, value: 5, expected: 1 },
    { scale: MAX_SCALE, value: 0.5, expected: -(2 ** MAX_SCALE) - 1 },
    { scale: MIN_SCALE, value: Number.MAX_VALUE, expected: 0 },
    { scale: MIN_SCALE, value: Number.MIN_VALUE, expected: -1 },
  ]) {
    test(`gives ${expected} for ${value} at scale ${scale}`, () => assert.equal(bucketOf(value, scale), expected));
  }

  test('gives a bucket whose bounds hold the value, at every scale', () => {
    fc.assert(
      fc.property(amount, fc.integer({ min: MIN_SCALE, max: MAX_SCALE }), (value, scale) => {
        const bucket = bucketOf(value, scale);
        const place = Math.log2(value) * 2 ** scale;
        assert.ok(place > bucket - 1e-6 && place <= bucket + 1 + 1e-6, `${place} in ${bucket}`);
        if (scale > MIN_SCALE) assert.equal(bucketOf(value, scale - 1), bucket >> 1);
      }),
    );
  });
});

describe('ExponentialAggregation', () => {
  test('counts every value in its bucket, whatever they are and however they come in batches', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(value, { maxLength: 20 }), { maxLength: 8 }),
        fc.integer({ min: 2, max: 40 }),
        (batches, max) => {
          const aggregation = new ExponentialAggregation(max);
          const state = stateOf(aggregation, batches);
          assert.ok(aggregation.isValid(state, 0));
          const point = pointOf(aggregation, state);
          const values = batches.flat();
          assert.equal(point.count, values.length);
          assert.equal(point.zeroCount, values.filter((value) => value === 0).length);
          for (const [buckets, sign] of [
            [point.positive, 1],
            [point.negative, -1],
          ] as const) {
            assert.ok(buckets.counts.length <= max);
            const expected = new Map<number, number>();
            for (const value of values) {
              if (Math.sign(value) !== sign) continue;
              const bucket = bucketOf(Math.abs(value), point.scale);
              expected.set(bucket, (expected.get(bucket) ?? 0) + 1);
            }
            const actual = Array.from(buckets.counts, (count, i) => [buckets.offset + i, count] as const);
            assert.deepEqual(
              new Map(actual.filter(([, count]) => count > 0)),
              new Map([...expected].sort(([a], [b]) => a - b)),
            );
          }
          if (values.length > 0) assert.deepEqual([point.min, point.max], [Math.min(...values), Math.max(...values)]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('gives the same buckets for batches in another order', () => {
    fc.assert(
      fc.property(fc.array(fc.array(value, { minLength: 1, maxLength: 5 }), { maxLength: 6 }), (batches) => {
        const aggregation = new ExponentialAggregation(8);
        const [one, other] = [stateOf(aggregation, batches), stateOf(aggregation, batches.toReversed())];
        const shown = (state: Float64Array): unknown => {
          const { scale, zeroCount, positive, negative, count, min, max } = pointOf(aggregation, state);
          const runs = [positive, negative].map(({ offset, counts }) =>
            counts.length === 0 ? [] : [offset, ...Array.from(counts)],
          );
          return { scale, zeroCount, runs, count, min, max };
        };
        assert.deepEqual(shown(one), shown(other));
      }),
    );
  });

  test('stays at a scale that Prometheus knows with 140 buckets, whatever the values are', () => {
    const aggregation = new ExponentialAggregation(140);
    const { scale } = pointOf(aggregation, stateOf(aggregation, [[Number.MIN_VALUE], [1, Number.MAX_VALUE]]));
    assert.equal(scale, -4);
  });

  test('keeps the finest buckets as long as they are enough', () => {
    const aggregation = new ExponentialAggregation(160);
    assert.equal(pointOf(aggregation, stateOf(aggregation, [[1, 1, 1]])).scale, MAX_SCALE);
    const spread = pointOf(aggregation, stateOf(aggregation, [[0.001, 10]]));
    assert.ok(spread.scale >= 3 && spread.scale <= 4, String(spread.scale));
  });
});
