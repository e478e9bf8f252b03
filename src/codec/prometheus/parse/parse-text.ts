import { isUtf8 } from 'node:buffer';
import { LabelSet } from '../../../core/label-set.ts';
import type { Exemplar, MetricType } from '../../../core/metric.ts';
import { ExpositionError } from './exposition-error.ts';
import { FamilyAssembler, type Sample } from './family-assembler.ts';
import { MetadataReader } from './metadata-reader.ts';
import { OpenMetricsRules, TakenNames } from './openmetrics-rules.ts';
import type { ParsedExposition, ParseOptions } from './parse-exposition.ts';
import { millisecondsOf, readNumber, readRealNumber } from './read-number.ts';
import { bracesEnd, readLabels, readSeries, seriesEnd, skipBlanks, tokenEnd } from './read-series.ts';
import { OPENMETRICS_SUFFIXES, type SampleSuffix, sampleLabelOf, TEXT_SUFFIXES } from './sample-suffix.ts';
import type { ScrapedSeries } from './series-cache.ts';

const LINE_FEED = 0x0a;
const SPACE = 0x20;
const HASH = 0x23;

/** More code points than this the labels of an exemplar may not have. */
const MAX_EXEMPLAR_CHARACTERS = 128;

/** A family that lines have named. */
interface OpenFamily {
  name: string;
  type: MetricType;
  unit: string;
  help: string;
  /** Which lines about it there were, and whether samples were. */
  readonly seen: Set<string>;
}

interface Resolution {
  readonly family: OpenFamily;
  readonly suffix: SampleSuffix;
}

/**
 * Reads the text format 0.0.4 (and 1.0.0, which has names in quotes). Lines of one metric may stand anywhere; what no
 * type is known of is `unknown`. Throws an ExpositionError where a line is none.
 */
export function parseText(bytes: Buffer, options: ParseOptions): ParsedExposition {
  return new TextParser(bytes, options, false).parse();
}

/** Reads OpenMetrics 1.0, with all its rules. Throws an ExpositionError where one is broken. */
export function parseOpenMetrics(bytes: Buffer, options: ParseOptions): ParsedExposition {
  return new TextParser(bytes, options, true).parse();
}

class TextParser {
  readonly #bytes: Buffer;
  readonly #options: ParseOptions;
  readonly #isStrict: boolean;
  readonly #grammar: { readonly isStrict: boolean };
  readonly #assembler = new FamilyAssembler();
  readonly #metadata: MetadataReader;
  /** By the name of the family. */
  readonly #families = new Map<string, OpenFamily>();
  /** By the name of the sample. */
  readonly #resolutions = new Map<string, Resolution>();
  readonly #taken = new TakenNames();
  #current: OpenFamily | undefined;
  #rules: OpenMetricsRules | undefined;
  #samples = 0;
  #isEnded = false;

  constructor(bytes: Buffer, options: ParseOptions, isStrict: boolean) {
    this.#bytes = bytes;
    this.#options = options;
    this.#isStrict = isStrict;
    this.#grammar = { isStrict };
    this.#metadata = new MetadataReader(bytes, isStrict);
  }

