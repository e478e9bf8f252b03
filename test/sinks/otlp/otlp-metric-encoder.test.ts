import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricSet } from '../../../src/core/metric.ts';
import { Resource } from '../../../src/core/resource.ts';
import { OtlpMetricEncoder } from '../../../src/sinks/otlp/otlp-metric-encoder.ts';
import { countingHistograms } from '../../harness/registry.ts';

interface Point {
  readonly count: string;
  readonly timeUnixNano: string;
  readonly flags?: number;
  readonly bucketCounts?: readonly string[];
  readonly positive?: { readonly bucketCounts: readonly string[] };
}

/** The points of the only resource and scope in a request, one of each metric. */
function pointsOf(request: string): Point[] {
  const { metrics } = JSON.parse(request).resourceMetrics[0].scopeMetrics[0];
  return metrics.map(
    (metric: Record<string, { dataPoints: Point[] }>) =>
      (metric['histogram'] ?? metric['exponentialHistogram'])?.dataPoints[0],
  );
}

for (const temporality of ['cumulative', 'delta'] as const) {
  test(`OtlpMetricEncoder keeps ${temporality} histograms as they were, whatever is counted until they are sent`, () => {
    const { registry, count } = countingHistograms();
    const encoder = new OtlpMetricEncoder({ encoding: 'json', temporality, maxRequestPoints: 100 });
    count(0.5, 2, 2);
    const [body] = encoder.encode({}, registry.collect(), 1000);
    count(0.5, 2, 2, 2, 100);
    const shown = pointsOf(Buffer.from(body!.body(0, body!.recordCount)).toString()).map(
      ({ count, bucketCounts, positive }) => ({ count, buckets: bucketCounts ?? positive?.bucketCounts }),
    );
    const sums = shown.map(({ buckets }) => buckets?.reduce((sum, n) => sum + Number(n), 0));
    assert.deepEqual(sums, [3, 3]);
    assert.deepEqual(shown[0], { count: '3', buckets: ['1', '2'] });
    assert.equal(shown[1]?.count, '3');
  });
}

test('OtlpMetricEncoder sends the differences of a series once, whichever producer shows it, and goes on with its successor', () => {
  const { registry, count } = countingHistograms();
  const encoder = new OtlpMetricEncoder({ encoding: 'json', temporality: 'delta', maxRequestPoints: 100 });
  const group = {};
  const countsOf = (sets: readonly MetricSet[]): string[] =>
    encoder
      .encode(group, sets, 1000)
      .flatMap((body) => pointsOf(Buffer.from(body.body(0, body.recordCount)).toString()).map(({ count }) => count));
  count(1);
  encoder.begin(registry.collect(), 1000);
  count(1, 2);
  // Another producer of the same series takes the place of the one that is there.
  encoder.begin(registry.collect(), 1000);
  assert.deepEqual(countsOf([...registry.collect(), ...registry.collect()]), ['2', '2']);
  count(1, 2, 3);
  assert.deepEqual(countsOf(registry.collect()), ['3', '3']);
});

test('OtlpMetricEncoder says that a series is no more behind its last value, also where the clock was put back', () => {
  const { registry, count } = countingHistograms();
  const encoder = new OtlpMetricEncoder({ encoding: 'json', temporality: 'cumulative', maxRequestPoints: 100 });
  const group = {};
  count(1);
  const [set] = registry.collect();
  encoder.encode(group, [{ ...set!, unixMs: 5000 }], 5000);
  const [gone] = encoder.encode(group, [], 1000);
  const times = pointsOf(Buffer.from(gone!.body(0, 2)).toString()).map(({ timeUnixNano, flags }) => [
    timeUnixNano,
    flags,
  ]);
  assert.deepEqual(times, [
    ['5001000000', 1],
    ['5001000000', 1],
  ]);
});

test('OtlpMetricEncoder knows a resource by what it says, and counts on where what describes it changes', () => {
  const { registry, count } = countingHistograms();
  const encoder = new OtlpMetricEncoder({ encoding: 'json', temporality: 'delta', maxRequestPoints: 100 });
  const group = {};
  const pushOf = (attributes: [string, string][]): string[] => {
    const sets = registry.collect().map((set) => ({ ...set, resource: new Resource(attributes) }));
    const [body] = encoder.encode(group, sets, 1000);
    const { resourceMetrics } = JSON.parse(Buffer.from(body!.body(0, body!.recordCount)).toString());
    return resourceMetrics.map((one: { resource: { attributes: { value: { stringValue: string } }[] } }) => {
      const { count, flags } = pointsOf(JSON.stringify({ resourceMetrics: [one] }))[0]!;
      const said = one.resource.attributes.map(({ value }) => value.stringValue).join(' ');
      return `${said}: ${flags === 1 ? 'gone' : count}`;
    });
  };
  count(1, 1);
  assert.deepEqual(
    pushOf([
      ['service.name', 'shop'],
      ['team', 'a'],
    ]),
    ['shop a: 2'],
  );
  count(1);
  // As after a restart: what was restored, and then what a file says.
  assert.deepEqual(
    pushOf([
      ['team', 'a'],
      ['service.name', 'shop'],
    ]),
    ['a shop: 1'],
  );
  count(1, 1, 1);
  assert.deepEqual(
    pushOf([
      ['service.name', 'shop'],
      ['team', 'b'],
    ]),
    ['shop b: 3', 'a shop: gone'],
  );
  count(1);
  assert.deepEqual(
    pushOf([
      ['service.name', 'shop'],
      ['team', 'b'],
    ]),
    ['shop b: 1'],
  );
});
