import type { LabelColumns } from '../../../core/metric.ts';
import { type EscapingScheme, escapeName } from '../names.ts';
import type { PrometheusColumns } from '../prometheus-family.ts';

/** A label as it is shown. */
export interface ShownLabel {
  readonly name: string;
  /** Its value: text that all series have, or the number of a label in the columns. Several that are joined, where names have become one. */
  readonly values: readonly (string | number)[];
}

/** What stands between values that are joined. */
export const JOINT = ';';

/** What series in columns show whose labels are those of the bits in `there`, in this order. */
export function shownLabels(
  { columns: { labels }, translator }: PrometheusColumns,
  there: number,
  escaping: EscapingScheme,
): ShownLabel[] {
  const own = [...labels.names.keys()].filter((label) => (there & (1 << label)) !== 0);
  const shape = translator.shapeOf(own.map((label) => labels.names[label]!));
  if (shape === undefined) throw new TypeError('Labels whose values cannot be placed must not be columns');
  const shown = new Map<string, (string | number)[]>();
  for (const [i, name] of shape.names.entries()) {
    const place = shape.places[i]!;
    const value = place < 0 ? shape.fixed[-1 - place]! : own[place]!;
    const escaped = escapeName(name, 'label', escaping);
    const before = shown.get(escaped);
    if (before === undefined) shown.set(escaped, [value]);
    else before.push(value);
  }
  return Array.from(shown, ([name, values]) => ({ name, values }));
}

/** What is made of the labels that series in columns have: once for all that have the same ones. */
export class MadeByLabels<Made> {
  readonly #labels: LabelColumns;
  readonly #make: (there: number) => Made;
  readonly #made = new Map<number, Made>();
  /** The labels of the series before, a bit each, and what is made of them. */
  #there = -1;
  #latest: Made | undefined;

  /** `make` gets a number in which a bit stands for each label that is there. */
  constructor(labels: LabelColumns, make: (there: number) => Made) {
    this.#labels = labels;
    this.#make = make;
  }

  /** What is made of those of the series at a place. */
  of(place: number): Made {
    const { names, bounds } = this.#labels;
    const first = place * (names.length + 1);
    const last = first + names.length;
    let there = 0;
    for (let bound = first; bound < last; bound++)
      if (bounds[bound + 1]! > bounds[bound]!) there |= 1 << (bound - first);
    if (there === this.#there && this.#latest !== undefined) return this.#latest;
    this.#there = there;
    return (this.#latest = this.#find(there));
  }

  #find(there: number): Made {
    let made = this.#made.get(there);
    if (made === undefined) this.#made.set(there, (made = this.#make(there)));
    return made;
  }
}
