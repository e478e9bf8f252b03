import { ANY, type CharSet, DOT, SHORTHANDS, single, withBothCases } from './char-set.ts';
import { parseClass, parseEscape } from './parse-class.ts';
import { PatternFault, PatternText } from './pattern-text.ts';
import type { PatternProblem, RegexNode } from './regex-node.ts';

/** How characters are compared at one place of a pattern. */
export interface RegexModes {
  /** Letters of both cases are the same, `(?i)`. */
  readonly ignoreCase: boolean;
  /** The point stands for the end of a line, too, `(?s)`. */
  readonly dotAll: boolean;
}

/** What the parser leaves to others. */
export interface RegexReferences {
  /** The node that `%{inside}` stands for; throws a `PatternFault` at `at` if there is none. */
  resolve(inside: string, at: number, modes: RegexModes): RegexNode;
}

/** The modes in which a pattern begins. */
export const PLAIN: RegexModes = { ignoreCase: false, dotAll: false };

const NAME = /^[\p{L}_@][\p{L}\p{N}_.@/-]*$/u;
const COUNTS = /\{(?:(\d+)(?:(,)(\d*))?|,(\d+))\}/y;
const MODE_LETTERS = /\(\?([a-zA-Z]*)(?:-([a-zA-Z]*))?([:)])/y;
const LOOK_AROUND = /\?<?[=!]/y;
const MAX_COUNT = 1000;
const MAX_DEPTH = 100;

/**
 * Parses a regular expression: what RE2 takes (no look-around, no back-references), in the notations of RE2, PCRE,
 * JavaScript and Oniguruma where they mean the same. Groups without a name are no fields; atomic groups and possessive
 * quantifiers are read as the plain ones. Returns the first thing that is wrong.
 */
export function parseRegex(pattern: string, references?: RegexReferences): RegexNode | PatternProblem {
  try {
    return parseRegexIn(pattern, PLAIN, references);
  } catch (fault) {
    if (!(fault instanceof PatternFault)) throw fault;
    return { column: fault.at + 1, problem: fault.message, hint: fault.hint };
  }
}

/** The same in certain modes. Throws a `PatternFault`. */
export function parseRegexIn(pattern: string, modes: RegexModes, references?: RegexReferences): RegexNode {
  const parser = new RegexParser(new PatternText(pattern), references);
  return parser.parse(modes);
}

class RegexParser {
  readonly #text: PatternText;
  readonly #references: RegexReferences | undefined;
  #depth = 0;

  constructor(text: PatternText, references: RegexReferences | undefined) {
    this.#text = text;
    this.#references = references;
  }

  parse(modes: RegexModes): RegexNode {
    const node = this.#parseChoice(modes);
    if (this.#text.isAtEnd) return node;
    throw new PatternFault(this.#text.at, '")" closes nothing', 'Write "\\)" for the character itself');
  }

  /** Everything up to the end of the group. */
  #parseChoice(modes: RegexModes): RegexNode {
    const branches: RegexNode[] = [];
    do {
      const items: RegexNode[] = [];
      while (!this.#text.isAtEnd && this.#text.peek() !== '|' && this.#text.peek() !== ')') {
        const changed = this.#parseModes(modes);
        if (changed !== undefined) modes = changed;
        else items.push(this.#parseRepeats(this.#parseAtom(modes)));
      }
      branches.push(items.length === 1 ? items[0]! : { kind: 'sequence', items });
    } while (this.#text.take('|'));
    return branches.length === 1 ? branches[0]! : { kind: 'choice', branches };
  }

  /** Modes that hold from here to the end of the group, as in `(?i)`. */
  #parseModes(modes: RegexModes): RegexModes | undefined {
    const start = this.#text.at;
    const match = this.#text.takeMatch(MODE_LETTERS);
    if (match?.[3] === ')') return changedModes(modes, match, start);
    this.#text.at = start;
    return undefined;
  }

  #parseAtom(modes: RegexModes): RegexNode {
    const text = this.#text;
    const at = text.at;
    if (text.take('%{') && this.#references !== undefined) {
      const inside = text.takeUntil('}');
      if (inside === undefined) throw new PatternFault(at, '"%{" has no end', 'Write it as in "%{NAME:field}"');
      return this.#references.resolve(inside, at, modes);
    }
    text.at = at;
    const unit = text.next();
    if (unit === '(') return this.#parseGroup(modes, at);
    if (unit === '[') return setNode(parseClass(text), modes);
    if (unit === '.') return { kind: 'set', set: modes.dotAll ? ANY : DOT };
    if (unit === '^' || unit === '$') return { kind: 'place', source: unit };
    if (unit === '\\') return this.#parseBackslash(modes);
    if (unit === '*' || unit === '+' || unit === '?') {
      throw new PatternFault(at, `"${unit}" repeats nothing`, `Write "\\${unit}" for the character itself`);
    }
    const code = unit.charCodeAt(0);
    if (code < 0xd800 || code >= 0xdc00) return setNode(single(code), modes);
    // The two halves of a character beyond U+FFFF are repeated together.
    const halves = [code, text.next().charCodeAt(0)];
    return { kind: 'sequence', items: halves.map((half) => ({ kind: 'set', set: single(half) })) };
  }

  #parseBackslash(modes: RegexModes): RegexNode {
    const text = this.#text;
    if (text.take('b')) return { kind: 'place', source: '\\b' };
    if (text.take('B')) return { kind: 'place', source: '\\B' };
    if (text.take('A')) return { kind: 'place', source: '^' };
    if (text.take('z') || text.take('Z')) return { kind: 'place', source: '$' };
    const letter = text.peek();
    if (!Object.hasOwn(SHORTHANDS, letter)) return setNode(single(parseEscape(text)), modes);
    text.next();
    return { kind: 'set', set: SHORTHANDS[letter]! };
  }

