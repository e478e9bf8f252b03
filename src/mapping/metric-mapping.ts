/** The types that a mapping gives to what it reads. */
export const MAPPED_TYPES = ['gauge', 'counter', 'up_down_counter', 'histogram'] as const;

/** One of them. */
export type MappedType = (typeof MAPPED_TYPES)[number];

/** How a metric is read out of a document. Expressions are those of `parsePath()` and `parseEach()`. */
export interface MetricMapping {
  /** Mappings of one name give one metric; they agree on type and unit. */
  readonly name: string;
  readonly type: MappedType;
  /** UCUM. */
  readonly unit?: string | undefined;
  readonly description?: string | undefined;
  /** Loops inside of each other; the last one has an element for each series. */
  readonly each?: readonly string[];
  /** Of every type but histograms. */
  readonly value?: string | undefined;
  /** Of a histogram: how many measurements there were; left out: what the buckets hold. */
  readonly count?: string | undefined;
  /** Of a histogram. */
  readonly sum?: string | undefined;
  /** Of a histogram: an object with a count for each upper bound. */
  readonly buckets?: string | undefined;
  /** Whether each count holds those of the buckets below, too. */
  readonly cumulative_buckets?: boolean;
  /** By name, each with an expression. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What values, sums and bounds are multiplied with. */
  readonly scale?: number;
  /** What the value means: makes a series for each state, of which one is 1. */
  readonly states?: Readonly<Record<string, string>> | undefined;
  /** The label that holds the state. */
  readonly state_label?: string;
  /** Whether it is all right that there is no value. */
  readonly optional?: boolean;
}

/** What keeps the number of series bounded, whatever a document holds. */
export interface MappingLimits {
  /** How many a metric has; what comes beyond is added up in one, `otel.metric.overflow`. */
  readonly maxSeries: number;
  /** Longer values of labels are cut. */
  readonly maxLabelBytes: number;
}

/** Why a value of a document is not shown as it is. */
export type DropReason =
  /** There is nothing where the path leads. */
  | 'missing'
  /** What is there is no number. */
  | 'not_number'
  /** A count is below zero. */
  | 'negative'
  /** It is none of the named states. */
  | 'state'
  /** A label has no value; the sample is shown without it. */
  | 'label'
  /** There is one with the same labels. */
  | 'duplicate'
  /** It has no series of its own. */
  | 'overflow'
  /** There are so many elements that the rest was not looked at. */
  | 'elements';
