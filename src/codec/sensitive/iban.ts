import { isDigit } from '../../bytes/digits.ts';
import { ALPHANUMERIC, ByteClass, CLASS_OF } from './byte-classes.ts';
import type { Detector } from './detector.ts';
import { isBehindEscape } from './escapes.ts';

const SPACE = 0x20;
/** A space in the query of a URL. */
const PLUS = 0x2b;
/** The shortest is Norway's. */
const MIN_LENGTH = 15;
const LETTER = ByteClass.Upper | ByteClass.Lower;

/** How long a number of each country is (the registry of ISO 13616). */
const COUNTRIES =
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 ' +
  'FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 ' +
  'LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 ' +
  'RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30';

/** The length by the country's two letters. */
const LENGTHS = new Uint8Array(1024);
for (const country of COUNTRIES.split(' ')) {
  LENGTHS[letters(country.charCodeAt(0), country.charCodeAt(1))] = Number(country.slice(2));
}

/**
 * Finds international bank account numbers (ISO 13616) with the length of their country and right check digits, in one
 * piece or in groups with single spaces between, those of a query too.
 */
export const iban: Detector = {
  minLength: MIN_LENGTH,

  suspect(bytes, end, blocks, bit) {
    // Of two digits that follow each other every second byte hits one.
    for (let at = 2; at < end; at += 2) {
      if (!isDigit(bytes[at]!)) continue;
      const start = isDigit(bytes[at - 1]!) ? at - 3 : at - 2;
      if (start >= 0 && lengthAt(bytes, start, end) > 0) blocks.mark(start, at + 1, bit);
    }
  },

  find(bytes, start, end, matches) {
    for (let at = start; at + MIN_LENGTH <= end; at++) {
      const length = lengthAt(bytes, at, end);
      if (length === 0 || (at > start && isAlphanumeric(bytes[at - 1]!) && !isBehindEscape(bytes, start, at))) continue;
      const stop = numberEnd(bytes, at, end, length);
      if (stop < 0) continue;
      matches.add(at, stop);
      at = stop - 1;
    }
  },
};

/** How long the number is that begins with two letters and two digits at `at`; 0: none does. */
function lengthAt(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  const second = bytes[at + 1]!;
  if ((CLASS_OF[second]! & CLASS_OF[first]! & LETTER) === 0) return 0;
  if (at + 4 > end || !isDigit(bytes[at + 3]!) || !isDigit(bytes[at + 2]!)) return 0;
  return LENGTHS[letters(first, second)]!;
}

/** Where the number of `length` letters and digits ends that starts at `at`, or -1: it is none. */
function numberEnd(bytes: Uint8Array, at: number, end: number, length: number): number {
  // The remainder of the number in which the first four characters stand last, and letters count from 10 on.
  let remainder = 0;
  let first = 0;
  for (let count = 0; count < length; at++) {
    if (at >= end) return -1;
    const byte = bytes[at]!;
    if ((byte === SPACE || byte === PLUS) && count > 0 && bytes[at - 1] !== byte) continue;
    if (!isAlphanumeric(byte)) return -1;
    const value = isDigit(byte) ? byte - 0x30 : (byte & 0x1f) + 9;
    remainder = ((value > 9 ? 100 : 10) * remainder + value) % 97;
    if (++count !== 4) continue;
    first = remainder;
    remainder = 0;
  }
  if (at < end && isAlphanumeric(bytes[at]!)) return -1;
  // Two letters and two digits are six digits.
  return (remainder * (1_000_000 % 97) + first) % 97 === 1 ? at : -1;
}

function letters(first: number, second: number): number {
  return ((first & 0x1f) << 5) | (second & 0x1f);
}

function isAlphanumeric(byte: number): boolean {
  return (CLASS_OF[byte]! & ALPHANUMERIC) !== 0;
}
