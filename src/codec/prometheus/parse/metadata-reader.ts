import type { MetricType } from '../../../core/metric.ts';
import { isPlainName } from '../names.ts';
import { unitOfWord, unitWord } from '../units.ts';
import { ExpositionError } from './exposition-error.ts';
import { skipBlanks, tokenEnd, unescapeText } from './read-series.ts';

/** What a comment says. */
export type Metadata =
  | { readonly kind: 'EOF' }
  | { readonly kind: 'TYPE'; readonly name: string; readonly type: MetricType }
  | { readonly kind: 'HELP'; readonly name: string; readonly text: string }
  | { readonly kind: 'UNIT'; readonly name: string; readonly unit: string };

const OPENMETRICS_TYPES: ReadonlyMap<string, MetricType> = new Map([
  ['counter', 'counter'],
  ['gauge', 'gauge'],
  ['histogram', 'histogram'],
  ['gaugehistogram', 'gauge_histogram'],
  ['stateset', 'state_set'],
  ['info', 'info'],
  ['summary', 'summary'],
  ['unknown', 'unknown'],
]);

const TEXT_TYPES: ReadonlyMap<string, MetricType> = new Map([
  ['counter', 'counter'],
  ['gauge', 'gauge'],
  ['histogram', 'histogram'],
  ['summary', 'summary'],
]);

/** Reads the comments of an exposition. */
export class MetadataReader {
  readonly #bytes: Buffer;
  readonly #isStrict: boolean;

  constructor(bytes: Buffer, isStrict: boolean) {
    this.#bytes = bytes;
    this.#isStrict = isStrict;
  }

  /** What the comment `bytes[start, end)` says; undefined: nothing that counts. Throws an ExpositionError. */
  read(start: number, end: number): Metadata | undefined {
    const bytes = this.#bytes;
    if (this.#isStrict && bytes.toString('latin1', start, end) === '# EOF') return { kind: 'EOF' };
    const kindStart = this.#skip(start + 1, end);
    const kindEnd = tokenEnd(bytes, kindStart, end);
    const kind = bytes.toString('latin1', kindStart, kindEnd);
    if (kind !== 'TYPE' && kind !== 'HELP' && !(kind === 'UNIT' && this.#isStrict)) {
      if (this.#isStrict) throw new ExpositionError('comment says nothing that OpenMetrics knows');
      return undefined;
    }
    const nameStart = this.#skip(kindEnd, end);
    // A word that is about nothing is a comment like any other; to Prometheus, too.
    if (nameStart === end && !this.#isStrict) return undefined;
    const nameEnd = bytes[nameStart] === QUOTE ? quotesEnd(bytes, nameStart, end) : tokenEnd(bytes, nameStart, end);
    const name = nameOf(bytes.toString('utf8', nameStart, nameEnd));
    const rest = bytes.toString('utf8', this.#skip(nameEnd, end), end);
    if (kind === 'TYPE') return { kind, name, type: this.#type(rest) };
    if (kind === 'HELP') return { kind, name, text: unescapeText(rest, this.#isStrict ? undefined : /\\([\\n])/g) };
    if (!/^[a-zA-Z0-9_]*$/.test(rest)) throw new ExpositionError('unit is no word');
    return { kind, name, unit: unitOfWord(rest) };
  }

  /** Passes over what stands between two words: one blank, or any number of them. */
  #skip(at: number, end: number): number {
    if (!this.#isStrict) return skipBlanks(this.#bytes, at, end);
    if (at >= end || this.#bytes[at] !== 0x20) throw new ExpositionError('blank expected');
    return at + 1;
  }

  /** Throws an ExpositionError where a family may not have its unit. */
  checkUnit({ name, type, unit }: { readonly name: string; readonly type: MetricType; readonly unit: string }): void {
    if (unit === '') return;
    if (!name.endsWith(`_${unitWord(unit)}`)) throw new ExpositionError('name does not end with the unit');
    if (type === 'info' || type === 'state_set') throw new ExpositionError('info or state set with a unit');
  }

  #type(word: string): MetricType {
    const type = (this.#isStrict ? OPENMETRICS_TYPES : TEXT_TYPES).get(this.#isStrict ? word : word.trimEnd());
    if (type === undefined && this.#isStrict) throw new ExpositionError('type is not known');
    return type ?? 'unknown';
  }
}

const QUOTE = 0x22;

/** Where the quotes that open at `start` are closed; `end`: nowhere. */
function quotesEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start + 1; at < end; at++) {
    if (bytes[at] === QUOTE) return at + 1;
    if (bytes[at] === 0x5c) at++;
  }
  return end;
}

function nameOf(written: string): string {
  if (written.length > 2 && written.startsWith('"') && written.endsWith('"')) return unescapeText(written.slice(1, -1));
  if (!isPlainName(written, 'metric')) throw new ExpositionError('comment is of no name of a metric');
  return written;
}
