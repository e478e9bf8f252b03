import { copyText, copyWords } from '../../../bytes/copy-words.ts';
import type { LabelColumns } from '../../../core/metric.ts';
import type { EscapingScheme } from '../names.ts';
import type { PrometheusColumns } from '../prometheus-family.ts';
import { escapeQuoted, labelName, spanOf, type TextOutput, type TextSpan } from './label-bytes.ts';
import { JOINT, MadeByLabels, type ShownLabel, shownLabels } from './shown-labels.ts';

/**
 * What stands around the values of labels, made once for all series that have the same ones.
 *
 * ```
 *  text   m e t h o d = " " , c o d e = " " } ␠
 *  ends                   8               16        behind which bytes the values of `labels` are put
 * ```
 */
interface LineTemplate {
  readonly text: TextSpan;
  readonly ends: Int32Array;
  readonly labels: Int32Array;
}

/** The name of samples as it begins a line, with and without labels behind it. */
export interface SampleName {
  readonly bare: TextSpan;
  readonly open: TextSpan;
}

/**
 * Writes series of one family that are columns as the beginnings of lines, straight out of the bytes of their labels:
 * nothing is kept of a series. Its one hot function is small, because a first scrape is over by the time that large ones
 * are compiled (npm run bench-scrape).
 */
export class TextColumns {
  readonly #out: TextOutput;
  readonly #labels: LabelColumns;
  readonly #templates: MadeByLabels<LineTemplate>;

  constructor(out: TextOutput, family: PrometheusColumns, escaping: EscapingScheme) {
    this.#out = out;
    this.#labels = family.columns.labels;
    this.#templates = new MadeByLabels(this.#labels, (there) => templateOf(shownLabels(family, there, escaping)));
  }

  /** Writes what stands before the value: `requests_total{method="GET"} `. */
  write({ open, bare }: SampleName, place: number): void {
    const out = this.#out;
    const { bounds, view: source, names, traits } = this.#labels;
    const first = place * (names.length + 1);
    const last = first + names.length;
    const template = this.#templates.of(place);
    const { text, ends, labels } = template;
    const name = text.end > 1 ? open : bare;
    if (traits[place] !== 0) {
      this.#writeSpecial(name, template, first);
      return;
    }
    out.reserve(out.length, name.end + text.end + bounds[last]! - bounds[first]!);
    const { view } = out;
    let at = copyText(view, out.length, name.view, 0, name.end);
    let from = 0;
    for (let i = 0; i < labels.length; i++) {
      const end = ends[i]!;
      const bound = first + labels[i]!;
      at = copyText(view, at, text.view, from, end);
      at = copyWords(view, at, source, bounds[bound]!, bounds[bound + 1]!);
      from = end;
    }
    out.length = copyText(view, at, text.view, from, text.end);
  }

  /** The same for values of which something must be escaped. */
  #writeSpecial(name: TextSpan, { text, ends, labels }: LineTemplate, first: number): void {
    const out = this.#out;
    const { bounds, bytes } = this.#labels;
    out.span(name);
    let start = 0;
    for (const [i, label] of labels.entries()) {
      const end = ends[i]!;
      out.span({ view: text.view, start, end });
      out.escaped(bytes, bounds[first + label]!, bounds[first + label + 1]!);
      start = end;
    }
    out.span({ view: text.view, start, end: text.end });
  }
}

function templateOf(shown: readonly ShownLabel[]): LineTemplate {
  const labels: number[] = [];
  const ends: number[] = [];
  let text = '';
  for (const [i, { name, values }] of shown.entries()) {
    text += `${i === 0 ? '' : ','}${labelName(name)}="`;
    for (const [j, value] of values.entries()) {
      if (j > 0) text += JOINT;
      if (typeof value === 'string') text += escapeQuoted(value);
      else {
        labels.push(value);
        ends.push(Buffer.byteLength(text));
      }
    }
    text += '"';
  }
  text += shown.length > 0 ? '} ' : ' ';
  return { text: spanOf(text), ends: Int32Array.from(ends), labels: Int32Array.from(labels) };
}
