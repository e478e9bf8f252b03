import { digitsEnd, digitsValue } from '../../bytes/digits.ts';

const OPEN = 0x3c;
const CLOSE = 0x3e;
/** Facility 23, severity 7. */
const MAX_PRIORITY = 191;

/** Given for `<...>` that is no priority. */
export const BAD_PRIORITY = -2;
/** Given where no priority stands. */
export const NO_PRIORITY = -1;

/** OTLP's severity numbers of the severities 0, emergency, to 7, debug (data model, appendix B). */
export const SYSLOG_SEVERITY_NUMBERS = [21, 19, 18, 17, 13, 10, 9, 5] as const;

/** What syslog.conf calls them. */
export const SYSLOG_SEVERITY_NAMES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

/** The priority `<n>` at `at`, or one of the two words for that there is none. */
export function parsePriority(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end || bytes[at] !== OPEN) return NO_PRIORITY;
  const digits = digitsEnd(bytes, at + 1, Math.min(at + 4, end));
  if (digits === at + 1 || digits === end || bytes[digits] !== CLOSE) return BAD_PRIORITY;
  const priority = digitsValue(bytes, at + 1, digits);
  return priority <= MAX_PRIORITY ? priority : BAD_PRIORITY;
}

/** Where the text behind the priority at `at` begins. There must be one. */
export function priorityEnd(bytes: Uint8Array, at: number): number {
  while (bytes[at] !== CLOSE) at++;
  return at + 1;
}
