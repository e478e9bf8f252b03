import { daysSince1970, isDate } from '../../bytes/calendar.ts';
import { digitsEnd, digitsValue, fractionNanos, isDigit, MAX_FRACTION_DIGITS, twoDigits } from '../../bytes/digits.ts';
import { parseIsoTime } from '../../bytes/iso-time.ts';
import type { ParsedTime } from '../../bytes/parsed-time.ts';
import { RecentYear } from '../../bytes/recent-year.ts';
import { MONTH_NAMES } from '../../bytes/time-names.ts';
import type { TimeZone } from '../../bytes/time-zone.ts';

const DAY_SECONDS = 86_400;
const BLANK = 0x20;
const COLON = 0x3a;
const NO_TIME = -1;
/** The longest time of ISO 8601 that loggers write, with room. */
const MAX_ISO_LENGTH = 48;

/**
 * Reads the times of syslog.
 *
 * ```
 *  Jan  2 03:04:05             RFC 3164: no year, no zone
 *  Jan  2 03:04:05.678         with a fraction
 *  Jan  2 2026 03:04:05        with a year, as Cisco writes it
 *  2026-01-02T03:04:05.678+02:00   RFC 5424, and the files of rsyslog
 * ```
 * A time without a year gets the latest that puts it at most a day after it was read.
 */
export class SyslogTime {
  readonly #zone: TimeZone;
  readonly #recentYear = new RecentYear();

  constructor(zone: TimeZone) {
    this.#zone = zone;
  }

  /** Where the time that starts at `at` ends, as Unix time in `into`; -1: there is none. */
  read(bytes: Uint8Array, at: number, end: number, observedUnixMs: number, into: ParsedTime): number {
    if (at >= end) return NO_TIME;
    return isDigit(bytes[at]!)
      ? this.#readIso(bytes, at, end, into)
      : this.#readNamed(bytes, at, end, observedUnixMs, into);
  }

  #readIso(bytes: Uint8Array, start: number, end: number, into: ParsedTime): number {
    const limit = Math.min(start + MAX_ISO_LENGTH, end);
    let at = start;
    while (at < limit && bytes[at] !== BLANK) at++;
    if (!parseIsoTime(bytes, start, at, into)) return NO_TIME;
    if (into.isLocal) into.seconds = this.#zone.toUnix(into.seconds);
    return at;
  }

  #readNamed(bytes: Uint8Array, at: number, end: number, observedUnixMs: number, into: ParsedTime): number {
    const month = MONTH_NAMES.indexAt(bytes, at, end) + 1;
    if (month === 0) return NO_TIME;
    const dayAt = skipBlanks(bytes, at + 3, end);
    const dayEnd = digitsEnd(bytes, dayAt, Math.min(dayAt + 2, end));
    at = skipBlanks(bytes, dayEnd, end);
    if (dayAt === at || dayEnd === at) return NO_TIME;
    const day = digitsValue(bytes, dayAt, dayEnd);
    let year = 0;
    if (at + 5 <= end && bytes[at + 4] === BLANK) {
      if (digitsEnd(bytes, at, at + 4) !== at + 4) return NO_TIME;
      year = digitsValue(bytes, at, at + 4);
      at += 5;
    }
    const secondsOfDay = clockAt(bytes, at, end);
    if (secondsOfDay < 0) return NO_TIME;
    at += 8;
    into.nanos = 0;
    if (at < end && bytes[at] === 0x2e) {
      const fractionEnd = digitsEnd(bytes, at + 1, Math.min(at + 1 + MAX_FRACTION_DIGITS, end));
      into.nanos = fractionNanos(bytes, at + 1, fractionEnd);
      at = fractionEnd;
    }
    into.seconds = this.#toUnix(year, month, day, secondsOfDay, observedUnixMs);
    return Number.isNaN(into.seconds) ? NO_TIME : at;
  }

  #toUnix(year: number, month: number, day: number, secondsOfDay: number, observedUnixMs: number): number {
    if (year === 0) return this.#recentYear.toUnix(month, day, secondsOfDay, this.#zone, observedUnixMs);
    if (!isDate(year, month, day)) return Number.NaN;
    return this.#zone.toUnix(DAY_SECONDS * daysSince1970(year, month, day) + secondsOfDay);
  }
}

/** The seconds of the day that `hh:mm:ss` at `at` says, or -1: it is none. */
function clockAt(bytes: Uint8Array, at: number, end: number): number {
  if (at + 8 > end || bytes[at + 2] !== COLON || bytes[at + 5] !== COLON) return -1;
  const hour = twoDigits(bytes, at);
  const minute = twoDigits(bytes, at + 3);
  const second = twoDigits(bytes, at + 6);
  if ((hour | minute | second) < 0 || hour > 23 || minute > 59 || second > 60) return -1;
  return 3600 * hour + 60 * minute + second;
}

function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] === BLANK) at++;
  return at;
}
