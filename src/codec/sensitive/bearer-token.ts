import { ByteClass, CLASS_OF, classEnd } from './byte-classes.ts';
import type { Detector } from './detector.ts';

const WORD = Buffer.from('bearer ');
const SPELLINGS = ['Bearer ', 'bearer ', 'BEARER '].map((text) => Buffer.from(text));
const SPACE = 0x20;
const LAST_LETTER = 0x72;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const SLASH = 0x2f;

/** A word of prose behind `bearer` is shorter, or has small letters alone. */
const MIN_TOKEN = 6;
const MIN_LOWER_CASE_TOKEN = 16;

/**
 * Finds the tokens behind the word `Bearer ` (RFC 6750), which may be written in small or capital letters. `the bearer of news` is left alone: the token must
 * look like one, or stand behind the name of the header, or alone.
 */
export const bearerToken: Detector = {
  minLength: WORD.length + 1,

  suspect(bytes, end, blocks, bit) {
    const used = bytes.subarray(0, end);
    for (const word of SPELLINGS) {
      for (let at = used.indexOf(word); at >= 0; at = used.indexOf(word, at + word.length)) {
        blocks.mark(at, at + word.length, bit);
      }
    }
  },

  find(bytes, start, end, matches) {
    for (let at = nextBearer(bytes, start, end); at >= 0; at = nextBearer(bytes, at, end)) {
      const word = at - WORD.length;
      let from = at;
      while (from < end && bytes[from] === SPACE) from++;
      const to = tokenEnd(bytes, from, end);
      const isAlone = word === start && to === end;
      if (to > from && (isAlone || isLikeToken(bytes, from, to) || isInHeader(bytes, start, word))) {
        matches.add(from, to);
      }
      at = Math.max(at, to);
    }
  },
};

/** Where the next word `Bearer ` ends, or -1. */
function nextBearer(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from + WORD.length - 1; at < end; at++) {
    if (bytes[at] !== SPACE || (bytes[at - 1]! | 0x20) !== LAST_LETTER) continue;
    const start = at - WORD.length + 1;
    if (SPELLINGS.some((word) => word.every((letter, i) => bytes[start + i] === letter))) return at + 1;
  }
  return -1;
}

function tokenEnd(bytes: Uint8Array, at: number, end: number): number {
  for (;;) {
    at = classEnd(bytes, at, end, ByteClass.Token);
    // In JSON text a slash may be written with a backslash.
    if (at + 1 >= end || bytes[at] !== BACKSLASH || bytes[at + 1] !== SLASH) break;
    at += 2;
  }
  while (at < end && bytes[at] === EQUALS) at++;
  return at;
}

function isLikeToken(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from >= MIN_LOWER_CASE_TOKEN) return true;
  if (to - from < MIN_TOKEN) return false;
  for (let at = from + 1; at < to; at++) {
    if ((CLASS_OF[bytes[at]!]! & (ByteClass.Digit | ByteClass.Upper)) !== 0) return true;
  }
  return false;
}

const HEADER = 'uthorization';

/** Whether the name of the header stands before the word, with at most a few signs between. */
function isInHeader(bytes: Buffer, start: number, word: number): boolean {
  const from = Math.max(start, word - HEADER.length - 8);
  return bytes.toString('latin1', from, word).toLowerCase().includes(HEADER);
}
