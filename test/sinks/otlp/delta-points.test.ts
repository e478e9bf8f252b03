import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LabelSet } from '../../../src/core/label-set.ts';
import type { ExponentialHistogramPoint, HistogramPoint, NumberPoint } from '../../../src/core/metric.ts';
import { DeltaPoints } from '../../../src/sinks/otlp/delta-points.ts';

const labels = LabelSet.empty;

function number(value: number, startUnixMs = 0): NumberPoint {
  return { kind: 'number', labels, value, startUnixMs };
}

test('DeltaPoints gives differences that add up to the total, each from where the one before ended', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1 }), (steps) => {
      const deltas = new DeltaPoints();
      let total = 0;
      let sum = 0;
      for (const [i, step] of steps.entries()) {
        total += step;
        const point = deltas.next('c', number(total), 1000 * (i + 1));
        assert.ok(point.kind === 'number');
        sum += point.value;
        assert.equal(point.startUnixMs, 1000 * i);
      }
      assert.equal(sum, total);
    }),
  );
});

test('DeltaPoints begins anew where the series did', () => {
  const deltas = new DeltaPoints();
  deltas.next('c', number(5, 10), 20);
  assert.deepEqual(deltas.next('c', number(2, 30), 40), number(2, 30));
  assert.deepEqual(deltas.next('other', number(7, 10), 40), number(7, 10));
  deltas.forget('c');
  assert.deepEqual(deltas.next('c', number(3, 30), 50), number(3, 30));
});

test('DeltaPoints gives no difference of a sum that is as infinite as before', () => {
  const deltas = new DeltaPoints();
  const infinite = number(Number.POSITIVE_INFINITY);
  deltas.next('c', number(1), 1);
  assert.deepEqual(deltas.next('c', infinite, 2), { ...infinite, startUnixMs: 1 });
  assert.deepEqual(deltas.next('c', infinite, 3), number(0, 2));
});

test('DeltaPoints takes histograms apart by bucket, whatever the producer does to its counts meanwhile', () => {
  const deltas = new DeltaPoints();
  const counts = [1, 2];
  const point = (): HistogramPoint => ({
    kind: 'histogram',
    labels,
    bounds: [1],
    counts,
    count: counts[0]! + counts[1]!,
    sum: 4,
    min: 0,
    max: 2,
  });
  deltas.next('h', point(), 1);
  counts[1] = 5;
  const { counts: differences, count, sum, min } = deltas.next('h', point(), 2) as HistogramPoint;
  assert.deepEqual({ differences, count, sum, min }, { differences: [0, 3], count: 3, sum: 0, min: undefined });
});

test('DeltaPoints takes exponential histograms apart by index, and sends them whole where buckets were joined', () => {
  const deltas = new DeltaPoints();
  const point = (scale: number, offset: number, counts: number[], count: number): ExponentialHistogramPoint => ({
    kind: 'exponential_histogram',
    labels,
    scale,
    zeroCount: 0,
    zeroThreshold: 0,
    positive: { offset, counts },
    negative: { offset: 0, counts: [] },
    count,
    sum: undefined,
  });
  deltas.next('e', point(2, 5, [3], 3), 1);
  const { positive } = deltas.next('e', point(2, 4, [1, 4], 5), 2) as ExponentialHistogramPoint;
  assert.deepEqual(positive, { offset: 4, counts: [1, 1] });
  const joined = point(1, 2, [6], 6);
  assert.deepEqual(deltas.next('e', joined, 3), joined);
});