  /** What follows the parenthesis that stands at `at`. */
  #parseGroup(modes: RegexModes, at: number): RegexNode {
    const text = this.#text;
    if (++this.#depth > MAX_DEPTH) {
      throw new PatternFault(
        at,
        `groups are nested deeper than ${MAX_DEPTH}`,
        'Leave out the groups that are not needed',
      );
    }
    const around = text.takeMatch(LOOK_AROUND);
    if (around !== undefined) {
      const hint = 'Look-ahead and look-behind cannot be matched in linear time; match the text itself';
      throw new PatternFault(at, `unknown group "(${around[0]}"`, hint);
    }
    let name: string | undefined;
    if (text.take('?<') || text.take('?P<')) {
      name = text.takeUntil('>');
      if (!NAME.test(name ?? '')) {
        throw new PatternFault(at, 'the group has no name that can be used', 'Write it as in "(?<http.route>\\S+)"');
      }
    } else if (text.peek() === '?' && !text.take('?>')) {
      text.at = at;
      const match = text.takeMatch(MODE_LETTERS);
      if (match === undefined)
        throw new PatternFault(at, 'unknown kind of group', 'Write "\\(" for the character itself');
      modes = changedModes(modes, match, at);
    }
    const body = this.#parseChoice(modes);
    if (!text.take(')')) throw new PatternFault(at, '"(" is not closed', 'Write "\\(" for the character itself');
    this.#depth--;
    return name === undefined ? body : { kind: 'field', name, body };
  }

  /** `atom` with the quantifiers behind it. */
  #parseRepeats(atom: RegexNode): RegexNode {
    const text = this.#text;
    const at = text.at;
    let counts: readonly [number, number] | undefined;
    if (text.take('*')) counts = [0, Number.POSITIVE_INFINITY];
    else if (text.take('+')) counts = [1, Number.POSITIVE_INFINITY];
    else if (text.take('?')) counts = [0, 1];
    else counts = countsOf(text.takeMatch(COUNTS));
    if (counts === undefined) return atom;
    const [min, max] = counts;
    if (max < min) throw new PatternFault(at, 'the counts have no order', 'Write the smaller one first');
    if (min > MAX_COUNT || (max > MAX_COUNT && max !== Number.POSITIVE_INFINITY)) {
      throw new PatternFault(at, `a count is greater than ${MAX_COUNT}`, 'Write "*" or "+", which have no limit');
    }
    const isLazy = text.take('?');
    if (!isLazy) text.take('+');
    if (/[*+?]/.test(text.peek()) || countsOf(text.takeMatch(COUNTS)) !== undefined) {
      throw new PatternFault(text.at, 'a quantifier repeats a quantifier', 'Leave one of them out');
    }
    return { kind: 'repeat', body: atom, min, max, isLazy };
  }
}

function countsOf(match: RegExpExecArray | undefined): readonly [number, number] | undefined {
  if (match === undefined) return undefined;
  const [, min, comma, max, only] = match;
  if (only !== undefined) return [0, Number(only)];
  if (comma === undefined) return [Number(min), Number(min)];
  return [Number(min), max === '' ? Number.POSITIVE_INFINITY : Number(max)];
}

function setNode(set: CharSet, { ignoreCase }: RegexModes): RegexNode {
  return { kind: 'set', set: ignoreCase ? withBothCases(set) : set };
}

/** The modes with those of a match of `MODE_LETTERS` switched on and off. */
function changedModes(modes: RegexModes, [, on = '', off = '']: RegExpExecArray, at: number): RegexModes {
  if (/[^is]/.test(on + off)) {
    throw new PatternFault(
      at,
      `unknown mode "${on}${off && `-${off}`}"`,
      'Known are "i" (both cases) and "s" (the point is any character)',
    );
  }
  const has = (letter: string, before: boolean): boolean => !off.includes(letter) && (before || on.includes(letter));
  return { ignoreCase: has('i', modes.ignoreCase), dotAll: has('s', modes.dotAll) };
}
