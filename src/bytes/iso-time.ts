import { daysSince1970, isDate } from './calendar.ts';
import { isDigit, MAX_FRACTION_DIGITS, NANOS_OF_DIGIT, twoDigits } from './digits.ts';
import type { ParsedTime } from './parsed-time.ts';
import { zoneNameOffset } from './zone-names.ts';
import { NO_OFFSET, parseZoneOffset } from './zone-offset.ts';

/** `2026-01-02T03:04` */
const MINUTES_LENGTH = 16;

/**
 * Reads a date with a time as RFC 3339 and ISO 8601 write it, and the variants of both that loggers write.
 *
 * ```
 *  2026-01-02 T 03:04 [ :05 [ . 123456789 ] ] [ [blank] zone ]
 *             t                ,                Z  +hh  +hhmm  +hh:mm  UTC  CEST
 *             blank
 * ```
 * Seconds may be missing because Java leaves them out where they are 0. A leap second, `:60`, is the first second of
 * the next minute. A date alone is no time. False: it is none of this, and `into` holds nothing of use.
 */
export function parseIsoTime(bytes: Uint8Array, start: number, end: number, into: ParsedTime): boolean {
  return end - start >= MINUTES_LENGTH && parseBehind(bytes, start, end, parseMinute(bytes, start), into);
}

/**
 * Reads the same as `parseIsoTime()`, faster where the times are close to each other: it remembers the minute as it was
 * written last.
 */
export class IsoTime {
  /** The first 16 bytes of the last time, and what they said. */
  #word0 = 0;
  #word1 = 0;
  #word2 = 0;
  #word3 = 0;
  #minute = Number.NaN;

  /** `view` has the same memory as `bytes`. */
  read(bytes: Uint8Array, view: DataView, start: number, end: number, into: ParsedTime): boolean {
    if (end - start < MINUTES_LENGTH) return false;
    if (!this.#isSameMinute(view, start)) this.#remember(bytes, view, start);
    return parseBehind(bytes, start, end, this.#minute, into);
  }

  #isSameMinute(view: DataView, at: number): boolean {
    return (
      view.getInt32(at + 12, true) === this.#word3 &&
      view.getInt32(at + 8, true) === this.#word2 &&
      view.getInt32(at + 4, true) === this.#word1 &&
      view.getInt32(at, true) === this.#word0
    );
  }

  #remember(bytes: Uint8Array, view: DataView, at: number): void {
    this.#word0 = view.getInt32(at, true);
    this.#word1 = view.getInt32(at + 4, true);
    this.#word2 = view.getInt32(at + 8, true);
    this.#word3 = view.getInt32(at + 12, true);
    this.#minute = parseMinute(bytes, at);
  }
}

/** The seconds from 1970 to the minute at `at`, on the clock of its zone; NaN: there is none. */
function parseMinute(bytes: Uint8Array, at: number): number {
  if (!hasSeparators(bytes, at)) return Number.NaN;
  const century = twoDigits(bytes, at);
  const yearOfCentury = twoDigits(bytes, at + 2);
  const month = twoDigits(bytes, at + 5);
  const day = twoDigits(bytes, at + 8);
  const hour = twoDigits(bytes, at + 11);
  const minute = twoDigits(bytes, at + 14);
  if ((century | yearOfCentury | hour | minute) < 0 || hour > 23 || minute > 59) return Number.NaN;
  const year = 100 * century + yearOfCentury;
  if (!isDate(year, month, day)) return Number.NaN;
  return 86_400 * daysSince1970(year, month, day) + 3600 * hour + 60 * minute;
}

/** Reads what stands behind the minute; false: it is nothing of a time, or there is no minute. */
function parseBehind(bytes: Uint8Array, start: number, end: number, minute: number, into: ParsedTime): boolean {
  if (Number.isNaN(minute)) return false;
  let at = start + MINUTES_LENGTH;
  let second = 0;
  let nanos = 0;
  if (at + 3 <= end && bytes[at] === 0x3a) {
    second = twoDigits(bytes, at + 1);
    if (second < 0 || second > 60) return false;
    at += 3;
    if (at < end && (bytes[at] === 0x2e || bytes[at] === 0x2c)) {
      const fraction = at + 1;
      while (++at < end && isDigit(bytes[at]!)) nanos = 10 * nanos + bytes[at]! - 0x30;
      if (at === fraction || at - fraction > MAX_FRACTION_DIGITS) return false;
      nanos *= NANOS_OF_DIGIT[at - fraction]!;
    }
  }
  const offset = at === end ? 0 : parseZone(bytes, at, end);
  if (offset === NO_OFFSET) return false;
  into.isLocal = at === end;
  into.seconds = minute + second - offset;
  into.nanos = nanos;
  return true;
}

function hasSeparators(bytes: Uint8Array, start: number): boolean {
  const separator = bytes[start + 10];
  return (
    bytes[start + 4] === 0x2d &&
    bytes[start + 7] === 0x2d &&
    (separator === 0x54 || separator === 0x20 || separator === 0x74) &&
    bytes[start + 13] === 0x3a
  );
}

function parseZone(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] === 0x5a && start + 1 === end) return 0;
  if (bytes[start] === 0x20) start++;
  const offset = parseZoneOffset(bytes, start, end);
  return offset === NO_OFFSET ? zoneNameOffset(bytes, start, end) : offset;
}
