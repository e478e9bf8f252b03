import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OtlpMetricEncoder } from '../../../src/sinks/otlp/otlp-metric-encoder.ts';
import { countingHistograms } from '../../harness/registry.ts';

interface Point {
  readonly count: string;
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
