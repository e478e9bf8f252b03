import { byteTable, HEX_VALUES, NO_VALUE } from '../../bytes/byte-tables.ts';

const BACKSLASH = 0x5c;
const LETTER_X = 0x78;

/** What the letter behind a backslash stands for; NO_VALUE: the backslash stands for itself. */
const MEANING = byteTable({
  '"': '"',
  '\\': '\\',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
});

/**
 * Decodes the escapes of nginx (`\x22`) and Apache (`\"`, `\\`, `\t`, `\x16`) in `bytes[start, end)` to `target` from
 * `at` on, and returns where it ends. What comes out is never longer, and may be no UTF-8.
 */
export function unescapeAccess(bytes: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  let i = start;
  while (i < end) {
    const byte = bytes[i++]!;
    if (byte !== BACKSLASH || i === end) {
      target[at++] = byte;
      continue;
    }
    const letter = bytes[i]!;
    if (MEANING[letter] !== NO_VALUE) {
      target[at++] = MEANING[letter]!;
      i++;
    } else if (
      letter === LETTER_X &&
      i + 2 < end &&
      HEX_VALUES[bytes[i + 1]!] !== NO_VALUE &&
      HEX_VALUES[bytes[i + 2]!] !== NO_VALUE
    ) {
      target[at++] = (HEX_VALUES[bytes[i + 1]!]! << 4) | HEX_VALUES[bytes[i + 2]!]!;
      i += 3;
    } else {
      target[at++] = byte;
    }
  }
  return at;
}
