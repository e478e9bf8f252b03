import { compareNames, LabelSet } from '../../core/label-set.ts';

/** Where the values of label sets with the same names stand in those that are shown. */
export class ShownShape {
  /** Sorted. */
  readonly names: readonly string[];
  /** By name: the place of its value in the set that is given; below 0 in `fixed`. */
  readonly places: Int32Array;
  /** The value at place -1, at -2, and so on. */
  readonly fixed: readonly string[];
  /** Whether they are shown as they are given. */
  readonly #isSame: boolean;

  /** `own`: what the given names become. Where a name is among the fixed ones, too, `stronger` says whose value counts; of two of its own the last. */
  constructor(given: readonly string[], own: readonly string[], fixed: LabelSet, stronger: 'own' | 'fixed') {
    const ownPlaces = own.map((name, i): [string, number] => [name, i]);
    const fixedPlaces = fixed.names.map((name, i): [string, number] => [name, -1 - i]);
    const both = stronger === 'own' ? [...fixedPlaces, ...ownPlaces] : [...ownPlaces, ...fixedPlaces];
    const sorted = [...new Map(both)].sort(([a], [b]) => compareNames(a, b));
    this.names = sorted.map(([name]) => name);
    this.places = Int32Array.from(sorted, ([, place]) => place);
    this.fixed = fixed.values;
    this.#isSame =
      sorted.length === given.length && sorted.every(([name, place], i) => name === given[i] && place === i);
  }

  /** What is shown of labels with these names. */
  of(labels: LabelSet): LabelSet {
    if (this.#isSame) return labels;
    const { places } = this;
    const values: string[] = [];
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      values.push(place >= 0 ? labels.values[place]! : this.fixed[-1 - place]!);
    }
    return LabelSet.ofSorted(this.names, values);
  }
}
