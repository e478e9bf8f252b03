import { createGuardedRegex, type GuardedRegex } from '../bytes/regex/guarded-regex.ts';
import { MATCH, TOO_COSTLY } from '../bytes/regex/linear-regex.ts';

/** Expressions that come out of a record are no longer than this, and so many are kept. */
const MAX_LENGTH = 1000;
const MAX_KEPT = 64;

const kept = new Map<string, GuardedRegex>();

/** The expression of a literal. Throws what `parseCondition()` says of a wrong one. */
export function literalPattern(pattern: string): GuardedRegex {
  const expression = createGuardedRegex(pattern);
  if ('problem' in expression) {
    throw new SyntaxError(`Invalid regular expression ${JSON.stringify(pattern)}: ${expression.problem}`);
  }
  return expression;
}

/**
 * `matches()` for the library: its own costs whatever a line makes it cost. Throws where it cannot tell, which is an
 * error to CEL.
 */
export function matchesPattern(text: string, pattern: string): boolean {
  let expression = kept.get(pattern);
  if (expression === undefined) {
    if (pattern.length > MAX_LENGTH) throw new RangeError('Cannot use regular expression: it is too long');
    expression = literalPattern(pattern);
    if (kept.size === MAX_KEPT) kept.clear();
    kept.set(pattern, expression);
  }
  const result = expression.test(text);
  if (result === TOO_COSTLY) throw new RangeError('Cannot match: the text costs too much with this expression');
  return result === MATCH;
}
