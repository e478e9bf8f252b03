import { LabelSet } from '../../core/label-set.ts';
import type { MetricFamily, MetricType, NumberPoint } from '../../core/metric.ts';

/** One value with the labels that it has beside its resource. */
export type Reading = readonly [value: number | undefined, labels?: Readonly<Record<string, string>>];

/** Builds families out of readings, those that are undefined left out. Labels that come again are the same objects. */
export class Families {
  readonly #labels = new Map<string, LabelSet>();

  /** The metric of that name; nothing where no reading has a value. */
  of(
    head: { readonly name: string; readonly type: MetricType; readonly unit: string; readonly description: string },
    readings: readonly Reading[],
  ): MetricFamily[] {
    const points = readings.flatMap(([value, labels = {}]): NumberPoint[] =>
      value === undefined ? [] : [{ kind: 'number', value, labels: this.#labelsOf(labels) }],
    );
    return points.length === 0 ? [] : [{ ...head, points }];
  }

  #labelsOf(labels: Readonly<Record<string, string>>): LabelSet {
    const key = JSON.stringify(labels);
    let set = this.#labels.get(key);
    if (set === undefined) this.#labels.set(key, (set = LabelSet.of(Object.entries(labels))));
    return set;
  }
}
