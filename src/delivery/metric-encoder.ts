import type { RequestBody } from '../codec/request-body.ts';
import type { MetricSet } from '../core/metric.ts';

/** Makes requests out of metrics. Remembers what each group had, so that it can say what is no more. */
export interface MetricEncoder {
  /** Whether differences are sent: what was counted since the last time must go out before a producer goes. */
  readonly hasDifferences?: boolean;
  /** Takes note of what a producer has when it comes in, where differences to that are to be sent. */
  begin?(sets: readonly MetricSet[], unixMs: number): void;
  /**
   * The bodies for what the producers of `group` have now, in the order in which they are to be sent; none: there is
   * nothing to say. What the sets hold is read at once. `unixMs`: now.
   */
  encode(group: object, sets: readonly MetricSet[], unixMs: number): readonly RequestBody[];
}
