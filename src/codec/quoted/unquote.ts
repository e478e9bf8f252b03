import { byteTable, HEX_VALUES, NO_VALUE } from '../../bytes/byte-tables.ts';
import { unescapeInto, writeCodePoint } from '../json/unescape.ts';

const BACKSLASH = 0x5c;
const LETTER_X = 0x78;
const LETTER_U = 0x75;
const CAPITAL_U = 0x55;
const MAX_CODE_POINT = 0x10ffff;

/** What the letter behind a backslash stands for, but for `x`, `u` and `U`. */
const MEANING = byteTable({
  '"': '"',
  "'": "'",
  '\\': '\\',
  '/': '/',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
});

/**
 * Decodes the inside of a quoted text with the escapes of JSON and of Go (`\a \v \' \x1b \U0001f600`) to `target` from
 * `at` on, and returns where it ends; -1: there is another escape in it. What comes out is never longer, and is no UTF-8
 * where `\x` made it so. O(length).
 */
export function unquoteInto(bytes: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  let i = start;
  while (i < end) {
    const byte = bytes[i]!;
    if (byte !== BACKSLASH) {
      target[at++] = byte;
      i++;
      continue;
    }
    const letter = i + 1 < end ? bytes[i + 1]! : 0;
    if (MEANING[letter] !== NO_VALUE) {
      target[at++] = MEANING[letter]!;
      i += 2;
    } else if (letter === LETTER_U) {
      const length = unicodeLength(bytes, i, end);
      if (length === 0) return -1;
      at = unescapeInto(bytes, i, i + length, target, at);
      i += length;
    } else {
      const digits = letter === LETTER_X ? 2 : letter === CAPITAL_U ? 8 : 0;
      const code = digits === 0 ? -1 : hexValue(bytes, i + 2, digits, end);
      if (code < 0 || code > MAX_CODE_POINT || (code >= 0xd800 && code < 0xe000)) return -1;
      if (digits === 2) target[at++] = code;
      else at = writeCodePoint(target, at, code);
      i += 2 + digits;
    }
  }
  return at;
}

/** How long the `\u` escape at `at` is: 12 with the other half of a pair behind it, 0 when it is broken. */
function unicodeLength(bytes: Uint8Array, at: number, end: number): number {
  const code = hexValue(bytes, at + 2, 4, end);
  if (code < 0) return 0;
  const isHigh = code >= 0xd800 && code < 0xdc00;
  if (!isHigh || at + 12 > end || bytes[at + 6] !== BACKSLASH || bytes[at + 7] !== LETTER_U) return 6;
  return hexValue(bytes, at + 8, 4, end) < 0 ? 6 : 12;
}

function hexValue(bytes: Uint8Array, at: number, digits: number, end: number): number {
  if (at + digits > end) return -1;
  let value = 0;
  for (let i = at; i < at + digits; i++) {
    if (HEX_VALUES[bytes[i]!] === NO_VALUE) return -1;
    value = value * 16 + HEX_VALUES[bytes[i]!]!;
  }
  return value;
}
