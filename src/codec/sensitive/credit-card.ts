import { isDigit } from '../../bytes/digits.ts';
import { nextRun, runEnd } from './byte-runs.ts';
import type { Detector } from './detector.ts';
import { escapeDigitsEnd } from './escapes.ts';
import type { Matches } from './matches.ts';

const MIN_DIGITS = 13;
const MAX_DIGITS = 19;
/** How many digits tell whose number it is. */
const PREFIX_DIGITS = 4;
/** Groups but the last have at least so many digits: 4-4-4-4, 4-6-5. Dates and times have fewer. */
const MIN_GROUP = 3;

const SPACE = 0x20;
const HYPHEN = 0x2d;
/** A space in the query of a URL. */
const PLUS = 0x2b;
const POINT = 0x2e;

/** The bytes that a card number may hold. */
const IS_CARD_BYTE = new Uint8Array(256);
for (const character of '0123456789 -+') IS_CARD_BYTE[character.charCodeAt(0)] = 1;

/** Of each number of a payment card: its first digits, from and to, and how many digits it has. */
const ISSUERS: readonly (readonly [from: string, to: string, minDigits: number, maxDigits: number])[] = [
  ['2200', '2204', 16, 19],
  ['2221', '2720', 16, 16],
  ['300', '305', 14, 19],
  ['3095', '3095', 14, 19],
  ['34', '34', 15, 15],
  ['3528', '3589', 16, 19],
  ['36', '36', 14, 19],
  ['37', '37', 15, 15],
  ['38', '39', 14, 19],
  ['4', '4', 13, 13],
  ['4', '4', 16, 16],
  ['4', '4', 19, 19],
  ['50', '50', 13, 19],
  ['51', '55', 16, 16],
  ['56', '58', 13, 19],
  ['60', '60', 13, 19],
  ['61', '61', 13, 19],
  ['62', '62', 16, 19],
  ['63', '63', 13, 19],
  ['644', '659', 16, 19],
  ['66', '69', 13, 19],
  ['81', '82', 16, 19],
  ['9792', '9792', 16, 16],
];

/** For each number that four digits make: bit n is set when a card with n digits begins so. */
const LENGTHS = new Uint32Array(10_000);
for (const [from, to, minDigits, maxDigits] of ISSUERS) {
  for (let prefix = Number(from.padEnd(4, '0')); prefix <= Number(to.padEnd(4, '9')); prefix++) {
    for (let digits = minDigits; digits <= maxDigits; digits++) LENGTHS[prefix]! |= 1 << digits;
  }
}

const digits = new Uint8Array(MAX_DIGITS);

/**
 * Finds the numbers of payment cards: 13 to 19 digits that begin as an issuer's do, with the length that these have, and
 * a right check digit (ISO/IEC 7812-1). Groups may be set apart by single spaces, those of a query too, or hyphens.
 *
 * A number has at least 13 such bytes, so only every 13th byte of a text is looked at.
 */
export const creditCard: Detector = {
  minLength: MIN_DIGITS,

  suspect(bytes, end, blocks, bit) {
    for (let at = nextRun(bytes, 0, 0, end, IS_CARD_BYTE, MIN_DIGITS); at >= 0; ) {
      const to = runEnd(bytes, at, end, IS_CARD_BYTE);
      if (hasEnoughDigits(bytes, at, to)) blocks.mark(at, to, bit);
      at = nextRun(bytes, to, to, end, IS_CARD_BYTE, MIN_DIGITS);
    }
  },

  find(bytes, start, end, matches) {
    for (let at = nextRun(bytes, start, start, end, IS_CARD_BYTE, MIN_DIGITS); at >= 0; ) {
      const to = runEnd(bytes, at, end, IS_CARD_BYTE);
      findInRun(bytes, start, at, to, matches);
      at = nextRun(bytes, to, to, end, IS_CARD_BYTE, MIN_DIGITS);
    }
  },
};

function hasEnoughDigits(bytes: Uint8Array, from: number, to: number): boolean {
  let count = 0;
  for (; from < to && count < MIN_DIGITS; from++) if (isDigit(bytes[from]!)) count++;
  return count === MIN_DIGITS;
}

/** Looks for a number at the start of each group of digits in a run. */
function findInRun(bytes: Uint8Array, start: number, from: number, to: number, matches: Matches): void {
  let at = from;
  while (at < to) {
    if (!isDigit(bytes[at]!)) {
      at++;
      continue;
    }
    // The digits behind a decimal point are no number of a card.
    const isFraction = at >= start + 2 && bytes[at - 1] === POINT && isDigit(bytes[at - 2]!);
    const behind = escapeDigitsEnd(bytes, start, at, to);
    let first = behind;
    let stop = isFraction ? -1 : cardEnd(bytes, first, to);
    if (stop < 0 && behind > at) {
      first = at;
      stop = cardEnd(bytes, first, to);
    }
    if (stop >= 0) {
      matches.add(first, stop);
      at = stop;
    } else {
      while (at < to && isDigit(bytes[at]!)) at++;
    }
  }
}

/** Where the longest number ends that starts with the group at `at`, or -1. */
function cardEnd(bytes: Uint8Array, at: number, to: number): number {
  let found = -1;
  let count = 0;
  let groupStart = at;
  let separator = 0;
  for (; at <= to; at++) {
    const byte = at < to ? bytes[at]! : 0;
    if (isDigit(byte)) {
      if (count === MAX_DIGITS) return found;
      digits[count++] = byte - 0x30;
      if (count === PREFIX_DIGITS && LENGTHS[prefix()] === 0) return -1;
      continue;
    }
    // A second separator, or one at the end of the run, is no part of the number.
    if (at > groupStart && count >= MIN_DIGITS && isCard(count)) found = at;
    if (byte !== SPACE && byte !== HYPHEN && byte !== PLUS) return found;
    if (at - groupStart < MIN_GROUP || (separator !== 0 && byte !== separator)) return found;
    separator = byte;
    groupStart = at + 1;
  }
  return found;
}

function prefix(): number {
  return 1000 * digits[0]! + 100 * digits[1]! + 10 * digits[2]! + digits[3]!;
}

/** Whether the first `count` of `digits` are those of a card. */
function isCard(count: number): boolean {
  if ((LENGTHS[prefix()]! & (1 << count)) === 0) return false;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const digit = digits[count - 1 - i]!;
    sum += (i & 1) === 0 ? digit : digit < 5 ? 2 * digit : 2 * digit - 9;
  }
  return sum % 10 === 0;
}
