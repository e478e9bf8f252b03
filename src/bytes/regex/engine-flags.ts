/**
 * What V8 must be told before the first expression of a user is compiled, so that no line costs more than linear time.
 *
 * Its usual engine tries one way after the other. The second flag lets it go on in the engine that follows all ways at
 * once after too many tries, the third says how many those are: 20 µs instead of 130, because many short lines can be
 * hostile, too. It does not count the steps back in a run of equal characters, so the first flag is for long lines,
 * which are matched by the other engine from the start.
 */
export const REGEX_ENGINE_FLAGS = [
  '--enable-experimental-regexp-engine',
  '--enable-experimental-regexp-engine-on-excessive-backtracks',
  '--regexp-backtracks-before-fallback=5000',
];
