import type { MetricFamily, MetricPoint, MetricSet, MetricType } from '../../core/metric.ts';
import type { Resource } from '../../core/resource.ts';

/** Whether sums and histograms count from the start, or since the point before. */
export type Temporality = 'cumulative' | 'delta';

/** One point on its way out by OTLP. */
export interface MetricEntry {
  readonly resource: Resource;
  readonly scope: MetricSet['scope'];
  readonly metric: MetricHead;
  readonly point: MetricPoint;
  /** In milliseconds since 1970. */
  readonly unixMs: number;
  /** Whether the series is no more: the point then has no value. */
  readonly isGone: boolean;
}

/** What is said of a metric beside its points: equal metrics are one object. */
export interface MetricHead extends Omit<MetricFamily, 'points'> {
  readonly temporality: Temporality;
  /** Whether it came from Prometheus, which is noted beside it. */
  readonly isFromPrometheus: boolean;
}

/** Entries of one resource, one scope and one metric that follow each other. */
export interface MetricRun {
  readonly resource: Resource;
  readonly scopes: {
    readonly scope: MetricSet['scope'];
    readonly metrics: { readonly metric: MetricHead; readonly entries: MetricEntry[] }[];
  }[];
}

/** Entries as OTLP nests them; those that belong together follow each other. */
export function nested(entries: readonly MetricEntry[]): MetricRun[] {
  const runs: MetricRun[] = [];
  for (const entry of entries) {
    const { resource, scope, metric } = entry;
    let run = runs.at(-1);
    if (run?.resource !== resource) runs.push((run = { resource, scopes: [] }));
    let inScope = run.scopes.at(-1);
    if (inScope === undefined || inScope.scope.name !== scope.name || inScope.scope.version !== scope.version) {
      run.scopes.push((inScope = { scope, metrics: [] }));
    }
    const inMetric = inScope.metrics.at(-1);
    if (inMetric?.metric === metric) inMetric.entries.push(entry);
    else inScope.metrics.push({ metric, entries: [entry] });
  }
  return runs;
}

/** What a metric is to OTLP. */
export type DataKind = 'gauge' | 'sum' | 'histogram' | 'exponential_histogram' | 'summary';

/** The kind for a point of a metric of that type; undefined: OTLP has none (histograms of gauges). */
export function dataKind(type: MetricType, { kind }: MetricPoint): DataKind | undefined {
  if (type === 'gauge_histogram') return undefined;
  if (kind !== 'number') return kind;
  return type === 'gauge' || type === 'unknown' ? 'gauge' : 'sum';
}
