import { copyWords } from '../../../bytes/copy-words.ts';
import { ProtobufOutput } from '../../../bytes/protobuf-output.ts';
import { varintSize, writeVarint } from '../../../bytes/varint.ts';
import { LabelTrait, type NumberColumns } from '../../../core/metric.ts';
import type { EscapingScheme } from '../names.ts';
import type { PrometheusColumns } from '../prometheus-family.ts';
import { FAMILY_METRIC, LABEL_NAME, LABEL_VALUE, METRIC_LABEL, NUMBER_VALUE } from '../protobuf-tags.ts';
import { spanOf, type TextSpan } from './label-bytes.ts';
import { JOINT, MadeByLabels, type ShownLabel, shownLabels } from './shown-labels.ts';

/** A label with a value out of the columns. */
interface PairTemplate {
  /** The pairs before it that all series have, and its own tag. */
  readonly before: TextSpan;
  /** Its name, and the tag of the value. */
  readonly name: TextSpan;
  readonly label: number;
}

/** What stands around the values of labels, made once for all series that have the same ones. */
interface MetricTemplate {
  readonly pairs: readonly PairTemplate[];
  readonly after: TextSpan;
  /** How much all of it takes at most, with the lengths. */
  readonly byteLength: number;
  /** For series whose values must be looked at. */
  readonly shown: readonly ShownLabel[];
  /** Whether some values are joined. */
  readonly hasJoined: boolean;
}

/** What a pair has beside its template and its value: two varints. */
const LENGTHS_BYTES = 10;
/** The tag and the length of a metric, its number, and when that began. */
const NUMBER_BYTES = 64;
/** The tag of a double, and itself. */
const DOUBLE_BYTES = 9;
/** A message that is shorter has its length in one byte. */
const SHORT = 0x80;

/** How the number of a metric is written. */
interface NumberField {
  readonly tag: number;
  /** Of when it began; undefined: that is not said. */
  readonly createdTag: number | undefined;
}

/**
 * Writes series of one family that are columns as metrics, straight out of the bytes of their labels: nothing is kept of a
 * series. Lengths are known before what they are of. See `TextColumns`.
 */
export class ProtobufColumns {
  readonly #out: ProtobufOutput;
  readonly #columns: NumberColumns;
  readonly #number: NumberField;
  readonly #templates: MadeByLabels<MetricTemplate>;
  /** When the series before began, as a field. */
  #startUnixMs = Number.NaN;
  readonly #created = new ProtobufOutput(NUMBER_BYTES);

  constructor(
    out: ProtobufOutput,
    family: PrometheusColumns,
    { escaping, number }: { readonly escaping: EscapingScheme; readonly number: NumberField },
  ) {
    this.#out = out;
    this.#columns = family.columns;
    this.#number = number;
    this.#templates = new MadeByLabels(family.columns.labels, (there) =>
      templateOf(shownLabels(family, there, escaping)),
    );
  }

  /** Writes the series at a place, but for an exemplar; false: nothing, `writeLabels()` must. */
  write(place: number): boolean {
    const out = this.#out;
    const { labels, values, startUnixMs } = this.#columns;
    const { bounds, view: source, names, traits } = labels;
    const first = place * (names.length + 1);
    const last = first + names.length;
    const { pairs, after, byteLength, hasJoined } = this.#templates.of(place);
    if (traits[place]! >= LabelTrait.Broken || hasJoined) return false;
    out.reserve(out.length, byteLength + bounds[last]! - bounds[first]! + NUMBER_BYTES);
    const { bytes, view } = out;
    // The length of a metric mostly has two bytes.
    const start = out.length + 3;
    bytes[start - 3] = FAMILY_METRIC;
    let at = start;
    for (let i = 0; i < pairs.length; i++) {
      const { before, name, label } = pairs[i]!;
      const from = bounds[first + label]!;
      const to = bounds[first + label + 1]!;
      const length = to - from;
      const pair = name.end + 1 + length;
      at = copyWords(view, at, before.view, 0, before.end);
      if (pair < SHORT) bytes[at++] = pair;
      else at = writeVarint(bytes, at, pair - 1 + varintSize(length));
      at = copyWords(view, at, name.view, 0, name.end);
      if (length < SHORT) bytes[at++] = length;
      else at = writeVarint(bytes, at, length);
      at = copyWords(view, at, source, from, to);
    }
    at = copyWords(view, at, after.view, 0, after.end);
    if (startUnixMs !== undefined && startUnixMs[place] !== this.#startUnixMs) this.#begin(startUnixMs[place]!);
    const created = this.#created;
    bytes[at] = this.#number.tag;
    bytes[at + 1] = DOUBLE_BYTES + created.length;
    bytes[at + 2] = NUMBER_VALUE;
    view.setFloat64(at + 3, values[place]!, true);
    at = copyWords(view, at + 2 + DOUBLE_BYTES, created.view, 0, created.length);
    const length = at - start;
    out.length = at;
    if (length < SHORT || length >= SHORT * SHORT) out.end(start, 2);
    else {
      bytes[start - 2] = (length & 0x7f) | SHORT;
      bytes[start - 1] = length >> 7;
    }
    return true;
  }

  /** The labels of the series at a place, whatever their values are: what is no valid UTF-8 must not get into a string. */
  writeLabels(place: number): void {
    const { names, bounds, bytes } = this.#columns.labels;
    const first = place * (names.length + 1);
    for (const { name, values } of this.#templates.of(place).shown) {
      const texts = values.map((value) =>
        typeof value === 'string' ? value : bytes.toString('utf8', bounds[first + value]!, bounds[first + value + 1]!),
      );
      writePair(this.#out, name, texts.join(JOINT));
    }
  }

  #begin(startUnixMs: number): void {
    this.#startUnixMs = startUnixMs;
    this.#created.length = 0;
    const { createdTag } = this.#number;
    if (createdTag !== undefined) this.#created.time(createdTag, startUnixMs);
  }
}

function writePair(out: ProtobufOutput, name: string, value: string): void {
  const pair = out.begin(METRIC_LABEL);
  out.string(LABEL_NAME, name);
  out.string(LABEL_VALUE, value);
  out.end(pair);
}

function templateOf(shown: readonly ShownLabel[]): MetricTemplate {
  const pairs: PairTemplate[] = [];
  const out = new ProtobufOutput();
  let byteLength = 0;
  for (const { name, values } of shown) {
    const [value = ''] = values;
    if (typeof value === 'string') {
      writePair(out, name, values.join(JOINT));
      continue;
    }
    out.varint(METRIC_LABEL);
    const before = spanOf(out.written());
    out.length = 0;
    out.string(LABEL_NAME, name);
    out.varint(LABEL_VALUE);
    const field = spanOf(out.written());
    out.length = 0;
    pairs.push({ before, name: field, label: value });
    byteLength += before.end + field.end + LENGTHS_BYTES;
  }
  const after = spanOf(out.written());
  const hasJoined = shown.some(({ values }) => values.length > 1);
  return { pairs, after, byteLength: byteLength + after.end, shown, hasJoined };
}
