import type { MetricFamily } from '../../../core/metric.ts';
import type { SeriesCache } from './series-cache.ts';

export interface ParseOptions {
  /** The series of the target that is read; call its `endExposition()` afterwards, also when parsing has thrown. */
  readonly cache: SeriesCache;
  /** Whether the times that samples have are kept. */
  readonly honorTimestamps: boolean;
}

/** What an exposition says. */
export interface ParsedExposition {
  /** No two with one name. */
  readonly families: readonly MetricFamily[];
  /** How many samples there were, also those that relabelling removed. */
  readonly samples: number;
  /** How many of them relabelling left. */
  readonly kept: number;
  /** Samples of series that were there already. */
  readonly duplicates: number;
  /** Samples and points that cannot be told, such as those of a histogram without its count. */
  readonly incomplete: number;
}
