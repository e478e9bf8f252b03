import { type CharRange, type CharSet, complement, POSIX_SETS, positiveRanges, SHORTHANDS } from './char-set.ts';
import { PatternFault, type PatternText } from './pattern-text.ts';

/** Letters behind a backslash that stand for a character that cannot be seen. */
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7, e: 27 };

/** Reads what follows `[`, up to the `]` that ends it. */
export function parseClass(text: PatternText): CharSet {
  const open = text.at - 1;
  const isNegated = text.take('^');
  const ranges: CharRange[] = [];
  // A bracket that stands first is a character of the class.
  for (let isFirst = true; isFirst || !text.take(']'); isFirst = false) {
    if (text.isAtEnd)
      throw new PatternFault(open, 'the class "[" has no end', 'Close it with "]"; "\\[" is the character');
    const first = parseItem(text);
    if (typeof first !== 'number') {
      ranges.push(...first);
      continue;
    }
    if (text.peek() !== '-' || text.peek(1) === ']' || text.peek(1) === '') {
      ranges.push([first, first]);
      continue;
    }
    const dash = text.at;
    text.take('-');
    const last = parseItem(text);
    if (typeof last !== 'number' || last < first) {
      throw new PatternFault(dash, 'the range in a class has no order', 'Write "\\-" for the character itself');
    }
    ranges.push([first, last]);
  }
  return { ranges, isNegated };
}

/** One character of a class, or the ranges that something stands for. */
function parseItem(text: PatternText): number | readonly CharRange[] {
  if (text.take('[:')) return parsePosix(text);
  if (!text.take('\\')) return parseUnit(text);
  const letter = text.peek();
  const shorthand = Object.hasOwn(SHORTHANDS, letter) ? SHORTHANDS[letter] : undefined;
  if (shorthand !== undefined) {
    text.next();
    return positiveRanges(shorthand);
  }
  if (text.take('b')) return 8;
  return parseEscape(text);
}

function parsePosix(text: PatternText): readonly CharRange[] {
  const at = text.at - 2;
  const isNegated = text.take('^');
  const name = text.takeUntil(':]');
  const ranges = name !== undefined && Object.hasOwn(POSIX_SETS, name) ? POSIX_SETS[name] : undefined;
  if (ranges === undefined) {
    const hint = `Known are ${Object.keys(POSIX_SETS).join(', ')}; "\\[" is the character`;
    throw new PatternFault(at, '"[:" begins no class that is known', hint);
  }
  return isNegated ? complement(ranges) : ranges;
}

/** A character of a class that stands for itself. */
function parseUnit(text: PatternText): number {
  const at = text.at;
  const unit = text.next().charCodeAt(0);
  if (unit >= 0xd800 && unit < 0xe000) {
    const hint = 'Write the characters as a choice, as in "(?:a|b)"';
    throw new PatternFault(at, 'a character beyond U+FFFF cannot stand in a class', hint);
  }
  return unit;
}

/** The UTF-16 unit that what follows a backslash stands for. */
export function parseEscape(text: PatternText): number {
  const at = text.at - 1;
  const letter = text.next();
  if (Object.hasOwn(CONTROLS, letter)) return CONTROLS[letter]!;
  if (letter === 'x' && text.take('{')) return hexOf(text.takeUntil('}'), at);
  if (letter === 'x') return hexOf(text.nextMany(2).padEnd(2, '?'), at);
  if (letter === 'u') return hexOf(text.nextMany(4).padEnd(4, '?'), at);
  if (letter === '0' && !/[0-9]/.test(text.peek())) return 0;
  if (letter === '')
    throw new PatternFault(at, 'nothing follows the backslash', 'Write "\\\\" for the character itself');
  if (/[A-Za-z0-9]/.test(letter)) throw new PatternFault(at, `unknown escape "\\${letter}"`, escapeHint(letter));
  return letter.charCodeAt(0);
}

function hexOf(digits: string | undefined, at: number): number {
  const code = /^[0-9A-Fa-f]{1,8}$/.test(digits ?? '') ? Number.parseInt(digits!, 16) : -1;
  if (code >= 0 && code <= 0xffff && (code < 0xd800 || code > 0xdfff)) return code;
  throw new PatternFault(at, 'the escape names no character up to U+FFFF', 'Write it as in "\\x1b" or "\\u20ac"');
}

function escapeHint(letter: string): string {
  if (/[1-9k]/.test(letter)) return 'Back-references cannot be matched in linear time; write what is expected there';
  if (letter === 'h' || letter === 'H') return 'Write "[ \\t]" for a blank, "[0-9A-Fa-f]" for a hexadecimal digit';
  if (letter === 'p' || letter === 'P') return 'Write the ranges of the characters, as in "[A-Za-z\\u00c0-\\u024f]"';
  return 'Write the character without the backslash';
}
