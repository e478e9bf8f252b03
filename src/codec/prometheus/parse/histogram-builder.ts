import type { LabelSet } from '../../../core/label-set.ts';
import type { Exemplar, HistogramPoint } from '../../../core/metric.ts';
import { isCount } from './read-number.ts';

/** Puts a histogram together out of its samples, in any order. */
export class HistogramBuilder {
  sum: number | undefined;
  count: number | undefined;
  startUnixMs: number | undefined;
  unixMs: number | undefined;
  readonly #buckets = new Map<number, { readonly upTo: number; readonly exemplar: Exemplar | undefined }>();

  /** Returns false where there is a bucket with that bound. */
  addBound(bound: number, upTo: number, exemplar: Exemplar | undefined): boolean {
    if (this.#buckets.has(bound)) return false;
    this.#buckets.set(bound, { upTo, exemplar });
    return true;
  }

  /** Undefined: it cannot be known how much was counted. A bucket that says less than the one before counts as empty. */
  build(labels: LabelSet): HistogramPoint | undefined {
    const sorted = [...this.#buckets].sort(([a], [b]) => a - b);
    const bounds: number[] = [];
    const counts: number[] = [];
    const exemplars: (Exemplar | undefined)[] = [];
    let before = 0;
    for (const [bound, { upTo, exemplar }] of sorted) {
      if (!isCount(upTo) || Number.isNaN(bound)) return undefined;
      counts.push(Math.max(upTo - before, 0));
      before = Math.max(upTo, before);
      exemplars.push(exemplar);
      if (bound !== Number.POSITIVE_INFINITY) bounds.push(bound);
    }
    if (counts.length === bounds.length) {
      if (this.count === undefined || !isCount(this.count)) return undefined;
      counts.push(Math.max(this.count - before, 0));
      before = Math.max(this.count, before);
      exemplars.push(undefined);
    }
    const point = { kind: 'histogram' as const, labels, bounds, counts, count: before, sum: this.sum };
    const times = { startUnixMs: this.startUnixMs, unixMs: this.unixMs };
    return { ...point, ...times, exemplars: exemplars.some((one) => one !== undefined) ? exemplars : undefined };
  }
}