  parse(): ParsedExposition {
    const bytes = this.#bytes;
    if (!isUtf8(bytes)) throw new ExpositionError('Exposition is not valid UTF-8');
    let line = 1;
    try {
      for (let start = 0; start < bytes.length; line++) {
        const found = bytes.indexOf(LINE_FEED, start);
        const end = found < 0 ? bytes.length : found;
        if (this.#isEnded) throw new ExpositionError('something stands behind "# EOF"');
        this.#readLine(start, end);
        start = end + 1;
      }
      if (this.#isStrict && !this.#isEnded) throw new ExpositionError('"# EOF" is missing');
      this.#endFamily();
    } catch (error) {
      if (error instanceof ExpositionError) throw new ExpositionError(`Line ${line}: ${error.message}`);
      throw error;
    }
    const families = this.#assembler.families();
    const { kept, duplicates, incomplete } = this.#assembler;
    return { families, samples: this.#samples, kept, duplicates, incomplete };
  }

  #readLine(lineStart: number, end: number): void {
    const bytes = this.#bytes;
    const start = this.#isStrict ? lineStart : skipBlanks(bytes, lineStart, end);
    if (start === end) {
      if (this.#isStrict) throw new ExpositionError('line is empty');
    } else if (bytes[start] === HASH) this.#readComment(start, end);
    else this.#readSample(start, end);
  }

  #readComment(start: number, end: number): void {
    const found = this.#metadata.read(start, end);
    if (found === undefined) return;
    if (found.kind === 'EOF') {
      this.#isEnded = true;
      return;
    }
    const family = this.#openFamily(found.name);
    if (family.seen.has('sample') || family.seen.has(found.kind)) {
      if (this.#isStrict) throw new ExpositionError(`${found.kind} of a metric comes twice, or behind its samples`);
      return;
    }
    family.seen.add(found.kind);
    if (found.kind === 'TYPE') family.type = found.type;
    else if (found.kind === 'HELP') family.help = found.text;
    else family.unit = found.unit;
  }

  #openFamily(name: string): OpenFamily {
    if (this.#isStrict && this.#current?.name !== name) this.#endFamily();
    let family = this.#isStrict ? this.#current : this.#families.get(name);
    if (family === undefined) {
      family = { name, type: 'unknown', unit: '', help: '', seen: new Set() };
      this.#families.set(name, family);
    }
    this.#current = family;
    return family;
  }

  /** In OpenMetrics a family ends where another one begins. */
  #endFamily(): void {
    const family = this.#current;
    if (!this.#isStrict || family === undefined) return;
    this.#rules?.end();
    this.#taken.take(family.name, family.type);
    this.#metadata.checkUnit(family);
    this.#rules = undefined;
    this.#current = undefined;
  }

  #readSample(start: number, end: number): void {
    const bytes = this.#bytes;
    const { cache } = this.#options;
    const seriesStop = seriesEnd(bytes, start, end, this.#grammar);
    const text = bytes.toString('utf8', start, seriesStop);
    let series = cache.find(text);
    let resolution = series && this.#resolve(series.name);
    if (series === undefined || series.sampleLabel !== labelOf(resolution!)) {
      const written = readSeries(bytes, start, seriesStop, this.#grammar);
      resolution = this.#resolve(written.name);
      series = cache.add(text, written, labelOf(resolution));
    }
    this.#readValues(series, resolution!, seriesStop, end);
  }

  /** What stands behind the series: value, time, exemplar. */
  #readValues(series: ScrapedSeries, { family, suffix }: Resolution, start: number, end: number): void {
    const bytes = this.#bytes;
    const valueStart = this.#skipSeparator(start, end);
    const valueEnd = tokenEnd(bytes, valueStart, end);
    const value = readNumber(bytes, valueStart, valueEnd);
    if (value === undefined) throw new ExpositionError('value is not a number');
    let at = valueEnd;
    let unixMs: number | undefined;
    if (!this.#isStrict) at = skipBlanks(bytes, at, end);
    if (at < end && !this.#isExemplar(at, end)) {
      const timeStart = this.#isStrict ? this.#skipSeparator(at, end) : at;
      at = tokenEnd(bytes, timeStart, end);
      unixMs = this.#time(timeStart, at);
      if (!this.#isStrict) at = skipBlanks(bytes, at, end);
    }
    let exemplar: Exemplar | undefined;
    if (at < end) {
      if (!this.#isStrict || !this.#isExemplar(at, end)) throw new ExpositionError('something stands behind the value');
      exemplar = this.#exemplar(at + 3, end);
    }
    this.#samples++;
    const sample: Sample = { series, suffix, value, unixMs, exemplar };
    if (this.#isStrict) this.#rules!.add(sample);
    const { honorTimestamps } = this.#options;
    this.#assembler.add(family, honorTimestamps || unixMs === undefined ? sample : { ...sample, unixMs: undefined });
  }

  /** Passes over one blank, or, where blanks are free, over any number of them, none included. */
  #skipSeparator(at: number, end: number): number {
    if (!this.#isStrict) return skipBlanks(this.#bytes, at, end);
    if (at >= end || this.#bytes[at] !== SPACE) throw new ExpositionError('blank expected');
    return at + 1;
  }

  #isExemplar(at: number, end: number): boolean {
    const bytes = this.#bytes;
    return at + 2 < end && bytes[at] === SPACE && bytes[at + 1] === HASH && bytes[at + 2] === SPACE;
  }

  #exemplar(start: number, end: number): Exemplar {
    const bytes = this.#bytes;
    if (bytes[start] !== 0x7b) throw new ExpositionError('exemplar without labels');
    const labelsStop = bracesEnd(bytes, start, end);
    const pairs = readLabels(bytes, start, labelsStop, this.#grammar);
    let characters = 0;
    for (const [name, value] of pairs) characters += [...name].length + [...value].length;
    if (characters > MAX_EXEMPLAR_CHARACTERS) throw new ExpositionError('labels of an exemplar are too long');
    const valueStart = this.#skipSeparator(labelsStop, end);
    const valueEnd = tokenEnd(bytes, valueStart, end);
    const value = readNumber(bytes, valueStart, valueEnd);
    if (value === undefined) throw new ExpositionError('value of an exemplar is not a number');
    let unixMs: number | undefined;
    if (valueEnd < end) {
      const timeStart = this.#skipSeparator(valueEnd, end);
      unixMs = this.#time(timeStart, end);
    }
    return { labels: LabelSet.of(pairs), value, unixMs };
  }

  /** Milliseconds of a time that is written in seconds (OpenMetrics) or milliseconds. */
  #time(start: number, end: number): number {
    const time = readRealNumber(this.#bytes, start, end);
    if (time === undefined) throw new ExpositionError('time is not a number');
    return this.#isStrict ? millisecondsOf(time) : time;
  }

  #resolve(name: string): Resolution {
    if (this.#isStrict) return this.#resolveInOrder(name);
    let found = this.#resolutions.get(name);
    if (found === undefined) {
      found = this.#findFamily(name) ?? { family: this.#undeclared(name), suffix: '' };
      found.family.seen.add('sample');
      this.#resolutions.set(name, found);
    }
    return found;
  }

  #findFamily(name: string): Resolution | undefined {
    const exact = this.#families.get(name);
    if (exact !== undefined && TEXT_SUFFIXES[exact.type].includes('')) return { family: exact, suffix: '' };
    for (const suffix of TEXT_SUFFIXES.histogram) {
      const family = name.endsWith(suffix) ? this.#families.get(name.slice(0, -suffix.length)) : undefined;
      if (family !== undefined && TEXT_SUFFIXES[family.type].includes(suffix)) return { family, suffix };
    }
    return undefined;
  }

  /** In OpenMetrics a sample is of the family before it, or of one without a word about it. */
  #resolveInOrder(name: string): Resolution {
    const current = this.#current;
    if (current !== undefined && name.startsWith(current.name)) {
      const rest = name.slice(current.name.length);
      const suffix = OPENMETRICS_SUFFIXES[current.type].find((one) => one === rest);
      if (suffix !== undefined) {
        this.#startSamples(current);
        return { family: current, suffix };
      }
    }
    this.#endFamily();
    const family = this.#undeclared(name);
    this.#current = family;
    this.#startSamples(family);
    return { family, suffix: '' };
  }

  #startSamples(family: OpenFamily): void {
    family.seen.add('sample');
    this.#rules ??= new OpenMetricsRules(family);
  }

  #undeclared(name: string): OpenFamily {
    return { name, type: 'unknown', unit: '', help: '', seen: new Set(['sample']) };
  }
}

function labelOf({ family, suffix }: Resolution): string | undefined {
  return sampleLabelOf(family.type, suffix, family.name);
}
