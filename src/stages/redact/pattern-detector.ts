import type { GuardedRegex } from '../../bytes/regex/guarded-regex.ts';
import type { Matches } from '../../codec/sensitive/matches.ts';

/** Finds what a regular expression, made with the flag `g`, matches. It needs the text as a string: about 200 ns a value. */
export class PatternDetector {
  readonly #pattern: GuardedRegex;

  constructor(pattern: GuardedRegex) {
    this.#pattern = pattern;
  }

  /** Adds all matches in the text `bytes[start, end)`, in whole characters. Empty ones are none. */
  find(bytes: Buffer, start: number, end: number, matches: Matches): void {
    const text = bytes.toString('utf8', start, end);
    const pattern = this.#pattern.for(text);
    const isAscii = text.length === end - start;
    pattern.lastIndex = 0;
    // How far `at` is known to lie behind the start of the text: `index` of its characters.
    let index = 0;
    let at = start;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      if (match[0] === '') {
        pattern.lastIndex++;
        continue;
      }
      const from = match.index - (isLowHalf(text, match.index) ? 1 : 0);
      const to = pattern.lastIndex + (isLowHalf(text, pattern.lastIndex) ? 1 : 0);
      const first = isAscii ? start + from : at + Buffer.byteLength(text.slice(index, from));
      at = isAscii ? start + to : first + Buffer.byteLength(text.slice(from, to));
      index = to;
      pattern.lastIndex = to;
      matches.add(first, at);
    }
  }
}

/** Whether a character begins before `index` and ends behind it. */
function isLowHalf(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 0xdc00 && code < 0xe000 && index > 0;
}
