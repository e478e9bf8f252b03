import type { ByteBuffer } from '../../bytes/byte-buffer.ts';
import { unescapeInto } from './unescape.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/** What to do with a byte: nothing, look at what follows, or write a backslash and this letter. */
const PLAIN = 0;
const LOOK = 1;
const ACTION = new Uint8Array(256);
ACTION.fill(LETTER_U, 0, 0x20);
for (const [letter, character] of Object.entries({
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  '\\': '\\',
})) {
  ACTION[character.charCodeAt(0)] = letter.charCodeAt(0);
}
ACTION[0x7f] = LETTER_U;
ACTION[0xc2] = LOOK;
ACTION[0xe2] = LOOK;

/** The longest escape, `\u202e`, and the quote. */
const ESCAPE_BYTES = 7;

const OPEN_BRACKET = Buffer.from('[');
const CLOSE_BRACKET = Buffer.from(']');
const HEX_DIGITS = Buffer.from('0123456789abcdef');

/** Appends the UTF-8 text `source[start, end)` to `out` as a JSON list of that one text. O(length). */
export function appendTextList(out: ByteBuffer, source: Uint8Array, start: number, end: number): void {
  out.append(OPEN_BRACKET);
  appendJsonString(out, source, start, end);
  out.append(CLOSE_BRACKET);
}

/**
 * Appends the UTF-8 text `source[start, end)` to `out` as a JSON string with its quotes. O(length).
 *
 * Beside what JSON demands it escapes every character that drives a terminal or reorders what is shown: DEL, C1
 * (U+0080 to U+009F), the line ends U+2028 and U+2029, and the bidirectional controls U+202A to U+202E and U+2066 to
 * U+2069. So the text is safe wherever somebody prints it.
 */
export function appendJsonString(out: ByteBuffer, source: Uint8Array, start: number, end: number): void {
  out.reserve(out.length, end - start + 2);
  let { bytes } = out;
  let at = out.length;
  bytes[at++] = QUOTE;
  for (let i = start; i < end; i++) {
    const byte = source[i]!;
    const action = ACTION[byte]!;
    if (action === PLAIN) {
      bytes[at++] = byte;
      continue;
    }
    // Room for an escape, the text behind it and the quote; mostly it is there.
    if (at + ESCAPE_BYTES + end - i > bytes.length) {
      out.reserve(at, ESCAPE_BYTES + end - i);
      bytes = out.bytes;
    }
    if (action !== LOOK && action !== LETTER_U) {
      bytes[at++] = BACKSLASH;
      bytes[at++] = action;
      continue;
    }
    const code = action === LOOK ? controlAt(source, i, end) : byte;
    if (code < 0) {
      bytes[at++] = byte;
      continue;
    }
    bytes[at++] = BACKSLASH;
    bytes[at++] = LETTER_U;
    for (let shift = 12; shift >= 0; shift -= 4) bytes[at++] = HEX_DIGITS[(code >> shift) & 0xf]!;
    if (code >= 0x80) i += code < 0x800 ? 1 : 2;
  }
  bytes[at++] = QUOTE;
  out.length = at;
}

/** The same for a text of JavaScript; lone surrogates become U+FFFD. Makes garbage: not for hot loops. */
export function appendJsonText(out: ByteBuffer, text: string): void {
  const bytes = Buffer.from(text);
  appendJsonString(out, bytes, 0, bytes.length);
}

/**
 * Appends the inside of a JSON string, `source[start, end)` with its escapes, as a JSON string again: the same text, with
 * the escapes that `appendJsonString()` makes. `scratch` is overwritten.
 */
export function rewriteJsonString(
  out: ByteBuffer,
  source: Uint8Array,
  start: number,
  end: number,
  scratch: ByteBuffer,
): void {
  scratch.reserve(0, end - start);
  appendJsonString(out, scratch.bytes, 0, unescapeInto(source, start, end, scratch.bytes, 0));
}

/** The code point of two or three bytes at `i` when it is one that must not be shown as it is, or -1. */
function controlAt(source: Uint8Array, i: number, end: number): number {
  if (i + 1 >= end) return -1;
  const second = source[i + 1]!;
  if (source[i] === 0xc2) return second < 0xa0 ? second : -1;
  if (i + 2 >= end || (second !== 0x80 && second !== 0x81)) return -1;
  const code = 0x2000 | ((second & 0x3f) << 6) | (source[i + 2]! & 0x3f);
  return (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ? code : -1;
}
