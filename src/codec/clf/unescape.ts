const BACKSLASH = 0x5c;
const LETTER_X = 0x78;
const NOTHING = 0xff;

/** What the letter behind a backslash stands for; NOTHING: the backslash stands for itself. */
const MEANING = new Uint8Array(256).fill(NOTHING);
for (const [letter, character] of Object.entries({
  '"': '"',
  '\\': '\\',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
})) {
  MEANING[letter.charCodeAt(0)] = character.charCodeAt(0);
}

const HEX = new Uint8Array(256).fill(NOTHING);
for (const digit of '0123456789abcdefABCDEF') HEX[digit.charCodeAt(0)] = Number.parseInt(digit, 16);

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
    if (MEANING[letter] !== NOTHING) {
      target[at++] = MEANING[letter]!;
      i++;
    } else if (letter === LETTER_X && i + 2 < end && HEX[bytes[i + 1]!] !== NOTHING && HEX[bytes[i + 2]!] !== NOTHING) {
      target[at++] = (HEX[bytes[i + 1]!]! << 4) | HEX[bytes[i + 2]!]!;
      i += 3;
    } else {
      target[at++] = byte;
    }
  }
  return at;
}
