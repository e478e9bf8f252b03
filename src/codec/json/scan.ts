import { fitsInt64 } from '../../bytes/int64.ts';
import { ValueType } from '../../core/value-type.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const ZERO = 0x30;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Containers inside each other that are read; deeper text counts as unreadable (RFC 8259, section 9 allows a limit). */
export const MAX_JSON_DEPTH = 64;

/** What the letter behind a backslash may be, but for `u` (RFC 8259, section 7). */
const IS_ESCAPE = new Uint8Array(256);
for (const letter of '"\\/bfnrt') IS_ESCAPE[letter.charCodeAt(0)] = 1;

const IS_HEX = new Uint8Array(256);
for (const digit of '0123456789abcdefABCDEF') IS_HEX[digit.charCodeAt(0)] = 1;

/** The first byte at or behind `at` that is no JSON white space. */
export function skipSpace(bytes: Uint8Array, at: number, end: number): number {
  while (at < end) {
    const byte = bytes[at]!;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    at++;
  }
  return at;
}

/**
 * The closing quote of the string whose inside starts at `at`, or -1: no valid JSON string ends before `end`.
 */
export function scanString(bytes: Uint8Array, at: number, end: number): number {
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at;
    if (byte < 0x20) return -1;
    at++;
    if (byte !== BACKSLASH) continue;
    const letter = bytes[at++]!;
    if (at > end) return -1;
    if (letter === 0x75) {
      if (at + 4 > end) return -1;
      for (const stop = at + 4; at < stop; at++) if (IS_HEX[bytes[at]!] === 0) return -1;
    } else if (IS_ESCAPE[letter] === 0) {
      return -1;
    }
  }
  return -1;
}

/**
 * The first quote, backslash or control character at or behind `at`, or an offset of `end` or more when there is none
 * before it. Looks at four bytes at once, so it reads up to 3 bytes behind `end`: twice as fast as a loop over bytes
 * for strings of 15 bytes (test/bench/micro/string-end.bench.ts).
 *
 * Of each word, `x - 0x01…` borrows into the highest bit of a byte that is zero, as a byte is that equals the wanted
 * one; the lowest hit is exact, and the lowest is what counts.
 */
export function findStringEnd(view: DataView, at: number, end: number): number {
  for (; at < end; at = (at + 4) | 0) {
    const hit = stringEnds(view.getInt32(at, true));
    if (hit !== 0) return (at + ((31 - Math.clz32(hit & -hit)) >> 3)) | 0;
  }
  return at;
}

/** The bits of a word that say where one of these stands; what is wanted is ASCII, so no other byte has its highest bit. */
function stringEnds(word: number): number {
  return (
    (((word ^ 0x22222222) - 0x01010101) | ((word ^ 0x5c5c5c5c) - 0x01010101) | (word - 0x20202020)) & ~word & 0x80808080
  );
}

/** Where the number that starts at `at` ends, or -1: it is none. */
export function scanNumber(bytes: Uint8Array, at: number, end: number): number {
  const whole = scanInteger(bytes, at, end);
  return whole < 0 ? -1 : scanFraction(bytes, whole, end);
}

/** Where the whole part of the number that starts at `at` ends, or -1: it has none. */
export function scanInteger(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] === MINUS) at++;
  const first = at < end ? bytes[at]! - ZERO : -1;
  if (first < 0 || first > 9) return -1;
  return first === 0 ? at + 1 : skipDigits(bytes, at + 1, end);
}

/** Where the fraction and the exponent end that start at `at`; `at` when there are none, -1 when they are broken. */
export function scanFraction(bytes: Uint8Array, at: number, end: number): number {
  if (at < end && bytes[at] === 0x2e) {
    const digits = at + 1;
    at = skipDigits(bytes, digits, end);
    if (at === digits) return -1;
  }
  if (at < end && (bytes[at]! | 0x20) === 0x65) {
    at++;
    if (at < end && (bytes[at] === 0x2b || bytes[at] === MINUS)) at++;
    const digits = at;
    at = skipDigits(bytes, digits, end);
    if (at === digits) return -1;
  }
  return at;
}

function skipDigits(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at]! - ZERO >= 0 && bytes[at]! - ZERO <= 9) at++;
  return at;
}

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

/** Where the literal `true`, `false` or `null` that starts at `at` ends, or -1. */
export function scanLiteral(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at];
  const word = first === 0x74 ? TRUE : first === 0x66 ? FALSE : NULL;
  if (at + word.length > end) return -1;
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return -1;
  return at + word.length;
}

/** The type of the number `bytes[start, end)`, `-?[0-9]+` or with more behind it. */
export function numberType(bytes: Uint8Array, start: number, end: number): ValueType {
  return scanInteger(bytes, start, end) === end ? integerType(bytes, start, end) : ValueType.Double;
}

/** The type of an integer: one that does not fit into 64 bits is a String, because a double would not be exact. */
export function integerType(bytes: Uint8Array, start: number, end: number): ValueType {
  return end - start < 19 || fitsInt64(bytes, start, end) ? ValueType.Int : ValueType.String;
}

/** The type of a literal, by its first letter. */
export function literalType(letter: number): ValueType {
  if (letter === 0x74) return ValueType.True;
  return letter === 0x66 ? ValueType.False : ValueType.Empty;
}

/**
 * Where the value that starts at `at` ends, or -1: it is not valid JSON, or deeper than MAX_JSON_DEPTH. `depth` is the
 * number of containers around it. O(bytes).
 */
export function scanValue(bytes: Uint8Array, at: number, end: number, depth: number): number {
  if (at >= end) return -1;
  const byte = bytes[at]!;
  if (byte === QUOTE) {
    const close = scanString(bytes, at + 1, end);
    return close < 0 ? -1 : close + 1;
  }
  if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
    if (depth === MAX_JSON_DEPTH) return -1;
    return byte === OPEN_BRACE ? scanObject(bytes, at + 1, end, depth + 1) : scanArray(bytes, at + 1, end, depth + 1);
  }
  return byte === MINUS || (byte >= ZERO && byte <= 0x39) ? scanNumber(bytes, at, end) : scanLiteral(bytes, at, end);
}

function scanObject(bytes: Uint8Array, at: number, end: number, depth: number): number {
  at = skipSpace(bytes, at, end);
  if (at < end && bytes[at] === CLOSE_BRACE) return at + 1;
  for (;;) {
    if (at >= end || bytes[at] !== QUOTE) return -1;
    at = scanString(bytes, at + 1, end);
    if (at < 0) return -1;
    at = skipSpace(bytes, at + 1, end);
    if (at >= end || bytes[at] !== COLON) return -1;
    at = scanValue(bytes, skipSpace(bytes, at + 1, end), end, depth);
    if (at < 0) return -1;
    at = skipSpace(bytes, at, end);
    if (at >= end) return -1;
    if (bytes[at] === CLOSE_BRACE) return at + 1;
    if (bytes[at] !== COMMA) return -1;
    at = skipSpace(bytes, at + 1, end);
  }
}

function scanArray(bytes: Uint8Array, at: number, end: number, depth: number): number {
  at = skipSpace(bytes, at, end);
  if (at < end && bytes[at] === CLOSE_BRACKET) return at + 1;
  for (;;) {
    at = scanValue(bytes, at, end, depth);
    if (at < 0) return -1;
    at = skipSpace(bytes, at, end);
    if (at >= end) return -1;
    if (bytes[at] === CLOSE_BRACKET) return at + 1;
    if (bytes[at] !== COMMA) return -1;
    at = skipSpace(bytes, at + 1, end);
  }
}
