/** UTF-16 units from the first to the second, both included. */
export type CharRange = readonly [first: number, last: number];

/** A set of UTF-16 units: those in the ranges, or with `isNegated` all others. */
export interface CharSet {
  readonly ranges: readonly CharRange[];
  readonly isNegated: boolean;
}

const LAST = 0xffff;
const DIGIT = ranges('09');
const WORD = ranges('AZ', 'az', '09', '__');
/** What JavaScript counts as white space. */
const SPACE = ranges(
  '\t\r',
  '  ',
  '\u00a0\u00a0',
  '\u1680\u1680',
  '\u2000\u200a',
  '\u2028\u2029',
  '\u202f\u202f',
  '\u205f\u205f',
  '\u3000\u3000',
  '\ufeff\ufeff',
);

/** The sets that a letter behind a backslash stands for. */
export const SHORTHANDS: Readonly<Record<string, CharSet>> = {
  d: { ranges: DIGIT, isNegated: false },
  D: { ranges: DIGIT, isNegated: true },
  w: { ranges: WORD, isNegated: false },
  W: { ranges: WORD, isNegated: true },
  s: { ranges: SPACE, isNegated: false },
  S: { ranges: SPACE, isNegated: true },
};

/** The sets that a word stands for, as in `[[:alpha:]]`; ASCII. */
export const POSIX_SETS: Readonly<Record<string, readonly CharRange[]>> = {
  alpha: ranges('AZ', 'az'),
  digit: DIGIT,
  alnum: ranges('AZ', 'az', '09'),
  upper: ranges('AZ'),
  lower: ranges('az'),
  space: ranges('\t\r', '  '),
  blank: ranges('\t\t', '  '),
  punct: ranges('!/', ':@', '[`', '{~'),
  print: ranges(' ~'),
  graph: ranges('!~'),
  cntrl: ranges('\u0000\u001f', '\u007f\u007f'),
  xdigit: ranges('09', 'AF', 'af'),
  word: WORD,
  ascii: ranges('\u0000\u007f'),
};

/** Any character but the end of a line. */
export const DOT: CharSet = { ranges: ranges('\n\n'), isNegated: true };
/** Any character. */
export const ANY: CharSet = { ranges: [], isNegated: true };

/** The set of one UTF-16 unit. */
export function single(code: number): CharSet {
  return { ranges: [[code, code]], isNegated: false };
}

function ranges(...pairs: string[]): CharRange[] {
  return pairs.map((pair) => [pair.charCodeAt(0), pair.charCodeAt(1)]);
}

/** The ranges of a set that is not negated any more. */
export function positiveRanges({ ranges, isNegated }: CharSet): readonly CharRange[] {
  return isNegated ? complement(ranges) : ranges;
}

/** All that is in none of the ranges. */
export function complement(ranges: readonly CharRange[]): CharRange[] {
  const outside: CharRange[] = [];
  let next = 0;
  for (const [first, last] of merged(ranges)) {
    if (first > next) outside.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= LAST) outside.push([next, LAST]);
  return outside;
}

/** The same ranges in order, without overlaps. */
export function merged(ranges: readonly CharRange[]): CharRange[] {
  const result: [number, number][] = [];
  for (const [first, last] of ranges.toSorted(([a], [b]) => a - b)) {
    const before = result.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else result.push([first, last]);
  }
  return result;
}

/** Up to here letters are looked at one by one: Latin, Greek, Cyrillic, Armenian. */
const LAST_CASED = 0x58f;

/** The set with the other case of its letters. */
export function withBothCases({ ranges, isNegated }: CharSet): CharSet {
  const both = [...ranges];
  for (const [first, last] of ranges) {
    for (let code = first; code <= Math.min(last, LAST_CASED); code++) {
      const letter = String.fromCharCode(code);
      for (const other of [letter.toLowerCase(), letter.toUpperCase()]) {
        if (other.length === 1 && other !== letter) both.push([other.charCodeAt(0), other.charCodeAt(0)]);
      }
    }
  }
  return { ranges: merged(both), isNegated };
}

/** The set as it is written in a regular expression of JavaScript. */
export function setSource(set: CharSet): string {
  const { ranges, isNegated } = set;
  const [only] = ranges;
  if (!isNegated && ranges.length === 1 && only![0] === only![1]) return unitSource(only![0]);
  for (const [letter, shorthand] of Object.entries(SHORTHANDS)) {
    if (ranges === shorthand.ranges && isNegated === shorthand.isNegated) return `\\${letter}`;
  }
  const inside = merged(ranges).map(([first, last]) =>
    first === last ? unitSource(first) : `${unitSource(first)}-${unitSource(last)}`,
  );
  return `[${isNegated ? '^' : ''}${inside.join('')}]`;
}

function unitSource(code: number): string {
  const text = String.fromCharCode(code);
  return /[A-Za-z0-9_ "'%&,:;<=>@`~!#]/.test(text) ? text : `\\u${code.toString(16).padStart(4, '0')}`;
}
