import { digitsEnd, fractionNanos, MAX_FRACTION_DIGITS, twoDigits } from '../../bytes/digits.ts';
import { ParsedTime } from '../../bytes/parsed-time.ts';
import { RecentYear } from '../../bytes/recent-year.ts';
import type { TimeZone } from '../../bytes/time-zone.ts';

const BLANK = 0x20;
const POINT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const CLOSE = 0x5d;
/** `0102 15:04:05`, behind the letter. */
const TIME_LENGTH = 13;
/** Integers with fewer digits fit into 64 bits. */
const MIN_LONG_DIGITS = 19;

/** OTLP's severity numbers by the letters of klog; 0: it is no letter of klog. */
const SEVERITIES = new Uint8Array(256);
for (const [letter, number] of Object.entries({ I: 9, W: 13, E: 17, F: 21 })) SEVERITIES[letter.charCodeAt(0)] = number;

/** The header of a line of klog and glog. One object is used again for every line. */
export class KlogLine {
  severity = 0;
  severityAt = 0;
  readonly time = new ParsedTime();
  threadStart = 0;
  threadEnd = 0;
  fileStart = 0;
  fileEnd = 0;
  lineStart = 0;
  lineEnd = 0;
  messageStart = 0;
  messageEnd = 0;
  readonly #zone: TimeZone;
  readonly #recentYear = new RecentYear();

  /** `zone`: where the times were written, which name none. */
  constructor(zone: TimeZone) {
    this.#zone = zone;
  }

  /**
   * Reads `I0102 15:04:05.678901   12345 file.go:123] message` in `bytes[start, end)`, with white space around it or
   * not; false: there is no such header, or no such day. The year is the latest that puts the time at most a day after
   * `observedUnixMs`.
   */
  read(bytes: Uint8Array, start: number, end: number, observedUnixMs: number): boolean {
    while (start < end && bytes[start]! <= BLANK) start++;
    while (end > start && bytes[end - 1]! <= BLANK) end--;
    this.severity = SEVERITIES[bytes[start]!]!;
    this.severityAt = start;
    if (this.severity === 0 || start === end) return false;
    let at = this.#readTime(bytes, start + 1, end, observedUnixMs);
    if (at < 0) return false;
    at = skipBlanks(bytes, at, end);
    const threadEnd = digitsEnd(bytes, at, end);
    if (!isNumber(bytes, at, threadEnd) || threadEnd === end || bytes[threadEnd] !== BLANK) return false;
    this.threadStart = at;
    this.threadEnd = threadEnd;
    at = threadEnd + 1;
    this.fileStart = at;
    while (at < end && bytes[at]! > BLANK && bytes[at] !== CLOSE) at++;
    if (at === end || bytes[at] !== CLOSE) return false;
    this.lineEnd = at;
    this.lineStart = at;
    while (this.lineStart > this.fileStart && bytes[this.lineStart - 1] !== COLON) this.lineStart--;
    this.fileEnd = this.lineStart - 1;
    if (this.fileEnd <= this.fileStart || !isNumber(bytes, this.lineStart, at)) return false;
    this.messageStart = at + 1 < end && bytes[at + 1] === BLANK ? at + 2 : at + 1;
    this.messageEnd = end;
    return true;
  }

  #readTime(bytes: Uint8Array, at: number, end: number, observedUnixMs: number): number {
    if (at + TIME_LENGTH >= end || bytes[at + 4] !== BLANK) return -1;
    if (bytes[at + 7] !== COLON || bytes[at + 10] !== COLON) return -1;
    const month = twoDigits(bytes, at);
    const day = twoDigits(bytes, at + 2);
    const hour = twoDigits(bytes, at + 5);
    const minute = twoDigits(bytes, at + 8);
    const second = twoDigits(bytes, at + 11);
    if ((month | day | hour | minute | second) < 0 || hour > 23 || minute > 59 || second > 60) return -1;
    at += TIME_LENGTH;
    this.time.nanos = 0;
    if (bytes[at] === POINT) {
      const fractionEnd = digitsEnd(bytes, at + 1, Math.min(at + 1 + MAX_FRACTION_DIGITS, end));
      this.time.nanos = fractionNanos(bytes, at + 1, fractionEnd);
      at = fractionEnd;
    }
    if (at >= end || bytes[at] !== BLANK) return -1;
    const secondsOfDay = 3600 * hour + 60 * minute + second;
    this.time.seconds = this.#recentYear.toUnix(month, day, secondsOfDay, this.#zone, observedUnixMs);
    return Number.isNaN(this.time.seconds) ? -1 : at;
  }
}

/** Whether the digits are a number as they should be written, within 64 bits. */
function isNumber(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length < 1 || length >= MIN_LONG_DIGITS || (bytes[start] === ZERO && length > 1)) return false;
  return digitsEnd(bytes, start, end) === end;
}

function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] === BLANK) at++;
  return at;
}
