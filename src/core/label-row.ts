import { compareNames, LabelSet } from './label-set.ts';
import { MAX_COLUMN_LABELS } from './metric.ts';

/** Makes label sets of values under names that are always the same, so that these are sorted once and shared. */
export class LabelRow {
  /** Those that were given. */
  readonly names: readonly string[];
  /** The labels in the order of their names. */
  readonly #order: readonly number[];
  /** By which labels there are, a bit each: their names. */
  readonly #shared = new Map<number, readonly string[]>();

  /** Names of labels, each once. */
  constructor(names: readonly string[]) {
    this.names = names;
    this.#order = names.map((_, label) => label).sort((a, b) => compareNames(names[a]!, names[b]!));
  }

  /** The set in which `values[i]` is that of the `i`th name; labels without a value are left out. */
  of(values: readonly string[]): LabelSet {
    const { names } = this;
    if (names.length > MAX_COLUMN_LABELS) return LabelSet.of(names.map((name, label) => [name, values[label]!]));
    const kept: string[] = [];
    let there = 0;
    for (const label of this.#order) {
      const value = values[label]!;
      if (value === '') continue;
      kept.push(value);
      there |= 1 << label;
    }
    return LabelSet.ofSorted(this.#namesOf(there), kept);
  }

  /** The names of the labels that there are, a bit each. */
  #namesOf(there: number): readonly string[] {
    let shared = this.#shared.get(there);
    if (shared === undefined) {
      shared = this.#order.filter((label) => (there & (1 << label)) !== 0).map((label) => this.names[label]!);
      this.#shared.set(there, shared);
    }
    return shared;
  }
}
