import { ByteClass, CLASS_OF } from './byte-classes.ts';
import { nextRun, runEnd } from './byte-runs.ts';
import type { Detector } from './detector.ts';
import { escapeDigitsEnd } from './escapes.ts';
import type { Matches } from './matches.ts';

/** What the ids of access keys, and of what else has such ids, begin with (AWS, IAM identifiers). */
const PREFIXES = new Set([
  'AKIA',
  'ASIA',
  'ABIA',
  'ACCA',
  'AGPA',
  'AIDA',
  'AIPA',
  'ANPA',
  'ANVA',
  'AROA',
  'APKA',
  'ASCA',
]);
const MIN_ID = 16;
const MAX_ID = 128;
const SECRET_LENGTH = 40;
/** How far before a secret its name may stand, in bytes. */
const NAME_REACH = 48;
const NAME = /secret/i;

const BACKSLASH = 0x5c;
const SLASH = 0x2f;

const IS_ID_BYTE = new Uint8Array(256);
const IS_SECRET_BYTE = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) {
  if ((CLASS_OF[byte]! & (ByteClass.Digit | ByteClass.Upper)) !== 0) IS_ID_BYTE[byte] = 1;
  // JSON text may write a slash with a backslash.
  if ((CLASS_OF[byte]! & ByteClass.Base64) !== 0 || byte === BACKSLASH) IS_SECRET_BYTE[byte] = 1;
}

/**
 * Finds the ids of access keys of AWS (`AKIA…`, `ASIA…`), and their secrets: 40 characters of base64 that stand beside a
 * name with `secret` in it.
 */
export const awsKey: Detector = {
  minLength: MIN_ID,

  suspect(bytes, end, blocks, bit) {
    for (let at = nextRun(bytes, 0, 0, end, IS_ID_BYTE, MIN_ID); at >= 0; ) {
      const to = runEnd(bytes, at, end, IS_ID_BYTE);
      blocks.mark(at, to, bit);
      at = nextRun(bytes, to, to, end, IS_ID_BYTE, MIN_ID);
    }
    for (let at = nextRun(bytes, 0, 0, end, IS_SECRET_BYTE, SECRET_LENGTH); at >= 0; ) {
      const to = runEnd(bytes, at, end, IS_SECRET_BYTE);
      blocks.mark(at, to, bit);
      at = nextRun(bytes, to, to, end, IS_SECRET_BYTE, SECRET_LENGTH);
    }
  },

  find(bytes, start, end, matches) {
    for (let at = nextRun(bytes, start, start, end, IS_ID_BYTE, MIN_ID); at >= 0; ) {
      const to = runEnd(bytes, at, end, IS_ID_BYTE);
      const id = escapeDigitsEnd(bytes, start, at, to);
      const length = to - id;
      if (length >= MIN_ID && length <= MAX_ID && PREFIXES.has(bytes.toString('latin1', id, id + 4)))
        matches.add(id, to);
      at = nextRun(bytes, to, to, end, IS_ID_BYTE, MIN_ID);
    }
    findSecrets(bytes, start, end, matches);
  },
};

function findSecrets(bytes: Buffer, start: number, end: number, matches: Matches): void {
  for (let at = nextRun(bytes, start, start, end, IS_SECRET_BYTE, SECRET_LENGTH); at >= 0; ) {
    const to = runEnd(bytes, at, end, IS_SECRET_BYTE);
    for (let from = at; from < to; ) {
      const stop = secretEnd(bytes, from, to);
      if (stop >= 0 && (matches.isNamedSecret || isNamed(bytes, start, from))) matches.add(from, stop);
      from = pieceEnd(bytes, from, to);
    }
    at = nextRun(bytes, to, to, end, IS_SECRET_BYTE, SECRET_LENGTH);
  }
}

/** Where the piece of a run ends that starts at `from`: at a backslash that is not that of a slash, and behind it. */
function pieceEnd(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    if (bytes[at] !== BACKSLASH) continue;
    if (at + 1 < to && bytes[at + 1] === SLASH) at++;
    else return at + 1 < to && isControl(bytes[at + 1]!) ? at + 2 : at + 1;
  }
  return to;
}

/** Where the secret ends that the piece at `from` is, or -1. */
function secretEnd(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  let at = from;
  for (; at < to && count <= SECRET_LENGTH; at++) {
    if (bytes[at] !== BACKSLASH) count++;
    else if (at + 1 >= to || bytes[at + 1] !== SLASH) break;
  }
  return count === SECRET_LENGTH ? at : -1;
}

/** Whether it is the letter of the escape of a line end or tab. */
function isControl(letter: number): boolean {
  return letter === 0x6e || letter === 0x72 || letter === 0x74;
}

function isNamed(bytes: Buffer, start: number, from: number): boolean {
  return NAME.test(bytes.toString('latin1', Math.max(start, from - NAME_REACH), from));
}
