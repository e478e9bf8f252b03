import { parseOpenMetrics, parseText } from '../../../../src/codec/prometheus/parse/parse-text.ts';
import { type Relabel, SeriesCache } from '../../../../src/codec/prometheus/parse/series-cache.ts';
import type { MetricFamily, MetricPoint } from '../../../../src/core/metric.ts';

/** What the text says, as lines of a family and its points. */
export function parsedText(text: string, relabel?: Relabel): string[] {
  return describe(parseText(Buffer.from(text), { cache: new SeriesCache(relabel), honorTimestamps: true }).families);
}

/** The same of OpenMetrics. */
export function parsedOpenMetrics(text: string): string[] {
  return describe(parseOpenMetrics(Buffer.from(text), { cache: new SeriesCache(), honorTimestamps: true }).families);
}

/** Families and points as text, one a line. */
export function describe(families: readonly MetricFamily[]): string[] {
  return families.flatMap(({ name, type, unit, description, points }) => [
    [type, name, unit && `[${unit}]`, description && JSON.stringify(description)]
      .filter((part) => part !== '')
      .join(' '),
    ...points.map((point) => `  ${describePoint(point)}`),
  ]);
}

function describePoint(point: MetricPoint): string {
  const { labels, kind, startUnixMs, unixMs } = point;
  const pairs = [...labels].map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',');
  const times = `${startUnixMs === undefined ? '' : ` from ${startUnixMs}`}${unixMs === undefined ? '' : ` at ${unixMs}`}`;
  return `{${pairs}} ${describeValue(point, kind)}${times}`;
}

function describeValue(point: MetricPoint, kind: MetricPoint['kind']): string {
  switch (point.kind) {
    case 'number':
      return `${point.value}${point.exemplar === undefined ? '' : ` exemplar ${point.exemplar.value}`}`;
    case 'histogram':
      return `${[...Array.from(point.counts)].join('|')} under ${Array.from(point.bounds).join('|')} sum ${point.sum}`;
    case 'summary':
      return `${point.quantiles.map(({ quantile, value }) => `${quantile}:${value}`).join('|')} count ${point.count} sum ${point.sum}`;
    default:
      return kind;
  }
}
