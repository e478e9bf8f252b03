import { type CompiledRegex, compileRegex, hasFallback } from './compile-regex.ts';
import { LinearRegex, MATCH, NO_MATCH } from './linear-regex.ts';
import { parseRegex } from './parse-regex.ts';
import type { PatternProblem, RegexNode } from './regex-node.ts';
import { stepCount } from './regex-program.ts';
import { triedLength } from './tried-length.ts';

/** What is wrong with a pattern that was parsed. */
export type RegexFault = Omit<PatternProblem, 'column'>;

/**
 * The longest text that V8 may try although it could need too many tries. It gives up after 500 (`REGEX_ENGINE_FLAGS`),
 * each of which can go over the whole text: up to 0.4 ms at this length.
 */
const MAX_WATCHED = 384;
/**
 * The engine in which it goes on then follows all ways at once, and takes up to 17 ns for each step of the expression, as
 * `stepCount()` has them, and each unit of the text. No more of these together: 0.5 ms.
 */
const MAX_WATCHED_STEPS = 30_000;
/** And the longest that it may try at all: with longer ones it would need much memory for what is left to try. */
const MAX_TRIED = 1 << 16;
/** One in so many of the watched texts, on average, is read with counted steps instead, to know what such texts need. */
const WATCHED_TEXTS = 32;
/** With more steps a text is one that V8 would give up. */
const MAX_STEPS = 400;
/** So many texts are not given to V8 after one of those. */
const DISTRUSTED_TEXTS = 2000;
/** Programs of no more steps are never too large, so they are made when they are needed. */
const SMALL_PROGRAM = 2500;

/**
 * A regular expression that costs linear time for any text, and little for the usual one.
 *
 * V8 is the fastest by far, and gets all texts for which its tries are few whatever they hold: that follows from the
 * expression (`triedLength()`). Longer ones go to `LinearRegex`. In between, where V8 could need too many tries and
 * hardly ever does, texts up to `MAX_WATCHED` are given to it, too, and watched by samples: after one that is hostile, a
 * great many go to `LinearRegex`. All engines find the same.
 */
export class GuardedRegex {
  readonly compiled: CompiledRegex;
  readonly #node: RegexNode;
  /** For texts for which its tries are few. */
  readonly #tried: RegExp;
  readonly #triedLength: number;
  /** For those that are watched. */
  readonly #watched: RegExp | undefined;
  readonly #watchedLength: number;
  readonly #random: () => number;
  #untilWatched = 0;
  #distrusted = 0;
  #isWatching = false;
  #linear: LinearRegex | undefined;

  private constructor(
    node: RegexNode,
    compiled: CompiledRegex,
    linear: LinearRegex | undefined,
    flags: string,
    random: () => number,
  ) {
    this.#linear = linear;
    this.compiled = compiled;
    this.#node = node;
    // With a look-ahead V8 never goes on in its other engine, which costs more than the tries that are left.
    this.#tried = new RegExp(`(?:${compiled.source})(?=)`, flags);
    this.#triedLength = Math.min(MAX_TRIED, triedLength(node));
    // Of all matches in a text, each would have tries of its own. And without its other engine V8 gives nothing up.
    this.#watchedLength = flags === '' && hasFallback(node) ? watchedLength(node) : 0;
    this.#watched = this.#watchedLength > 0 ? new RegExp(compiled.source) : undefined;
    this.#random = random;
  }

  /** Makes one; `flags` as V8 has them: none, or `g` where all matches in a text are wanted. */
  static create(node: RegexNode, flags = '', random: () => number = Math.random): GuardedRegex | RegexFault {
    const compiled = compileRegex(node);
    if ('problem' in compiled) return compiled;
    const linear = stepCount(node) > SMALL_PROGRAM ? LinearRegex.create(node) : undefined;
    try {
      if (linear !== undefined || stepCount(node) <= SMALL_PROGRAM) {
        return new GuardedRegex(node, compiled, linear, flags, random);
      }
    } catch {
      // V8 has its own limits, and says so with an error.
    }
    return { problem: 'it becomes too large', hint: 'Use smaller counts, and fewer repetitions in each other' };
  }

  /** V8's expression if the text is for that one; else `linear` is to be used, and then `watched()` called. */
  for(text: string): RegExp | undefined {
    if (text.length <= this.#triedLength) return this.#tried;
    if (text.length > this.#watchedLength) return undefined;
    if (this.#distrusted > 0) {
      this.#distrusted--;
      return undefined;
    }
    if (this.#untilWatched-- > 0) return this.#watched;
    this.#untilWatched = Math.floor(2 * WATCHED_TEXTS * this.#random());
    this.#isWatching = true;
    return undefined;
  }

  /** The engine for all other texts. */
  get linear(): LinearRegex {
    this.#linear ??= LinearRegex.create(this.#node);
    if (this.#linear === undefined) throw new Error('Cannot make a program that is too large');
    return this.#linear;
  }

  /** Whether it matches: `MATCH`, `NO_MATCH` or `TOO_COSTLY`. */
  test(text: string): number {
    const tried = this.for(text);
    if (tried !== undefined) {
      try {
        return tried.test(text) ? MATCH : NO_MATCH;
      } catch {
        // V8 gives an expression only so much memory.
      }
    }
    const found = this.linear.test(text);
    this.watched();
    return found;
  }

  /** Looks at what the text needed that `linear` has just read. */
  watched(): void {
    if (!this.#isWatching) return;
    this.#isWatching = false;
    if (this.linear.tried > MAX_STEPS) this.#distrusted = DISTRUSTED_TEXTS;
  }
}

/** The longest text of which V8 can give up the tries, and read it in its other engine, in a KiB's time. */
function watchedLength(node: RegexNode): number {
  return Math.min(MAX_WATCHED, Math.floor(MAX_WATCHED_STEPS / stepCount(node)));
}

/** Makes one of a pattern in the dialect of `parseRegex()`, which is that of RE2. */
export function createGuardedRegex(pattern: string, flags = ''): GuardedRegex | RegexFault {
  const node = parseRegex(pattern);
  return 'problem' in node ? node : GuardedRegex.create(node, flags);
}
