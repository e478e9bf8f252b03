import { inSlices } from '../../../core/in-slices.ts';
import type { LabelSet } from '../../../core/label-set.ts';
import type {
  Exemplar,
  ExponentialHistogramPoint,
  HistogramPoint,
  MetricType,
  NumberColumns,
  NumberPoint,
  SummaryPoint,
} from '../../../core/metric.ts';
import { NameShapes } from '../../../core/name-shapes.ts';
import { exemplarLabels } from '../exemplar-labels.ts';
import { openMetricsFloat } from '../go-float.ts';
import { type EscapingScheme, escapeName, escapePairs, isPlainName } from '../names.ts';
import { OPENMETRICS_SUFFIXES } from '../parse/sample-suffix.ts';
import type { PrometheusColumns, PrometheusFamily } from '../prometheus-family.ts';
import { guessedBytes } from './guessed-bytes.ts';
import { escapeQuoted, LabelBytes, labelName, spanOf, TextOutput, type TextSpan } from './label-bytes.ts';
import { openMetricsShapes } from './openmetrics-shape.ts';
import { type SampleName, TextColumns } from './text-columns.ts';

/** What both text formats leave open. */
export interface WriteOptions {
  /** Whether the times that points have are written. */
  readonly timestamps: boolean;
  /** Whether OpenMetrics says by `_created` when counting began; protobuf always does. */
  readonly createdLines: boolean;
}

const SPACE = 0x20;
const LINE_FEED = 0x0a;
const COMMA = 0x2c;
const CLOSE = 0x7d;

/** The words for types in the text format, which knows only some. */
const TEXT_TYPES: Partial<Record<MetricType, string>> = {
  counter: 'counter',
  gauge: 'gauge',
  info: 'gauge',
  state_set: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
};

const OPENMETRICS_TYPES: Partial<Record<MetricType, string>> = {
  counter: 'counter',
  gauge: 'gauge',
  info: 'info',
  state_set: 'stateset',
  histogram: 'histogram',
  gauge_histogram: 'gaugehistogram',
  summary: 'summary',
};

/** The names of all samples that a family can have. */
interface SampleNames {
  readonly plain: SampleName;
  readonly bucket: SampleName;
  readonly sum: SampleName;
  readonly count: SampleName;
  readonly created: SampleName;
}

/** More bounds than all histograms together have; beyond, they are made anew. */
const MAX_BOUNDS = 10_000;

/**
 * Writes families in the text format 0.0.4 or in OpenMetrics 1.0, with the names of one escaping scheme. Keeps the text
 * of labels for as long as the label sets are in use.
 */
export class TextWriter {
  readonly #escaping: EscapingScheme;
  readonly #labels: LabelBytes<TextOutput>;
  /** What stands before the values of labels: `a="`, `,b="`. */
  readonly #prefixes: NameShapes<readonly TextSpan[] | 'escaped'>;
  readonly #bounds = { le: new Map<number, TextSpan>(), quantile: new Map<number, TextSpan>() };
  #lastSize = 4096;
  /** Of the exposition that is being written. */
  #out = new TextOutput();
  #isOpenMetrics = false;
  #options: WriteOptions = { timestamps: false, createdLines: false };

