/** The longest wait that a peer can ask for: nobody should be able to silence an agent for good with one header. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

/** What a `Retry-After` comes to. */
export interface RetryAfter {
  readonly delayMs: number;
  /** Whether the peer asked for more than `MAX_RETRY_AFTER_MS`. */
  readonly isCapped: boolean;
}

/**
 * Reads `Retry-After` (RFC 9110, 10.2.3): seconds, or a date. A date is read against the `Date` of the same answer, so
 * that a clock that is wrong on either side does no harm, and against `unixMs` only where there is none. What is no such
 * value, or lies in the past, is undefined.
 */
export function parseRetryAfter(
  value: string | undefined,
  date: string | undefined,
  unixMs: number,
): RetryAfter | undefined {
  const delayMs = delayOf(value?.trim() ?? '', date?.trim() ?? '', unixMs);
  if (delayMs === undefined || delayMs < 0) return undefined;
  return { delayMs: Math.min(delayMs, MAX_RETRY_AFTER_MS), isCapped: delayMs > MAX_RETRY_AFTER_MS };
}

function delayOf(value: string, date: string, unixMs: number): number | undefined {
  if (/^\d+$/.test(value)) return 1000 * Number(value);
  const dueMs = parseHttpDate(value, unixMs);
  return dueMs === undefined ? undefined : dueMs - (parseHttpDate(date, unixMs) ?? unixMs);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const TIME = '(?<time>\\d{2}:\\d{2}:\\d{2})';

/** The three forms of RFC 9110, 5.6.7: the present one, RFC 850's and that of asctime(). */
const HTTP_DATES = [
  new RegExp(`^[A-Z][a-z]{2}, (?<day>\\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^[A-Z][a-z]{5,8}, (?<day>\\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\\d{2}) ${TIME} GMT$`),
  new RegExp(`^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`),
];

/** Milliseconds since 1970, or undefined. `Date.parse` would take far more than these forms, "12" for one. */
function parseHttpDate(text: string, unixMs: number): number | undefined {
  for (const form of HTTP_DATES) {
    const parts = form.exec(text)?.groups;
    if (parts === undefined) continue;
    const [hour = 0, minute = 0, second = 0] = (parts['time'] ?? '').split(':').map(Number);
    const month = MONTHS.indexOf(parts['month'] ?? '');
    if (month < 0 || hour > 23 || minute > 59 || second > 60) return undefined;
    return Date.UTC(fullYear(parts['year'] ?? '', unixMs), month, Number(parts['day']), hour, minute, second);
  }
  return undefined;
}

/** A year of two digits that seems to lie more than 50 years ahead is the last one that ended so. */
function fullYear(digits: string, unixMs: number): number {
  if (digits.length === 4) return Number(digits);
  const thisYear = new Date(unixMs).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + Number(digits);
  return year > thisYear + 50 ? year - 100 : year;
}
