import { ByteClass, CLASS_OF, classEnd } from './byte-classes.ts';
import type { Detector } from './detector.ts';

const WORDS = Buffer.from('PRIVATE KEY');
/** The same without its first letter: this one is rarer, which the search of the runtime goes by. */
const RARE = WORDS.subarray(1);
const HYPHEN = 0x2d;
const SPACE = 0x20;
/** The longest words before `PRIVATE KEY` that are looked at: `BEGIN ENCRYPTED` and the like. */
const MAX_LABEL = 40;

/** What a key may hold between its lines: base64, line ends as they are or as escapes, and headers such as `DEK-Info`. */
const IS_KEY_BYTE = new Uint8Array(256);
/** The same, for what stands before the last line of a key whose beginning is not there. */
const IS_TAIL_BYTE = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) {
  if ((CLASS_OF[byte]! & ByteClass.Base64) !== 0) IS_KEY_BYTE[byte] = IS_TAIL_BYTE[byte] = 1;
}
for (const sign of '=\n\r\\') IS_KEY_BYTE[sign.charCodeAt(0)] = IS_TAIL_BYTE[sign.charCodeAt(0)] = 1;
for (const sign of ' \t:,-') IS_KEY_BYTE[sign.charCodeAt(0)] = 1;

/**
 * Finds private keys in PEM (RFC 7468), and those of OpenSSH, PGP and SSH2, with their first and last lines: over lines,
 * or in one line with `\n` between. A key that is cut off at either end is found as far as it goes.
 */
export const privateKey: Detector = {
  minLength: WORDS.length,

  suspect(bytes, end, blocks, bit) {
    const used = bytes.subarray(0, end);
    for (let at = used.indexOf(RARE); at >= 0; at = used.indexOf(RARE, at + RARE.length)) {
      blocks.mark(at, at + RARE.length, bit);
    }
  },

  find(bytes, start, end, matches) {
    const text = bytes.subarray(0, end);
    let from = start;
    for (let at = text.indexOf(WORDS, start); at >= 0; at = text.indexOf(WORDS, Math.max(from, at + WORDS.length))) {
      const label = labelStart(bytes, at, from);
      const isBegin = startsWith(bytes, label, at, 'BEGIN');
      if (!isBegin && !startsWith(bytes, label, at, 'END')) continue;
      const first = dashesStart(bytes, label, from);
      const headEnd = dashesEnd(bytes, at + WORDS.length, end);
      if (isBegin) {
        const stop = keyEnd(bytes, text, headEnd, end);
        matches.add(first, stop);
        from = stop;
      } else {
        let tail = first;
        while (tail > from && IS_TAIL_BYTE[bytes[tail - 1]!] !== 0) tail--;
        matches.add(tail, headEnd);
        from = headEnd;
      }
    }
  },
};

/** Where the key ends whose first line ends at `at`: behind its last line, or where it is cut off. */
function keyEnd(bytes: Buffer, text: Buffer, at: number, end: number): number {
  const next = text.indexOf(WORDS, at);
  const label = next < 0 ? -1 : labelStart(bytes, next, at);
  if (label >= 0 && startsWith(bytes, label, next, 'END')) return dashesEnd(bytes, next + WORDS.length, end);
  // Another key begins before this one ends.
  const limit = label >= 0 && startsWith(bytes, label, next, 'BEGIN') ? dashesStart(bytes, label, at) : end;
  while (at < limit && IS_KEY_BYTE[bytes[at]!] !== 0) at++;
  return at;
}

/** Where the words before `PRIVATE KEY` at `at` start. */
function labelStart(bytes: Uint8Array, at: number, from: number): number {
  const limit = Math.max(from, at - MAX_LABEL);
  let label = at;
  while (label > limit && (bytes[label - 1] === SPACE || isUpperOrDigit(bytes[label - 1]!))) label--;
  while (label < at && bytes[label] === SPACE) label++;
  return label;
}

/** Where the dashes start that stand before `at`. */
function dashesStart(bytes: Uint8Array, at: number, from: number): number {
  while (
    at > from &&
    (bytes[at - 1] === HYPHEN || (bytes[at - 1] === SPACE && at - 1 > from && bytes[at - 2] === HYPHEN))
  )
    at--;
  return at;
}

/** Where a first or last line ends, whose words go on at `at`: ` BLOCK-----`. */
function dashesEnd(bytes: Uint8Array, at: number, end: number): number {
  let stop = classEnd(bytes, at, end, ByteClass.Upper);
  if (stop < end && bytes[stop] === SPACE) {
    const word = classEnd(bytes, stop + 1, end, ByteClass.Upper);
    if (word < end && (bytes[word] === HYPHEN || bytes[word] === SPACE)) stop = word;
  }
  if (stop + 1 < end && bytes[stop] === SPACE && bytes[stop + 1] === HYPHEN) stop++;
  while (stop < end && bytes[stop] === HYPHEN) stop++;
  return stop;
}

function isUpperOrDigit(byte: number): boolean {
  return (CLASS_OF[byte]! & (ByteClass.Upper | ByteClass.Digit)) !== 0;
}

function startsWith(bytes: Buffer, at: number, end: number, word: string): boolean {
  return at + word.length < end && bytes.toString('latin1', at, at + word.length) === word;
}
