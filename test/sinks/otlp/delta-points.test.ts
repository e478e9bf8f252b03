import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LabelSet } from '../../../src/core/label-set.ts';
import type { ExponentialHistogramPoint, HistogramPoint, NumberPoint } from '../../../src/core/metric.ts';
import { DeltaPoints, type SeriesKey } from '../../../src/sinks/otlp/delta-points.ts';
import { countingHistograms } from '../../harness/registry.ts';

const labels = LabelSet.empty;

function key(id: string): SeriesKey {
  return { identity: 'app', id };
}

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
        const point = deltas.next(key('c'), number(total), 1000 * (i + 1));
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
  deltas.next(key('c'), number(5, 10), 20);
  assert.deepEqual(deltas.next(key('c'), number(2, 30), 40), number(2, 30));
  assert.deepEqual(deltas.next(key('other'), number(7, 10), 40), number(7, 10));
  deltas.forget(key('c'));
  assert.deepEqual(deltas.next(key('c'), number(3, 30), 50), number(3, 30));
});

test('DeltaPoints gives no difference of a sum that is as infinite as before', () => {
  const deltas = new DeltaPoints();
  const infinite = number(Number.POSITIVE_INFINITY);
  deltas.next(key('c'), number(1), 1);
  assert.deepEqual(deltas.next(key('c'), infinite, 2), { ...infinite, startUnixMs: 1 });
  assert.deepEqual(deltas.next(key('c'), infinite, 3), number(0, 2));
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
  deltas.next(key('h'), point(), 1);
  counts[1] = 5;
  const { counts: differences, count, sum, min } = deltas.next(key('h'), point(), 2) as HistogramPoint;
  assert.deepEqual({ differences, count, sum, min }, { differences: [0, 3], count: 3, sum: 0, min: undefined });
});

test('DeltaPoints takes exponential histograms apart by index, and joins what was before where buckets were joined', () => {
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
  deltas.next(key('e'), point(2, 5, [3], 3), 1);
  const { positive } = deltas.next(key('e'), point(2, 4, [1, 4], 5), 2) as ExponentialHistogramPoint;
  assert.deepEqual(positive, { offset: 4, counts: [1, 1] });
  const joined = deltas.next(key('e'), point(0, 0, [2, 6], 8), 3) as ExponentialHistogramPoint;
  // Of scale 2, index 4 with 1 and 5 with 4 become index 1 of scale 0.
  assert.deepEqual(joined.positive, { offset: 0, counts: [2, 1] });
  assert.equal(joined.count, 3);
  const anew = point(1, 2, [1], 1);
  assert.deepEqual(deltas.next(key('e'), anew, 4), anew);
});

test('DeltaPoints gives differences of exponential histograms that add up, however their scale goes down', () => {
  const values = fc.array(fc.array(fc.double({ min: 1e-9, max: 1e9, noNaN: true })), { minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(values, (batches) => {
      const { registry, count } = countingHistograms();
      const deltas = new DeltaPoints();
      const sums = { count: 0, buckets: 0 };
      for (const [i, batch] of batches.entries()) {
        count(1, ...batch);
        const shown = registry.collect()[0]!.families.find(({ name }) => name === 'size')!.points[0]!;
        const { count: n, positive } = deltas.next(key('e'), shown, i) as ExponentialHistogramPoint;
        assert.ok(Array.from(positive.counts).every((counted) => counted >= 0));
        sums.count += n;
        for (const counted of Array.from(positive.counts)) sums.buckets += counted;
      }
      const total = batches.flat().length + batches.length;
      assert.deepEqual(sums, { count: total, buckets: total });
    }),
  );
});
