import { LabelSet } from '../../../core/label-set.ts';
import { numberOf } from './read-number.ts';
import type { WrittenSeries } from './read-series.ts';

/** Which label belongs to the sample and not to its series: `le`, `quantile`, the name of a state set; undefined: none. */
export type SampleLabel = string | undefined;

/** Changes the name and labels of a sample; undefined: the sample is not wanted. Must give the same each time. */
export type Relabel = (
  name: string,
  labels: LabelSet,
) => { readonly name: string; readonly labels: LabelSet } | undefined;

/** A sample as it was written, and as it is shown. */
export interface ScrapedSeries {
  readonly name: string;
  readonly sampleLabel: SampleLabel;
  /** The value of the sample label as it was written; undefined: there is none. */
  readonly boundText: string | undefined;
  /** The labels as they were written, without the sample label. One object for all samples with the same ones. */
  readonly group: LabelSet;
  /** What relabelling made of it; undefined: it is not wanted. */
  readonly shown:
    | {
        readonly name: string;
        /** Without `le` and `quantile`. One object for all samples of a series, and each time. */
        readonly labels: LabelSet;
        /** What `le` or `quantile` says. */
        readonly bound: number | undefined;
      }
    | undefined;
}

/**
 * The series of one target by the text that they have in its expositions, so that labels are read and relabelled once
 * and each series has the same label set each time. Forgets series with the exposition that is without them.
 */
export class SeriesCache {
  readonly #relabel: Relabel | undefined;
  readonly #entries = new Map<string, { series: ScrapedSeries; seenIn: number }>();
  #labelSets = new Map<string, LabelSet>();
  #exposition = 0;
  #seen = 0;

  constructor(relabel?: Relabel) {
    this.#relabel = relabel;
  }

  /** The series with that text, if the cache knows it. */
  find(text: string): ScrapedSeries | undefined {
    const entry = this.#entries.get(text);
    if (entry !== undefined && entry.seenIn !== this.#exposition) {
      entry.seenIn = this.#exposition;
      this.#seen++;
    }
    return entry?.series;
  }

  /** The series that was written so, which is known under that text from now on. */
  add(text: string, written: WrittenSeries, sampleLabel: SampleLabel): ScrapedSeries {
    const series = this.make(written, sampleLabel);
    if (this.#entries.get(text)?.seenIn !== this.#exposition) this.#seen++;
    this.#entries.set(text, { series, seenIn: this.#exposition });
    return series;
  }

  /** Ends an exposition: what was not in it is forgotten. O(series) when something was not. */
  endExposition(): void {
    if (this.#entries.size > this.#seen) {
      this.#labelSets = new Map();
      for (const [text, { series, seenIn }] of this.#entries) {
        if (seenIn !== this.#exposition) this.#entries.delete(text);
        else for (const set of [series.group, series.shown?.labels]) if (set) this.#labelSets.set(set.id, set);
      }
    }
    this.#exposition++;
    this.#seen = 0;
  }

  /** The same without a place in the cache; `endExposition()` may give its labels another object. */
  make({ name, pairs }: WrittenSeries, sampleLabel: SampleLabel): ScrapedSeries {
    const labels = LabelSet.of(pairs);
    const group = sampleLabel === undefined ? labels : without(labels, sampleLabel);
    const boundText = sampleLabel === undefined ? undefined : pairs.find(([label]) => label === sampleLabel)?.[1];
    const shown = this.#relabel === undefined ? { name, labels } : this.#relabel(name, labels);
    return { name, sampleLabel, boundText, group: this.#one(group), shown: shown && this.#shown(shown, sampleLabel) };
  }

  #shown({ name, labels }: { name: string; labels: LabelSet }, sampleLabel: SampleLabel): ScrapedSeries['shown'] {
    const text = sampleLabel === 'le' || sampleLabel === 'quantile' ? labels.get(sampleLabel) : undefined;
    if (text === undefined) return { name, labels: this.#one(labels), bound: undefined };
    return { name, labels: this.#one(without(labels, sampleLabel!)), bound: numberOf(text) };
  }

  #one(labels: LabelSet): LabelSet {
    if (labels.size === 0) return LabelSet.empty;
    const { id } = labels;
    const known = this.#labelSets.get(id);
    if (known === undefined) this.#labelSets.set(id, labels);
    return known ?? labels;
  }
}

function without(labels: LabelSet, name: string): LabelSet {
  return labels.get(name) === undefined ? labels : LabelSet.of([...labels].filter(([label]) => label !== name));
}
