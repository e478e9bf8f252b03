import { HEX_VALUES } from '../../bytes/byte-tables.ts';

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/** What the letter behind a backslash stands for; `"`, `\` and `/` stand for themselves. */
const MEANING = Uint8Array.from({ length: 256 }, (_, letter) => letter);
for (const [letter, character] of Object.entries({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' })) {
  MEANING[letter.charCodeAt(0)] = character.charCodeAt(0);
}

const REPLACEMENT = 0xfffd;

/**
 * Decodes the inside of a JSON string, `bytes[start, end)` without its quotes, to UTF-8 in `target` from `at` on, and
 * returns where it ends. O(length).
 *
 * The string must be valid JSON. The output is never longer than the input, so `target` may be `bytes` itself, with
 * `at <= start` or `at >= end`. A surrogate without its other half becomes U+FFFD.
 */
export function unescapeInto(bytes: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  let i = start;
  while (i < end) {
    const byte = bytes[i++]!;
    if (byte !== BACKSLASH) {
      target[at++] = byte;
      continue;
    }
    const letter = bytes[i++]!;
    if (letter !== LETTER_U) {
      target[at++] = MEANING[letter]!;
      continue;
    }
    let code = hexAt(bytes, i);
    i += 4;
    if (code >= 0xd800 && code < 0xe000) {
      const low = code < 0xdc00 && i + 6 <= end && bytes[i] === BACKSLASH && bytes[i + 1] === LETTER_U;
      const half = low ? hexAt(bytes, i + 2) : 0;
      if (half >= 0xdc00 && half < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (half - 0xdc00);
        i += 6;
      } else {
        code = REPLACEMENT;
      }
    }
    at = writeCodePoint(target, at, code);
  }
  return at;
}

function hexAt(bytes: Uint8Array, i: number): number {
  return (
    (HEX_VALUES[bytes[i]!]! << 12) |
    (HEX_VALUES[bytes[i + 1]!]! << 8) |
    (HEX_VALUES[bytes[i + 2]!]! << 4) |
    HEX_VALUES[bytes[i + 3]!]!
  );
}

/** Writes a code point as UTF-8 to `target` at `at`; returns where it ends. */
export function writeCodePoint(target: Uint8Array, at: number, code: number): number {
  if (code < 0x80) {
    target[at++] = code;
  } else if (code < 0x800) {
    target[at++] = 0xc0 | (code >> 6);
    target[at++] = 0x80 | (code & 0x3f);
  } else if (code < 0x10000) {
    target[at++] = 0xe0 | (code >> 12);
    target[at++] = 0x80 | ((code >> 6) & 0x3f);
    target[at++] = 0x80 | (code & 0x3f);
  } else {
    target[at++] = 0xf0 | (code >> 18);
    target[at++] = 0x80 | ((code >> 12) & 0x3f);
    target[at++] = 0x80 | ((code >> 6) & 0x3f);
    target[at++] = 0x80 | (code & 0x3f);
  }
  return at;
}
