/**
 * What V8 must be told before the first expression of a user is compiled.
 *
 * Its usual engine tries one way after the other, and goes on in one that follows all ways at once after too many tries.
 * How many those are is far below V8's own number, because many short lines can be hostile, too (`GuardedRegex`).
 */
export const REGEX_ENGINE_FLAGS = [
  '--enable-experimental-regexp-engine-on-excessive-backtracks',
  '--regexp-backtracks-before-fallback=500',
];
