import { compileRegex } from './compile-regex.ts';
import { parseRegex } from './parse-regex.ts';
import type { PatternProblem } from './regex-node.ts';

/**
 * The longest text for the engine that tries one way after the other. It is the faster one by far, but quadratic for
 * some expressions, so that a hostile KiB costs up to 0.5 ms. The other one needs 0.05 to 0.1 ms for any KiB.
 */
const MAX_TRIED_LENGTH = 1024;

/** The flag of V8 for the engine that follows all ways at once. */
const LINEAR = 'l';

/** Whether the process was started with `REGEX_ENGINE_FLAGS`. */
function hasLinearEngine(): boolean {
  try {
    new RegExp('a', LINEAR);
    return true;
  } catch {
    return false;
  }
}

/** A regular expression in the form that `compileRegex()` gives, in both engines of V8: linear time for every text. */
export class GuardedRegex {
  readonly #tried: RegExp;
  /** The same for long texts. */
  readonly #linear: RegExp;

  /** `flags`: none, or `g`. */
  constructor(source: string, flags = '') {
    this.#tried = new RegExp(source, flags);
    this.#linear = hasLinearEngine() ? new RegExp(source, flags + LINEAR) : this.#tried;
  }

  /** The expression for a text of that length. Matching throws where V8 gives it too little memory. */
  for(text: string): RegExp {
    return text.length <= MAX_TRIED_LENGTH ? this.#tried : this.#linear;
  }

  /** Whether it matches; false also where V8 gives it too little memory to tell. */
  test(text: string): boolean {
    try {
      return this.for(text).test(text);
    } catch {
      return false;
    }
  }
}

/** Makes one of a pattern in the dialect of `parseRegex()`, which is that of RE2. */
export function createGuardedRegex(pattern: string, flags = ''): GuardedRegex | Omit<PatternProblem, 'column'> {
  const node = parseRegex(pattern);
  if ('problem' in node) return node;
  const compiled = compileRegex(node);
  return 'problem' in compiled ? compiled : new GuardedRegex(compiled.source, flags);
}
