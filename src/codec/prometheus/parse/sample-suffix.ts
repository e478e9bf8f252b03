import type { MetricType } from '../../../core/metric.ts';

/** What the name of a sample adds to that of its family. */
export type SampleSuffix = '' | '_total' | '_created' | '_bucket' | '_count' | '_sum' | '_gcount' | '_gsum' | '_info';

/** The suffixes of each type in OpenMetrics; the text format knows those of histograms and summaries. */
export const OPENMETRICS_SUFFIXES: Readonly<Record<MetricType, readonly SampleSuffix[]>> = {
  counter: ['_total', '_created'],
  histogram: ['_bucket', '_count', '_sum', '_created'],
  gauge_histogram: ['_bucket', '_gcount', '_gsum'],
  summary: ['', '_count', '_sum', '_created'],
  info: ['_info'],
  gauge: [''],
  up_down_counter: [''],
  state_set: [''],
  unknown: [''],
};

/** The suffixes of each type in the text format, where a name of one number is that of its sample. */
export const TEXT_SUFFIXES: Readonly<Record<MetricType, readonly SampleSuffix[]>> = {
  ...OPENMETRICS_SUFFIXES,
  counter: [''],
  info: [''],
  histogram: ['_bucket', '_count', '_sum'],
  summary: ['', '_count', '_sum'],
};

/** The label that belongs to the sample and not to its series. */
export function sampleLabelOf(type: MetricType, suffix: SampleSuffix, family: string): string | undefined {
  if (suffix === '_bucket') return 'le';
  if (type === 'summary' && suffix === '') return 'quantile';
  return type === 'state_set' ? family : undefined;
}
