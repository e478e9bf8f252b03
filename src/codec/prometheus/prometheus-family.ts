import type { LabelSet } from '../../core/label-set.ts';
import type { MetricPoint, MetricType, NumberColumns } from '../../core/metric.ts';
import type { LabelTranslator } from './translate-labels.ts';

/** A metric as Prometheus knows it. */
export interface PrometheusFamily {
  /**
   * Of metrics of one number the name of the samples, so a counter's ends with `_total` (unless it was scraped without);
   * of histograms and summaries that of the family, to which `_bucket`, `_sum` and `_count` are added.
   */
  readonly name: string;
  /** Never `up_down_counter`, which is a gauge here. */
  readonly type: MetricType;
  /** In the words of names, such as `seconds`; empty: none. */
  readonly unit: string;
  readonly help: string;
  readonly series: readonly PrometheusSeries[];
  /** Further series, which are none of `series`. */
  readonly columns?: PrometheusColumns | undefined;
}

/** Series of one number each that stay columns, and what becomes of their labels. */
export interface PrometheusColumns {
  readonly columns: NumberColumns;
  readonly translator: LabelTranslator;
  /** The same as objects. */
  series(): PrometheusSeries[];
}

/** How many series a family has. */
export function seriesCount({ series, columns }: PrometheusFamily): number {
  return series.length + (columns?.columns.places.length ?? 0);
}

/** The value of one series. */
export interface PrometheusSeries {
  /** As they are shown, without the name, `le` and `quantile`. The same object each time for the same series. */
  readonly labels: LabelSet;
  readonly point: MetricPoint;
  /** Whose value it is, in milliseconds since 1970: the point's time, or else that of its set. */
  readonly unixMs: number;
}

/** The names of all samples of a family. */
export function sampleNames({ name, type }: Pick<PrometheusFamily, 'name' | 'type'>): string[] {
  switch (type) {
    case 'histogram':
      return [name, `${name}_bucket`, `${name}_sum`, `${name}_count`];
    case 'gauge_histogram':
      return [name, `${name}_bucket`, `${name}_gsum`, `${name}_gcount`];
    case 'summary':
      return [name, `${name}_sum`, `${name}_count`];
    default:
      return [name];
  }
}
