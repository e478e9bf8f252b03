import type { Measure } from './compile-regex.ts';
import { GuardedRegex, type RegexFault } from './guarded-regex.ts';
import { MATCH, NO_MATCH } from './linear-regex.ts';
import type { RegexNode } from './regex-node.ts';

/**
 * The text of a line as V8's regular expressions need it, and the way back from places in it to bytes. One is used for
 * line after line.
 */
export class LineText {
  text = '';
  #bytes: Uint8Array = new Uint8Array(0);
  /** Where the line starts. */
  start = 0;
  /** Whether each character of the text is a byte of the line. */
  isAscii = true;
  /** The place up to which the way is known, in the text and in the bytes. */
  #unit = 0;
  #at = 0;

  /** Takes `bytes[start, end)`, valid UTF-8. O(length). */
  set(bytes: Buffer, start: number, end: number): void {
    this.text = bytes.toString('utf8', start, end);
    this.#bytes = bytes;
    this.start = start;
    // Whatever has more than one byte has fewer units than bytes.
    this.isAscii = this.text.length === end - start;
    this.#unit = 0;
    this.#at = start;
  }

  /**
   * Turns places in the text into offsets of bytes; negative ones are left. Inside of a character beyond U+FFFF it is
   * the end of the character. O(distance from the place before).
   */
  toOffsets(places: Int32Array): void {
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      if (place >= 0) places[i] = this.#offsetOf(place);
    }
  }

  #offsetOf(place: number): number {
    const bytes = this.#bytes;
    let [unit, at] = place < this.#unit ? [0, this.start] : [this.#unit, this.#at];
    while (unit < place) {
      const first = bytes[at]!;
      if (first < 0x80) at++;
      else if (first < 0xe0) at += 2;
      else at += first < 0xf0 ? 3 : 4;
      unit += first < 0xf0 ? 1 : 2;
    }
    this.#unit = unit;
    this.#at = at;
    return at;
  }
}

/**
 * A regular expression that says where its fields are, at the price of one without: V8 tells the places of groups by
 * the flag `d` only, which takes 300 ns more for ten of them (test/bench/micro/pattern.bench.ts).
 */
export class SpanRegex {
  /** The names of the fields; one may come twice. */
  readonly fields: readonly string[];
  readonly #regex: GuardedRegex;
  readonly #measures: readonly Measure[];
  /** The measures where no part is inside of another one: `before`, `group` and `slot` of each. Else empty. */
  readonly #flat: Int32Array;

  private constructor(regex: GuardedRegex) {
    const { measures, fields } = regex.compiled;
    this.#regex = regex;
    this.fields = fields;
    this.#measures = measures;
    const isFlat = measures.every(({ inside }) => inside.length === 0);
    this.#flat = Int32Array.from(isFlat ? measures.flatMap(({ before, group, slot }) => [before, group, slot]) : []);
  }

  /** Makes one, or says what is wrong with the expression. */
  static create(node: RegexNode): SpanRegex | RegexFault {
    const regex = GuardedRegex.create(node);
    return 'problem' in regex ? regex : new SpanRegex(regex);
  }

  /**
   * Matches the line: `MATCH`, `NO_MATCH` or `TOO_COSTLY`. When it does, `spans` has the start and end of each field as
   * offsets of bytes, -1 for none.
   */
  match(line: LineText, spans: Int32Array): number {
    const tried = this.#regex.for(line.text);
    if (tried === undefined) return this.#matchLinear(line, spans);
    let groups: RegExpExecArray | null;
    try {
      groups = tried.exec(line.text);
    } catch {
      // V8 gives an expression only so much memory.
      return this.#matchLinear(line, spans);
    }
    if (groups === null) return NO_MATCH;
    const at = groups.index + (line.isAscii ? line.start : 0);
    if (this.#flat.length > 0) {
      walkFlat(this.#flat, groups, at, spans);
    } else {
      spans.fill(-1);
      walk(this.#measures, groups, at, spans);
    }
    if (!line.isAscii) line.toOffsets(spans);
    return MATCH;
  }

  #matchLinear(line: LineText, spans: Int32Array): number {
    const { linear } = this.#regex;
    linear.begin(line.text);
    const found = linear.find(0);
    this.#regex.watched();
    if (found !== MATCH) return found;
    const before = line.isAscii ? line.start : 0;
    for (let i = 0; i < spans.length; i++) {
      // One whose end is not there took no part.
      const place = linear.spans[i | 1]! < 0 ? -1 : linear.spans[i]!;
      spans[i] = place < 0 ? -1 : place + before;
    }
    if (!line.isAscii) line.toOffsets(spans);
    return MATCH;
  }
}

type Groups = readonly (string | undefined)[];

/** Sets the places of the fields, from the place `at` on. */
function walkFlat(measures: Int32Array, groups: Groups, at: number, spans: Int32Array): void {
  for (let i = 0; i < measures.length; i += 3) {
    at += measures[i]!;
    const text = groups[measures[i + 1]!];
    const slot = 2 * measures[i + 2]!;
    const start = text === undefined ? -1 : at;
    if (text !== undefined) at += text.length;
    if (slot < 0) continue;
    spans[slot] = start;
    spans[slot + 1] = at;
  }
}

function walk(measures: readonly Measure[], groups: Groups, at: number, spans: Int32Array): void {
  for (let i = 0; i < measures.length; i++) {
    const { before, group, slot, last, inside } = measures[i]!;
    at += before;
    const text = groups[group];
    if (text === undefined) continue;
    const end = at + text.length;
    if (slot >= 0) {
      spans[2 * slot] = at;
      spans[2 * slot + 1] = end;
    }
    if (inside.length > 0) walk(inside, groups, last === 0 ? at : end - (groups[last]?.length ?? 0), spans);
    at = end;
  }
}
