import type { GuardedRegex } from '../../bytes/regex/guarded-regex.ts';
import { MATCH, TOO_COSTLY } from '../../bytes/regex/linear-regex.ts';
import type { Matches } from '../../codec/sensitive/matches.ts';

/** Finds what a regular expression, made with the flag `g`, matches. It needs the text as a string: about 200 ns a value. */
export class PatternDetector {
  readonly #pattern: GuardedRegex;
  readonly #places = new TextPlaces();

  constructor(pattern: GuardedRegex) {
    this.#pattern = pattern;
  }

  /**
   * Adds all matches in the text `bytes[start, end)`, in whole characters. Empty ones are none. Where to tell would cost
   * too much, all that is left of the text is one: what may be secret is not sent.
   */
  find(bytes: Buffer, start: number, end: number, matches: Matches): void {
    const text = bytes.toString('utf8', start, end);
    this.#places.set(text, start, end);
    const tried = this.#pattern.for(text);
    if (tried !== undefined && this.#findTried(tried, text, matches)) return;
    this.#findLinear(text, matches);
  }

  /** Returns whether it came to the end: V8 gives an expression only so much memory. */
  #findTried(tried: RegExp, text: string, matches: Matches): boolean {
    tried.lastIndex = 0;
    try {
      for (let match = tried.exec(text); match !== null; match = tried.exec(text)) {
        if (match[0] === '') tried.lastIndex++;
        else tried.lastIndex = this.#places.add(match.index, tried.lastIndex, matches);
      }
      return true;
    } catch {
      return false;
    }
  }

  #findLinear(text: string, matches: Matches): void {
    const { linear } = this.#pattern;
    linear.begin(text);
    let from = 0;
    let found = linear.find(from);
    while (found === MATCH) {
      from = linear.end === linear.start ? linear.end + 1 : this.#places.add(linear.start, linear.end, matches);
      if (from > text.length) return;
      found = linear.find(from);
    }
    if (found === TOO_COSTLY && from < text.length) this.#places.add(from, text.length, matches);
  }
}

/** The way from places in a text to the bytes that it came from, from its beginning to its end. */
class TextPlaces {
  #text = '';
  #start = 0;
  #isAscii = true;
  /** How far `#at` is known to lie behind the start of the text: `#index` of its characters. */
  #index = 0;
  #at = 0;

  set(text: string, start: number, end: number): void {
    this.#text = text;
    this.#start = start;
    this.#isAscii = text.length === end - start;
    this.#index = 0;
    this.#at = start;
  }

  /** Adds [from, to) of the text, made to whole characters, as bytes. Returns where it ends in the text. */
  add(from: number, to: number, matches: Matches): number {
    const text = this.#text;
    if (isLowHalf(text, from)) from--;
    if (isLowHalf(text, to)) to++;
    if (from < this.#index) {
      this.#index = 0;
      this.#at = this.#start;
    }
    const first = this.#isAscii ? this.#start + from : this.#at + Buffer.byteLength(text.slice(this.#index, from));
    this.#at = this.#isAscii ? this.#start + to : first + Buffer.byteLength(text.slice(from, to));
    this.#index = to;
    matches.add(first, this.#at);
    return to;
  }
}

/** Whether a character begins before `index` and ends behind it. */
function isLowHalf(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 0xdc00 && code < 0xe000 && index > 0;
}
