import { daysSince1970, isDate } from '../../bytes/calendar.ts';
import { twoDigits } from '../../bytes/digits.ts';
import { parseIsoTime } from '../../bytes/iso-time.ts';
import type { ParsedTime } from '../../bytes/parsed-time.ts';
import { MONTH_NAMES } from '../../bytes/time-names.ts';
import { NO_OFFSET, parseZoneOffset } from '../../bytes/zone-offset.ts';

const DAY_SECONDS = 86_400;
const SLASH = 0x2f;
const COLON = 0x3a;
const BLANK = 0x20;
const CLOSE = 0x5d;
/** `25/Oct/2016:14:49:33 +0200` */
const LENGTH = 26;
const DAY_LENGTH = 12;
/** The longest time of ISO 8601 that loggers write, with room. */
const MAX_ISO_LENGTH = 48;

/**
 * Reads the times of access logs: `25/Oct/2016:14:49:33 +0200`, and ISO 8601 (`$time_iso8601` of nginx).
 *
 * Neighbouring lines are of one day and one offset: both are remembered as they were written, and compared four bytes
 * at once before they are read again.
 */
export class ClfTime {
  /** The first 12 bytes of the last time, and what they said. */
  #day0 = 0;
  #day1 = 0;
  #day2 = 0;
  #midnight = 0;
  /** Its last 5 bytes. */
  #zone0 = 0;
  #zone1 = 0;
  #offset = 0;

  /** Where the bracket is that closes the time that starts at `at`, as Unix time in `into`; -1: there is none. */
  read(bytes: Uint8Array, view: DataView, at: number, end: number, into: ParsedTime): number {
    if (at + LENGTH >= end || bytes[at + LENGTH] !== CLOSE || bytes[at + 2] !== SLASH) {
      return readIso(bytes, at, end, into);
    }
    if (!this.#isSameDay(view, at) && !this.#readDay(bytes, view, at)) return -1;
    const clock = at + DAY_LENGTH;
    const hour = twoDigits(bytes, clock);
    const minute = twoDigits(bytes, clock + 3);
    const second = twoDigits(bytes, clock + 6);
    if ((hour | minute | second) < 0 || hour > 23 || minute > 59 || second > 60) return -1;
    if (bytes[clock + 2] !== COLON || bytes[clock + 5] !== COLON || bytes[clock + 8] !== BLANK) return -1;
    const zone = clock + 9;
    if (
      (view.getInt32(zone, true) !== this.#zone0 || bytes[zone + 4] !== this.#zone1) &&
      !this.#readZone(bytes, view, zone)
    ) {
      return -1;
    }
    into.seconds = this.#midnight + 3600 * hour + 60 * minute + second - this.#offset;
    into.nanos = 0;
    into.isLocal = false;
    return at + LENGTH;
  }

  #isSameDay(view: DataView, at: number): boolean {
    return (
      view.getInt32(at, true) === this.#day0 &&
      view.getInt32(at + 4, true) === this.#day1 &&
      view.getInt32(at + 8, true) === this.#day2
    );
  }

  #readDay(bytes: Uint8Array, view: DataView, at: number): boolean {
    const day = twoDigits(bytes, at);
    const month = MONTH_NAMES.indexAt(bytes, at + 3, at + 6) + 1;
    const century = twoDigits(bytes, at + 7);
    const yearOfCentury = twoDigits(bytes, at + 9);
    const year = 100 * century + yearOfCentury;
    if (century < 0 || yearOfCentury < 0 || !isDate(year, month, day)) return false;
    if (bytes[at + 6] !== SLASH || bytes[at + 11] !== COLON) return false;
    this.#day0 = view.getInt32(at, true);
    this.#day1 = view.getInt32(at + 4, true);
    this.#day2 = view.getInt32(at + 8, true);
    this.#midnight = DAY_SECONDS * daysSince1970(year, month, day);
    return true;
  }

  #readZone(bytes: Uint8Array, view: DataView, at: number): boolean {
    const offset = parseZoneOffset(bytes, at, at + 5);
    if (offset === NO_OFFSET) return false;
    this.#zone0 = view.getInt32(at, true);
    this.#zone1 = bytes[at + 4]!;
    this.#offset = offset;
    return true;
  }
}

function readIso(bytes: Uint8Array, start: number, end: number, into: ParsedTime): number {
  const limit = Math.min(start + MAX_ISO_LENGTH, end);
  let at = start;
  while (at < limit && bytes[at] !== CLOSE) at++;
  return at < limit && parseIsoTime(bytes, start, at, into) ? at : -1;
}
