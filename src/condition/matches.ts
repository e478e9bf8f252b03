import { GuardedRegex } from '../bytes/regex/guarded-regex.ts';
import { MATCH, TOO_COSTLY } from '../bytes/regex/linear-regex.ts';
import { parseRegex } from '../bytes/regex/parse-regex.ts';
import { stepCount } from '../bytes/regex/regex-program.ts';

/**
 * Expressions that come out of a record are no longer and no larger than this, so that a line cannot choose one that
 * takes long to be made; and so many are kept.
 */
const MAX_LENGTH = 256;
const MAX_STEPS = 128;
const MAX_KEPT = 64;

const kept = new Map<string, GuardedRegex>();

/** The expression of a literal. Throws what `parseCondition()` says of a wrong one. */
export function literalPattern(pattern: string, maxSteps = Number.POSITIVE_INFINITY): GuardedRegex {
  const node = parseRegex(pattern);
  if ('problem' in node) throw wrong(pattern, node.problem);
  const expression = stepCount(node) > maxSteps ? { problem: 'it becomes too large' } : GuardedRegex.create(node);
  if ('problem' in expression) throw wrong(pattern, expression.problem);
  return expression;
}

function wrong(pattern: string, problem: string): SyntaxError {
  return new SyntaxError(`Invalid regular expression ${JSON.stringify(pattern)}: ${problem}`);
}

/**
 * `matches()` for the library: its own costs whatever a line makes it cost. Throws where it cannot tell, which is an
 * error to CEL.
 */
export function matchesPattern(text: string, pattern: string): boolean {
  let expression = kept.get(pattern);
  if (expression === undefined) {
    if (pattern.length > MAX_LENGTH) throw new RangeError('Cannot use regular expression: it is too long');
    expression = literalPattern(pattern, MAX_STEPS);
    if (kept.size === MAX_KEPT) kept.clear();
    kept.set(pattern, expression);
  }
  const result = expression.test(text);
  if (result === TOO_COSTLY) throw new RangeError('Cannot match: the text costs too much with this expression');
  return result === MATCH;
}
