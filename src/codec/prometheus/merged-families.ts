import type { LabelSet } from '../../core/label-set.ts';
import { type PrometheusFamily, type PrometheusSeries, sampleNames, seriesCount } from './prometheus-family.ts';

/**
 * What cannot be shown as it is. `type`: a metric with the name of an earlier one, and another type, is left out.
 * `name`: one whose samples would have the names of another's is left out. `series`: a series that is there already is
 * left out. `description`: only the first text is kept.
 */
export interface Conflict {
  readonly kind: 'type' | 'name' | 'series' | 'description';
  /** The name of the metric that came later. */
  readonly name: string;
  /** Series that were left out. */
  readonly series: number;
}

/** Ids of label sets, which are long to make, for as long as the sets are in use. */
export class LabelIds {
  readonly #ids = new WeakMap<LabelSet, string>();

  of(labels: LabelSet): string {
    let id = this.#ids.get(labels);
    if (id === undefined) this.#ids.set(labels, (id = labels.id));
    return id;
  }
}

/** Families of several producers as they come together: each name once, each series once, one type for a name. */
export class MergedFamilies {
  readonly #families = new Map<string, { -readonly [K in keyof PrometheusFamily]: PrometheusFamily[K] }>();
  /** Which family a name of samples belongs to. */
  readonly #owners = new Map<string, string>();
  /** Ids of the series of families that were put together out of several. */
  readonly #ids = new Map<string, Set<string>>();
  readonly #labelIds: LabelIds;
  readonly #onConflict: (conflict: Conflict) => void;

  constructor(labelIds: LabelIds, onConflict: (conflict: Conflict) => void) {
    this.#labelIds = labelIds;
    this.#onConflict = onConflict;
  }

  /** `mayRepeat`: whether two of its own series may have the same labels; then it has no columns. */
  add(family: PrometheusFamily, mayRepeat: boolean): void {
    const { name, type } = family;
    const first = this.#families.get(name);
    if (first === undefined) {
      const names = sampleNames(family);
      if (names.some((sample) => this.#owners.has(sample))) {
        this.#onConflict({ kind: 'name', name, series: seriesCount(family) });
        return;
      }
      for (const sample of names) this.#owners.set(sample, name);
      this.#families.set(name, { ...family, series: this.#once(name, family.series, mayRepeat) });
      return;
    }
    if (first.type !== type) {
      this.#onConflict({ kind: 'type', name, series: seriesCount(family) });
      return;
    }
    if (first.help === '') first.help = family.help;
    else if (family.help !== '' && family.help !== first.help)
      this.#onConflict({ kind: 'description', name, series: 0 });
    if (first.unit !== family.unit) first.unit = '';
    first.series = allSeries(first);
    first.columns = undefined;
    if (!this.#ids.has(name)) this.#ids.set(name, new Set(first.series.map(({ labels }) => this.#labelIds.of(labels))));
    first.series = [...first.series, ...this.#once(name, allSeries(family), true)];
  }

  families(): PrometheusFamily[] {
    return [...this.#families.values()];
  }

  /** The series that are not there yet. */
  #once(name: string, series: readonly PrometheusSeries[], isUnsure: boolean): readonly PrometheusSeries[] {
    if (!isUnsure) return series;
    let ids = this.#ids.get(name);
    if (ids === undefined) this.#ids.set(name, (ids = new Set()));
    const fresh = series.filter(({ labels }) => {
      const id = this.#labelIds.of(labels);
      if (ids.has(id)) return false;
      ids.add(id);
      return true;
    });
    if (fresh.length < series.length) this.#onConflict({ kind: 'series', name, series: series.length - fresh.length });
    return fresh;
  }
}

/** Those that are columns, too, as objects. */
function allSeries({ series, columns }: PrometheusFamily): readonly PrometheusSeries[] {
  return columns === undefined ? series : [...columns.series(), ...series];
}
