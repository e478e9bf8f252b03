import { isDigit } from '../../bytes/digits.ts';
import { hexNumber } from './byte-classes.ts';

const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const LETTER_U = 0x75;
const LETTER_M = 0x6d;
const BRACKET = 0x5b;
const SEMICOLON = 0x3b;

/** The letters of escapes for white space in JSON text: `\n`, `\r`, `\t`, `\b`, `\f`. */
const SPACE_LETTERS = new Uint8Array(256);
for (const letter of 'nrtbf') SPACE_LETTERS[letter.charCodeAt(0)] = 1;

/**
 * Whether what ends at `at` is an escape, whose last letter or digit is no part of what follows: `\n`, `\u000a`, as in
 * JSON text that was not read, `%20`, or the color of a terminal, `[32m`. Nothing before `start` is looked at.
 */
export function isBehindEscape(bytes: Uint8Array, start: number, at: number): boolean {
  if (at - 2 >= start && bytes[at - 2] === BACKSLASH) return SPACE_LETTERS[bytes[at - 1]!] === 1;
  if (at - 3 >= start && bytes[at - 3] === PERCENT) return hexNumber(bytes, at - 2, 2, at) >= 0;
  if (bytes[at - 1] === LETTER_M) return isColor(bytes, start, at - 1);
  const isUnicode = at - 6 >= start && bytes[at - 6] === BACKSLASH && bytes[at - 5] === LETTER_U;
  return isUnicode && hexNumber(bytes, at - 4, 4, at) >= 0;
}

/** The longest color: `[38;2;255;255;255`. */
const MAX_COLOR_LENGTH = 18;

function isColor(bytes: Uint8Array, start: number, end: number): boolean {
  const limit = Math.max(start, end - MAX_COLOR_LENGTH);
  let at = end;
  while (at > limit && (isDigit(bytes[at - 1]!) || bytes[at - 1] === SEMICOLON)) at--;
  return at > start && bytes[at - 1] === BRACKET;
}

/**
 * Where the digits of an escape end whose `%` or `\u` stands before `at`, as in `%20` and `\u0020`: what they say is no
 * part of what follows, though it looks alike; `at` itself: it is none.
 */
export function escapeDigitsEnd(bytes: Uint8Array, start: number, at: number, end: number): number {
  if (at - 1 >= start && bytes[at - 1] === PERCENT) return hexNumber(bytes, at, 2, end) >= 0 ? at + 2 : at;
  const isUnicode = at - 2 >= start && bytes[at - 1] === LETTER_U && bytes[at - 2] === BACKSLASH;
  return isUnicode && hexNumber(bytes, at, 4, end) >= 0 ? at + 4 : at;
}
