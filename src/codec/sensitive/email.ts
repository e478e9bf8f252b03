import { isDigit } from '../../bytes/digits.ts';
import { ALPHANUMERIC, CLASS_OF, hexNumber } from './byte-classes.ts';
import type { Detector } from './detector.ts';

const AT = 0x40;
const PERCENT = 0x25;
const BACKSLASH = 0x5c;
const POINT = 0x2e;
const HYPHEN = 0x2d;
const LETTER_U = 0x75;

/** What is looked at before the sign at most, in bytes; the standard allows 64 characters (RFC 5321, 4.5.3.1). */
const MAX_LOCAL = 128;
const MAX_DOMAIN = 255;

/** What may be in the local part: of RFC 5322's signs those that do not mostly set values apart in logs. */
const IS_LOCAL = new Uint8Array(256);
for (const sign of "._%+-!#$*^~'`") IS_LOCAL[sign.charCodeAt(0)] = 1;
/** What it does not start with: quotes and marks that stand around it. */
const IS_TRIMMED = new Uint8Array(256);
for (const sign of ".-!#$*^~'`%") IS_TRIMMED[sign.charCodeAt(0)] = 1;
for (let byte = 0; byte < 256; byte++) if (isLetterOrDigit(byte)) IS_LOCAL[byte] = 1;

/** Letters behind a backslash that make a control character of JSON text. */
const IS_CONTROL = new Uint8Array(256);
for (const letter of 'bfnrt') IS_CONTROL[letter.charCodeAt(0)] = 1;

/**
 * Finds e-mail addresses. The sign may be written as `%40`, as in addresses of pages, or as `\u0040`, as in JSON text;
 * what such an escape stands for in front of the address is not taken for a part of it. Letters beyond ASCII count where
 * they have two bytes in UTF-8: Latin, Greek, Cyrillic and others that write spaces between words.
 */
export const email: Detector = {
  minLength: 6,

  suspect(bytes, end, blocks, bit) {
    blocks.markByte(bytes, end, AT, bit);
    blocks.markByte(bytes, end, PERCENT, bit);
    const used = bytes.subarray(0, end);
    for (let at = used.indexOf('\\u0040'); at >= 0; at = used.indexOf('\\u0040', at + 6)) blocks.mark(at, at + 6, bit);
  },

  find(bytes, start, end, matches) {
    let from = start;
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      if (byte !== AT && byte !== PERCENT && byte !== BACKSLASH) continue;
      const domain = at + signLength(bytes, at, end);
      if (domain === at) continue;
      const stop = domainEnd(bytes, domain, end);
      if (stop < 0) continue;
      const local = localStart(bytes, at, from);
      if (local === at) continue;
      matches.add(local, stop);
      from = stop;
      at = stop - 1;
    }
  },
};

/** How many bytes the sign at `at` has: `@`, `%40` or `\u0040`; 0: it is none. */
function signLength(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] === AT) return 1;
  if (bytes[at] === PERCENT) return hexNumber(bytes, at + 1, 2, end) === AT ? 3 : 0;
  return bytes[at + 1] === LETTER_U && hexNumber(bytes, at + 2, 4, end) === AT ? 6 : 0;
}

/** Where the domain ends that starts at `at`, or -1: it has no two labels, or a last one that is no name. */
function domainEnd(bytes: Uint8Array, at: number, end: number): number {
  const limit = Math.min(end, at + MAX_DOMAIN);
  let found = -1;
  for (let labels = 1; at < limit; labels++) {
    const label = at;
    while (at < limit && (bytes[at] === HYPHEN || isLetterOrDigit(bytes[at]!))) at++;
    let stop = at;
    while (stop > label && bytes[stop - 1] === HYPHEN) stop--;
    if (at === limit && limit < end) while (stop > label && isContinuation(bytes[stop]!)) stop--;
    if (stop === label || bytes[label] === HYPHEN) break;
    const isName = stop - label >= 2 && !isDigit(bytes[label]!);
    if (labels >= 2 && isName) found = stop;
    if (at >= limit || bytes[at] !== POINT) break;
    at++;
  }
  return found;
}

/** Where the local part starts that ends at `at`; `at` itself when there is none. */
function localStart(bytes: Uint8Array, at: number, from: number): number {
  const isEscaped = bytes[at] === PERCENT;
  const limit = Math.max(from, at - MAX_LOCAL);
  let start = at;
  while (start > limit && IS_LOCAL[bytes[start - 1]!] !== 0) {
    if (isEscaped && bytes[start - 1] === PERCENT) {
      const code = hexNumber(bytes, start, 2, at);
      // `%2B` is a plus inside of the address; `%3D` is what stands before it.
      if (code >= 0 && IS_LOCAL[code] === 0) {
        start += 2;
        break;
      }
    }
    start--;
  }
  if (start > from && bytes[start - 1] === BACKSLASH) start = behindEscape(bytes, start, at);
  while (start < at && (IS_TRIMMED[bytes[start]!] !== 0 || isContinuation(bytes[start]!))) start++;
  return start;
}

/** Where the text goes on behind the escape of JSON text whose letter is at `start`. */
function behindEscape(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] === LETTER_U && hexNumber(bytes, start + 1, 4, end) >= 0) return start + 5;
  return start < end && IS_CONTROL[bytes[start]!] !== 0 ? start + 1 : start;
}

/** Whether the byte goes on with a character of several bytes: nothing starts or ends there. */
function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** ASCII letters and digits, and the bytes of characters from U+00C0 to U+07FF. */
function isLetterOrDigit(byte: number): boolean {
  return (CLASS_OF[byte]! & ALPHANUMERIC) !== 0 || (byte >= 0x80 && byte < 0xe0 && byte !== 0xc2);
}