  constructor(escaping: EscapingScheme) {
    this.#escaping = escaping;
    this.#labels = new LabelBytes(new TextOutput(), (labels, out) => this.#writeLabels(labels, out));
    this.#prefixes = new NameShapes((names) =>
      names.every((name) => escapeName(name, 'label', escaping) === name)
        ? names.map((name, i) => spanOf(`${i === 0 ? '' : ','}${labelName(name)}="`))
        : 'escaped',
    );
  }

  /** The exposition; the caller's. */
  write(families: readonly PrometheusFamily[], isOpenMetrics: boolean, options: WriteOptions): Buffer {
    this.#out = new TextOutput(Math.max(this.#lastSize, guessedBytes(families)));
    this.#isOpenMetrics = isOpenMetrics;
    this.#options = options;
    const shown = families.map((family) => ({ ...family, name: escapeName(family.name, 'metric', this.#escaping) }));
    if (isOpenMetrics) this.#writeOpenMetrics(shown);
    else this.#writeText(shown);
    const written = this.#out.written();
    this.#lastSize = Math.ceil(written.length * 1.1) + 4096;
    this.#out = new TextOutput(0);
    for (const bounds of Object.values(this.#bounds)) if (bounds.size > MAX_BOUNDS) bounds.clear();
    return written;
  }

  #writeText(families: readonly PrometheusFamily[]): void {
    const names = new Set<string>();
    for (const family of families) {
      if (names.has(family.name)) continue;
      names.add(family.name);
      const name = this.#quoted(family.name);
      if (family.help !== '') this.#out.text(`# HELP ${name} ${escapeHelp(family.help)}\n`);
      this.#out.text(`# TYPE ${name} ${TEXT_TYPES[family.type] ?? 'untyped'}\n`);
      this.#writeSeries(family, family.name, family.type);
    }
  }

  #writeOpenMetrics(families: readonly PrometheusFamily[]): void {
    const shapes = openMetricsShapes(families);
    for (const [i, family] of families.entries()) {
      const shape = shapes[i];
      if (shape === undefined) continue;
      const name = this.#quoted(shape.name);
      this.#out.text(`# TYPE ${name} ${OPENMETRICS_TYPES[shape.type] ?? 'unknown'}\n`);
      const { unit, help } = family;
      const hasUnit = unit !== '' && shape.name.endsWith(`_${unit}`);
      if (hasUnit && shape.type !== 'info' && shape.type !== 'state_set') this.#out.text(`# UNIT ${name} ${unit}\n`);
      if (help !== '') this.#out.text(`# HELP ${name} ${escapeHelp(help).replaceAll('"', '\\"')}\n`);
      this.#writeSeries(family, shape.name, shape.type);
    }
    this.#out.text('# EOF\n');
  }

  #writeSeries({ name, series, columns }: PrometheusFamily, base: string, type: MetricType): void {
    const names = this.#sampleNames(name, base, type);
    const { timestamps, createdLines } = this.#options;
    const hasCreated = createdLines && this.#isOpenMetrics && OPENMETRICS_SUFFIXES[type].includes('_created');
    if (columns !== undefined) this.#writeColumns(columns, names, type, hasCreated);
    for (const { labels, point } of series) {
      const text = this.#labels.of(labels);
      const unixMs = timestamps ? point.unixMs : undefined;
      if (point.kind === 'number') this.#writeNumber(names, text, point, unixMs, type);
      else if (point.kind === 'histogram') this.#writeHistogram(names, text, point, unixMs, type);
      else if (point.kind === 'summary') this.#writeSummary(names, text, point, unixMs);
      else this.#writeExponential(names, text, point, unixMs, type);
      if (hasCreated && point.startUnixMs !== undefined)
        this.#writeLine(names.created, text, undefined, point.startUnixMs / 1000, unixMs);
    }
  }

  #writeColumns(family: PrometheusColumns, names: SampleNames, type: MetricType, hasCreated: boolean): void {
    const { columns } = family;
    const labels = new TextColumns(this.#out, family, this.#escaping);
    const exemplar = this.#isOpenMetrics && type === 'counter' ? columns.exemplar : undefined;
    const startUnixMs = hasCreated ? columns.startUnixMs : undefined;
    const written = { ...columns, exemplar, startUnixMs };
    inSlices(columns.places.length, (from, to) => this.#writeSlice(written, labels, names, from, to));
  }

  #writeSlice(
    { places, values, exemplar, startUnixMs }: NumberColumns,
    labels: TextColumns,
    { plain, created }: SampleNames,
    from: number,
    to: number,
  ): void {
    const out = this.#out;
    for (let i = from; i < to; i++) {
      const place = places[i]!;
      labels.write(plain, place);
      out.number(values[place]!);
      const one = exemplar?.(place);
      if (one !== undefined) this.#writeExemplar(one);
      out.byte(LINE_FEED);
      if (startUnixMs === undefined) continue;
      labels.write(created, place);
      out.number(startUnixMs[place]! / 1000);
      out.byte(LINE_FEED);
    }
  }

  #writeNumber(
    { plain }: SampleNames,
    labels: TextSpan,
    { value, exemplar }: NumberPoint,
    unixMs: number | undefined,
    type: MetricType,
  ): void {
    const mayHaveExemplar = this.#isOpenMetrics && type === 'counter';
    this.#writeLine(plain, labels, undefined, value, unixMs, mayHaveExemplar ? exemplar : undefined);
  }

  #writeHistogram(
    names: SampleNames,
    labels: TextSpan,
    { bounds, counts, exemplars, sum }: HistogramPoint,
    unixMs: number | undefined,
    type: MetricType,
  ): void {
    let upTo = 0;
    let lower = Number.NEGATIVE_INFINITY;
    for (let i = 0; i <= bounds.length; i++) {
      const bound = i < bounds.length ? bounds[i]! : Number.POSITIVE_INFINITY;
      upTo += counts[i] ?? 0;
      const exemplar = this.#isOpenMetrics ? exemplars?.[i] : undefined;
      const isInside = exemplar !== undefined && exemplar.value > lower && exemplar.value <= bound;
      const le = this.#bound('le', bound);
      this.#writeLine(names.bucket, labels, le, this.#whole(upTo), unixMs, isInside ? exemplar : undefined);
      lower = bound;
    }
    const hasNegative = bounds.length > 0 && bounds[0]! < 0;
    this.#writeTotals(names, labels, { count: upTo, sum }, unixMs, this.#maySum(sum, type, hasNegative));
  }

  /** The text formats have no word for exponential buckets: what was counted is in the one that has no bound. */
  #writeExponential(
    names: SampleNames,
    labels: TextSpan,
    { count, sum, negative }: ExponentialHistogramPoint,
    unixMs: number | undefined,
    type: MetricType,
  ): void {
    const le = this.#bound('le', Number.POSITIVE_INFINITY);
    this.#writeLine(names.bucket, labels, le, this.#whole(count), unixMs);
    this.#writeTotals(names, labels, { count, sum }, unixMs, this.#maySum(sum, type, negative.counts.length > 0));
  }

  #writeSummary(
    names: SampleNames,
    labels: TextSpan,
    { quantiles, count, sum }: SummaryPoint,
    unixMs: number | undefined,
  ): void {
    for (const { quantile, value } of quantiles) {
      if (this.#isOpenMetrics && (value < 0 || !(quantile >= 0 && quantile <= 1))) continue;
      this.#writeLine(names.plain, labels, this.#bound('quantile', quantile), value, unixMs);
    }
    if (sum !== undefined && (!this.#isOpenMetrics || sum >= 0))
      this.#writeLine(names.sum, labels, undefined, sum, unixMs);
    this.#writeLine(names.count, labels, undefined, this.#whole(count), unixMs);
  }

  /** Whether a histogram may show its sum: in OpenMetrics one that cannot be told from a count. */
  #maySum(sum: number | undefined, type: MetricType, hasNegative: boolean): boolean {
    if (sum === undefined) return false;
    if (!this.#isOpenMetrics) return true;
    return type === 'gauge_histogram' && hasNegative ? !Number.isNaN(sum) : sum >= 0 && !hasNegative;
  }

  /** Sum and count; OpenMetrics wants both or none. */
  #writeTotals(
    names: SampleNames,
    labels: TextSpan,
    { count, sum }: { readonly count: number; readonly sum: number | undefined },
    unixMs: number | undefined,
    maySum: boolean,
  ): void {
    if (maySum && sum !== undefined) this.#writeLine(names.sum, labels, undefined, sum, unixMs);
    if (maySum || !this.#isOpenMetrics) this.#writeLine(names.count, labels, undefined, this.#whole(count), unixMs);
  }

  /** One sample. `bound`: the label that it has beside those of its series, and the brace behind it. */
  #writeLine(
    name: SampleName,
    labels: TextSpan,
    bound: TextSpan | undefined,
    value: number,
    unixMs: number | undefined,
    exemplar?: Exemplar,
  ): void {
    const out = this.#out;
    const hasLabels = labels.end > labels.start;
    if (hasLabels || bound !== undefined) {
      out.span(name.open);
      out.span(labels);
      if (bound === undefined) out.byte(CLOSE);
      else {
        if (hasLabels) out.byte(COMMA);
        out.span(bound);
      }
    } else out.span(name.bare);
    out.byte(SPACE);
    out.number(value);
    if (unixMs !== undefined) {
      out.byte(SPACE);
      out.number(this.#isOpenMetrics ? unixMs / 1000 : Math.round(unixMs));
    }
    if (exemplar !== undefined) this.#writeExemplar(exemplar);
    out.byte(LINE_FEED);
  }

  #writeExemplar(exemplar: Exemplar): void {
    const out = this.#out;
    out.text(' # {');
    this.#writeLabels(exemplarLabels(exemplar), out);
    out.text('} ');
    out.number(exemplar.value);
    if (exemplar.unixMs === undefined) return;
    out.byte(SPACE);
    out.number(exemplar.unixMs / 1000);
  }

  /** OpenMetrics counts in whole numbers. */
  #whole(count: number): number {
    return this.#isOpenMetrics ? Math.round(count) : count;
  }

  /** `le="0.5"}` */
  #bound(label: 'le' | 'quantile', bound: number): TextSpan {
    const known = this.#bounds[label];
    let text = known.get(bound);
    if (text === undefined) known.set(bound, (text = spanOf(`${label}="${openMetricsFloat(bound)}"}`)));
    return text;
  }

  /** `a="x","b.c"="y"` */
  #writeLabels(labels: LabelSet, out: TextOutput): void {
    const prefixes = this.#prefixes.of(labels.names);
    if (prefixes === 'escaped') {
      let text = '';
      for (const [name, value] of escapePairs(labels, this.#escaping))
        text += `${text === '' ? '' : ','}${labelName(name)}="${escapeQuoted(value)}"`;
      out.text(text);
      return;
    }
    out.labels(prefixes, labels.values);
  }

  #sampleNames(name: string, base: string, type: MetricType): SampleNames {
    const prefix = type === 'gauge_histogram' ? '_g' : '_';
    return {
      plain: this.#sampleName(name),
      bucket: this.#sampleName(`${name}_bucket`),
      sum: this.#sampleName(`${name}${prefix}sum`),
      count: this.#sampleName(`${name}${prefix}count`),
      created: this.#sampleName(`${base}_created`),
    };
  }

  #sampleName(name: string): SampleName {
    const quoted = this.#quoted(name);
    return quoted === name
      ? { bare: spanOf(name), open: spanOf(`${name}{`) }
      : { bare: spanOf(`{${quoted}}`), open: spanOf(`{${quoted},`) };
  }

  #quoted(name: string): string {
    return isPlainName(name, 'metric') ? name : `"${escapeQuoted(name)}"`;
  }
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
