import type { ExponentialBuckets, MetricPoint } from './metric.ts';

/** A point that may be kept: what its producer goes on counting in is copied. */
export function keptPoint<Point extends MetricPoint>(point: Point): Point;
export function keptPoint(point: MetricPoint): MetricPoint {
  if (point.kind === 'histogram') return { ...point, counts: Array.from(point.counts) };
  if (point.kind !== 'exponential_histogram') return point;
  return { ...point, positive: keptBuckets(point.positive), negative: keptBuckets(point.negative) };
}

function keptBuckets({ offset, counts }: ExponentialBuckets): ExponentialBuckets {
  return { offset, counts: Array.from(counts) };
}
