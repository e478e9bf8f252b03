import type { ByteBuffer } from '../../bytes/byte-buffer.ts';
import type { Detector } from '../../codec/sensitive/detector.ts';
import { Matches } from '../../codec/sensitive/matches.ts';
import type { SuspectBlocks } from '../../codec/sensitive/suspect-blocks.ts';
import type { PatternDetector } from './pattern-detector.ts';
import type { Replacement } from './replacement.ts';

/** Bit of the detectors that cannot tell beforehand where they find something: they look at every text. */
const ALWAYS = 0x100;
/** Every bit there is. */
export const ALL_BITS = 0x1ff;

/** A detector of a stage. */
export interface NamedDetector {
  readonly name: string;
  readonly detector: Detector | PatternDetector;
  /** Whether it can find something in a number, which is digits alone. */
  readonly findsNumbers: boolean;
}

/** Finds in a text all that is to be hidden, and writes the text without it. */
export class Redactor {
  /** What every text is looked at for, whatever is suspected. */
  readonly alwaysBits: number;
  /** How many bytes a text has at least in which something is found. */
  readonly minLength: number;
  /** Of all bits those that count for numbers. */
  readonly numberBits: number;
  /** How much each detector has hidden, by its number; whoever reads it sets it back. */
  readonly counts: Float64Array;
  /** Whether the name that belongs to the text says that it is a secret. */
  isNamedSecret = false;
  readonly #detectors: readonly (NamedDetector & { readonly bit: number; readonly minLength: number })[];
  readonly #replacement: Replacement;
  readonly #matches = new Matches();

  constructor(detectors: readonly NamedDetector[], replacement: Replacement) {
    let bit = 1;
    this.#detectors = detectors.map((named) => {
      const own = 'suspect' in named.detector ? bit : ALWAYS;
      if (own !== ALWAYS) bit <<= 1;
      return { ...named, bit: own, minLength: 'suspect' in named.detector ? named.detector.minLength : 1 };
    });
    this.minLength = Math.min(...this.#detectors.map(({ minLength }) => minLength));
    const numbers = this.#detectors.filter(({ findsNumbers }) => findsNumbers);
    this.alwaysBits = this.#detectors.some((named) => named.bit === ALWAYS) ? ALWAYS : 0;
    this.numberBits = numbers.reduce((bits, named) => bits | named.bit, 0);
    this.counts = new Float64Array(detectors.length);
    this.#replacement = replacement;
  }

  /** Marks the blocks of `bytes[0, end)` in which something may lie. */
  suspect(bytes: Buffer, end: number, blocks: SuspectBlocks): void {
    for (const { detector, bit } of this.#detectors) {
      if ('suspect' in detector) detector.suspect(bytes, end, blocks, bit);
    }
  }

  /** Looks at the text `bytes[start, end)` with the detectors of `bits`; whether there is something to hide. */
  find(bytes: Buffer, start: number, end: number, bits: number): boolean {
    const matches = this.#matches;
    matches.count = 0;
    matches.isNamedSecret = this.isNamedSecret;
    for (let i = 0; i < this.#detectors.length; i++) {
      const { detector, bit, minLength } = this.#detectors[i]!;
      if ((bits & bit) === 0 || end - start < minLength) continue;
      matches.detector = i;
      detector.find(bytes, start, end, matches);
    }
    matches.settle();
    return matches.count > 0;
  }

  /** Appends to `out` the text that `find()` was asked about last, without what it found, and counts that. */
  append(out: ByteBuffer, bytes: Buffer, start: number, end: number): void {
    const { count, starts, ends, detectors } = this.#matches;
    let at = start;
    for (let i = 0; i < count; i++) {
      appendSpan(out, bytes, at, starts[i]!);
      this.#replacement.append(out, detectors[i]!, bytes, starts[i]!, ends[i]!);
      this.counts[detectors[i]!]!++;
      at = ends[i]!;
    }
    appendSpan(out, bytes, at, end);
  }
}

/** Appends `bytes[start, end)`. */
export function appendSpan(out: ByteBuffer, bytes: Buffer, start: number, end: number): void {
  out.reserve(out.length, end - start);
  bytes.copy(out.bytes, out.length, start, end);
  out.length += end - start;
}
