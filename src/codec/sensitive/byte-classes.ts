/** What a byte may be part of: bits of `CLASS_OF`. */
export const ByteClass = {
  Digit: 1,
  Upper: 2,
  Lower: 4,
  Hex: 8,
  /** Of base64url: letters, digits, `-` and `_`. */
  Base64Url: 16,
  /** Of a token68 (RFC 7235, 2.1), without the `=` at its end. */
  Token: 32,
  /** Of base64 without the `=` at its end. */
  Base64: 64,
} as const;

/** A digit or an ASCII letter. */
export const ALPHANUMERIC = ByteClass.Digit | ByteClass.Upper | ByteClass.Lower;

/** The classes of each byte. */
export const CLASS_OF = new Uint8Array(256);
addClass('0123456789', ByteClass.Digit | ByteClass.Hex);
addClass('ABCDEFGHIJKLMNOPQRSTUVWXYZ', ByteClass.Upper);
addClass('abcdefghijklmnopqrstuvwxyz', ByteClass.Lower);
addClass('ABCDEFabcdef', ByteClass.Hex);
for (let byte = 0; byte < 128; byte++) {
  if ((CLASS_OF[byte]! & ALPHANUMERIC) !== 0) {
    CLASS_OF[byte]! |= ByteClass.Base64Url | ByteClass.Token | ByteClass.Base64;
  }
}
addClass('-_', ByteClass.Base64Url);
addClass('-._~+/', ByteClass.Token);
addClass('+/', ByteClass.Base64);

function addClass(characters: string, bits: number): void {
  for (const character of characters) CLASS_OF[character.charCodeAt(0)]! |= bits;
}

/** Where the bytes of `bits` that start at `at` end; `at` itself when there is none. */
export function classEnd(bytes: Uint8Array, at: number, end: number, bits: number): number {
  while (at < end && (CLASS_OF[bytes[at]!]! & bits) !== 0) at++;
  return at;
}

/** Where the bytes of `bits` that end at `at` start; `at` itself when there is none. */
export function classStart(bytes: Uint8Array, at: number, start: number, bits: number): number {
  while (at > start && (CLASS_OF[bytes[at - 1]!]! & bits) !== 0) at--;
  return at;
}

/** The value of a hexadecimal digit, or -1. */
export function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** The number that `count` hexadecimal digits at `at` make, or -1: they are not all there before `end`. */
export function hexNumber(bytes: Uint8Array, at: number, count: number, end: number): number {
  if (at + count > end) return -1;
  let value = 0;
  for (const stop = at + count; at < stop; at++) {
    const digit = hexValue(bytes[at]!);
    if (digit < 0) return -1;
    value = 16 * value + digit;
  }
  return value;
}
