import type { ExponentialHistogramPoint, HistogramPoint } from '../../core/metric.ts';

/**
 * The histogram with whole numbers for its counts, as OTLP has them: Prometheus knows fractions, too. What the buckets
 * hold is then what all of them count. The same object where the counts are whole, as they mostly are.
 */
export function wholeHistogram(point: HistogramPoint): HistogramPoint {
  if (Number.isInteger(point.count) && areWhole(point.counts)) return point;
  const counts = rounded(point.counts);
  return { ...point, counts, count: sumOf(counts) };
}

/** The same of one whose buckets grow. */
export function wholeExponential(point: ExponentialHistogramPoint): ExponentialHistogramPoint {
  const { count, zeroCount, positive, negative } = point;
  if ([count, zeroCount].every(Number.isInteger) && areWhole(positive.counts) && areWhole(negative.counts))
    return point;
  const whole = {
    zeroCount: Math.round(zeroCount),
    positive: { ...positive, counts: rounded(positive.counts) },
    negative: { ...negative, counts: rounded(negative.counts) },
  };
  return { ...point, ...whole, count: whole.zeroCount + sumOf(whole.positive.counts) + sumOf(whole.negative.counts) };
}

function areWhole(counts: ArrayLike<number>): boolean {
  for (let i = 0; i < counts.length; i++) if (!Number.isInteger(counts[i])) return false;
  return true;
}

/** What is rounded are the sums up to each bucket, so that errors do not add up. */
function rounded(counts: ArrayLike<number>): number[] {
  let exact = 0;
  let before = 0;
  return Array.from(counts, (count) => {
    exact += count;
    const whole = Math.round(exact) - before;
    before += whole;
    return whole;
  });
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
