import { isPlainName } from '../names.ts';
import { ExpositionError } from './exposition-error.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const SPACE = 0x20;
const TAB = 0x09;

/** A name, and labels in the order in which they are written. */
export interface WrittenSeries {
  readonly name: string;
  readonly pairs: readonly (readonly [name: string, value: string])[];
}

/** How strict a format is about blanks and commas. */
export interface SeriesGrammar {
  /** OpenMetrics: no blanks within braces or before them, no comma at the end. */
  readonly isStrict: boolean;
}

/**
 * Where the series at `start` ends: behind its name, or behind the brace that closes its labels. Says nothing about
 * whether it is right. A brace that is not closed ends with the line.
 */
export function seriesEnd(bytes: Buffer, start: number, end: number, { isStrict }: SeriesGrammar): number {
  let at = start;
  while (at < end && isNameByte(bytes[at]!)) at++;
  const nameEnd = at;
  if (!isStrict) at = skipBlanks(bytes, at, end);
  if (at === end || bytes[at] !== OPEN) return nameEnd;
  return bracesEnd(bytes, at, end);
}

/** Where the braces that open at `start` are closed, outside of quotes; `end`: nowhere. */
export function bracesEnd(bytes: Buffer, start: number, end: number): number {
  let isQuoted = false;
  for (let at = start + 1; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (byte === BACKSLASH && isQuoted) at++;
    else if (byte === CLOSE && !isQuoted) return at + 1;
  }
  return end;
}

/**
 * Reads `bytes[start, end)`, which `seriesEnd()` has found: `name`, `name{label="value"}`, or `{"name",label="value"}`
 * for names of any characters. Throws an ExpositionError where it is none of them.
 */
export function readSeries(bytes: Buffer, start: number, end: number, grammar: SeriesGrammar): WrittenSeries {
  let at = start;
  while (at < end && isNameByte(bytes[at]!)) at++;
  const name = bytes.toString('latin1', start, at);
  if (!grammar.isStrict) at = skipBlanks(bytes, at, end);
  if (at === end) return { name: checkedName(name), pairs: [] };
  const labels = new LabelReader(bytes, at, end, grammar).read();
  if (labels.name !== undefined && name !== '') throw new ExpositionError('metric has two names');
  return { name: labels.name ?? checkedName(name), pairs: labels.pairs };
}

/** The labels between braces alone, as an exemplar has them. */
export function readLabels(bytes: Buffer, start: number, end: number, grammar: SeriesGrammar): WrittenSeries['pairs'] {
  const { name, pairs } = new LabelReader(bytes, start, end, grammar).read();
  if (name !== undefined) throw new ExpositionError('exemplar has a name');
  return pairs;
}

class LabelReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #isStrict: boolean;
  #at: number;

  constructor(bytes: Buffer, start: number, end: number, { isStrict }: SeriesGrammar) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#isStrict = isStrict;
  }

  read(): { readonly name: string | undefined; readonly pairs: (readonly [string, string])[] } {
    this.#expect(OPEN, '"{"');
    const pairs: (readonly [string, string])[] = [];
    const names = new Set<string>();
    let name: string | undefined;
    for (let isFirst = true; this.#bytes[this.#at] !== CLOSE; isFirst = false) {
      if (!isFirst) {
        this.#expect(0x2c, '","');
        if (!this.#isStrict && this.#bytes[this.#at] === CLOSE) break;
      }
      const isQuoted = this.#bytes[this.#at] === QUOTE;
      const label = isQuoted ? this.#quoted() : this.#plain();
      if (isFirst && isQuoted && this.#bytes[this.#at] !== 0x3d) {
        name = label;
        if (name === '') throw new ExpositionError('metric has no name');
        continue;
      }
      if (!(isQuoted ? label !== '' : isPlainName(label, 'label')))
        throw new ExpositionError(`${quoted(label)} is not the name of a label`);
      this.#expect(0x3d, '"="');
      if (names.has(label)) throw new ExpositionError(`label ${quoted(label)} is there twice`);
      names.add(label);
      pairs.push([label, this.#quoted()]);
    }
    this.#at++;
    if (this.#at !== this.#end) throw new ExpositionError('labels are not closed');
    return { name, pairs };
  }

  #plain(): string {
    const start = this.#at;
    while (this.#at < this.#end && isNameByte(this.#bytes[this.#at]!)) this.#at++;
    const name = this.#bytes.toString('latin1', start, this.#at);
    this.#skipBlanks();
    return name;
  }

  #quoted(): string {
    if (this.#bytes[this.#at] !== QUOTE || this.#at >= this.#end) throw new ExpositionError('quotes expected');
    const start = ++this.#at;
    let isEscaped = false;
    while (this.#at < this.#end && this.#bytes[this.#at] !== QUOTE) {
      if (this.#bytes[this.#at] === BACKSLASH) {
        isEscaped = true;
        this.#at++;
      }
      this.#at++;
    }
    if (this.#at >= this.#end) throw new ExpositionError('quotes are not closed');
    const text = this.#bytes.toString('utf8', start, this.#at);
    this.#at++;
    this.#skipBlanks();
    return isEscaped ? unescapeText(text) : text;
  }

  #expect(byte: number, name: string): void {
    if (this.#at >= this.#end || this.#bytes[this.#at] !== byte) throw new ExpositionError(`${name} expected`);
    this.#at++;
    this.#skipBlanks();
  }

  #skipBlanks(): void {
    if (!this.#isStrict) this.#at = skipBlanks(this.#bytes, this.#at, this.#end);
  }
}

/** Undoes the escapes of values and help texts; other backslashes stay as they are. */
export function unescapeText(text: string, escapes = /\\(["\\n])/g): string {
  return text.replaceAll(escapes, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

/** Where blanks and tabs that start at `at` end. */
export function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
  return at;
}

/** Where what starts at `at` ends with a blank or a tab. */
export function tokenEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] !== SPACE && bytes[at] !== TAB) at++;
  return at;
}

/** Whether the byte may be in a name without quotes, at its beginning or later. */
function isNameByte(byte: number): boolean {
  return (
    (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x30 && byte <= 0x3a) || byte === 0x5f
  );
}

function checkedName(name: string): string {
  if (!isPlainName(name, 'metric')) throw new ExpositionError(`${quoted(name)} is not the name of a metric`);
  return name;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
