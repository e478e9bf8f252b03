import { createGuardedRegex, type RegexFault } from '../../bytes/regex/guarded-regex.ts';
import { MATCH } from '../../bytes/regex/linear-regex.ts';
import type { LinePattern } from '../../framing/multiline/patterns.ts';

/** What may stand at the beginning of a pattern, and decides about the same place as what follows it. */
const LOOK_AHEAD = /^\^\(\?([=!])/;

/**
 * Compiles a pattern for lines, in the dialect of `parseRegex()`. Look-ahead is possible where it stands first, as in
 * `^(?!\s)` or `^(?!\s|Caused by)\S+:`: that is two patterns for the same place. A line that costs too much does not
 * match.
 */
export function compileLinePattern(pattern: string): LinePattern | RegexFault {
  const [begin, kind] = LOOK_AHEAD.exec(pattern) ?? [];
  const end = begin === undefined ? -1 : endOfGroup(pattern, begin.length);
  if (begin === undefined || end < 0) return compilePlain(pattern);
  const ahead = compilePlain(`^(?:${pattern.slice(begin.length, end)})`);
  if ('problem' in ahead) return ahead;
  const rest = pattern.slice(end + 1);
  // Then it is not for all that follows.
  if (/^[*+?{]/.test(rest) || hasChoice(rest)) return compilePlain(pattern);
  const behind = compileLinePattern(`^${rest}`);
  if ('problem' in behind) return behind;
  const isWanted = kind === '=';
  return { test: (line) => ahead.test(line) === isWanted && behind.test(line) };
}

function compilePlain(pattern: string): LinePattern | RegexFault {
  const regex = createGuardedRegex(pattern);
  return 'problem' in regex ? regex : { test: (line) => regex.test(line) === MATCH };
}

const PARTS = /\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]/gs;

/** Where the ")" stands that closes a group whose inside begins at `at`; -1: nowhere. */
function endOfGroup(pattern: string, at: number): number {
  let depth = 1;
  for (const { 0: part, index } of pattern.slice(at).matchAll(PARTS)) {
    if (part === '(') depth++;
    if (part === ')' && --depth === 0) return at + index;
  }
  return -1;
}

/** Whether there is a "|" outside of groups. */
function hasChoice(pattern: string): boolean {
  let depth = 0;
  for (const [part] of pattern.matchAll(PARTS)) {
    if (part === '(') depth++;
    if (part === ')') depth--;
    if (part === '|' && depth === 0) return true;
  }
  return false;
}
