import { hexNumber } from './byte-classes.ts';

const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const LETTER_U = 0x75;

/** The letters of escapes for white space in JSON text: `\n`, `\r`, `\t`, `\b`, `\f`. */
const SPACE_LETTERS = new Uint8Array(256);
for (const letter of 'nrtbf') SPACE_LETTERS[letter.charCodeAt(0)] = 1;

/**
 * Whether what ends at `at` is an escape, whose last letter or digit is no part of what follows: `\n`, `\u000a`, as in
 * JSON text that was not read, or `%20`. Nothing before `start` is looked at.
 */
export function isBehindEscape(bytes: Uint8Array, start: number, at: number): boolean {
  if (at - 2 >= start && bytes[at - 2] === BACKSLASH) return SPACE_LETTERS[bytes[at - 1]!] === 1;
  if (at - 3 >= start && bytes[at - 3] === PERCENT) return hexNumber(bytes, at - 2, 2, at) >= 0;
  const isUnicode = at - 6 >= start && bytes[at - 6] === BACKSLASH && bytes[at - 5] === LETTER_U;
  return isUnicode && hexNumber(bytes, at - 4, 4, at) >= 0;
}
