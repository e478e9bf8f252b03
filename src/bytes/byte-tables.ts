/** In a table of bytes: there is no value. */
export const NO_VALUE = 0xff;

/** A table from each byte to the byte that `characters` has for its character, or NO_VALUE. All are ASCII. */
export function byteTable(characters: Readonly<Record<string, string>>): Uint8Array {
  const table = new Uint8Array(256).fill(NO_VALUE);
  for (const [from, to] of Object.entries(characters)) table[from.charCodeAt(0)] = to.charCodeAt(0);
  return table;
}

/** The value of each hexadecimal digit, or NO_VALUE. */
export const HEX_VALUES = new Uint8Array(256).fill(NO_VALUE);
for (const digit of '0123456789abcdefABCDEF') HEX_VALUES[digit.charCodeAt(0)] = Number.parseInt(digit, 16);
