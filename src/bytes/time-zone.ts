import { NO_OFFSET, parseZoneOffset } from './zone-offset.ts';

const DAY_SECONDS = 86_400;
/** No record can have a time outside these years, whatever its zone: nobody asks the runtime about them. */
const FIRST_YEAR = 1969;
const LAST_YEAR = 2555;

/** Offset from UTC in seconds, for the times [from, until) of a clock on the wall. */
interface Period {
  readonly from: number;
  readonly until: number;
  readonly offset: number;
}

const ALWAYS_UTC: Period = { from: -Infinity, until: Infinity, offset: 0 };
const NEVER: Period = { from: Infinity, until: -Infinity, offset: 0 };

/**
 * Where texts that name no time zone were written: an offset, or the rules of a place by its IANA name.
 *
 * When clocks are put forward, an hour of the wall clock does not exist; when they are put back, an hour comes twice.
 * Both are read with the offset that was in force before the change: a time of the missing hour is the time an hour
 * later on the new clock, a time of the doubled hour is the first of the two.
 *
 * The rules come from the runtime, one day at a time (0.9 µs each), and are kept a year at a time: whatever times a log
 * holds, a zone costs at most the years from 1970 to 2554 once, 0.2 s in all. A record costs two comparisons.
 */
export class TimeZone {
  static readonly utc = new TimeZone(ALWAYS_UTC);

  readonly #format: Intl.DateTimeFormat | undefined;
  readonly #years = new Map<number, readonly Period[]>();
  /** The period of the last time that was asked for. */
  #period: Period;

  private constructor(period: Period, format?: Intl.DateTimeFormat) {
    this.#period = period;
    this.#format = format;
  }

  /** The zone with the name `UTC`, `+02:00` or `Europe/Berlin`; undefined: there is none. */
  static named(name: string): TimeZone | undefined {
    if (name === 'UTC') return TimeZone.utc;
    const bytes = Buffer.from(name);
    const offset = parseZoneOffset(bytes, 0, bytes.length);
    if (offset !== NO_OFFSET) return new TimeZone({ ...ALWAYS_UTC, offset });
    try {
      const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
      return new TimeZone(NEVER, format);
    } catch {
      return undefined;
    }
  }

  /** The Unix time, in seconds, of a time on the wall clock that is given as if it were UTC. */
  toUnix(wallSeconds: number): number {
    const period = this.#period;
    if (wallSeconds >= period.from && wallSeconds < period.until) return wallSeconds - period.offset;
    return wallSeconds - this.#findPeriod(wallSeconds).offset;
  }

  #findPeriod(wallSeconds: number): Period {
    const year = new Date(1000 * wallSeconds).getUTCFullYear();
    if (year < FIRST_YEAR || year > LAST_YEAR) return ALWAYS_UTC;
    let periods = this.#years.get(year);
    if (periods === undefined) this.#years.set(year, (periods = this.#periodsOf(year)));
    return (this.#period = periods.find((period) => wallSeconds < period.until)!);
  }

  /**
   * The periods of a year of the wall clock, in order. Looks at each day: rules exist (Gaza, 2040) by which clocks
   * change twice within a week.
   */
  #periodsOf(year: number): Period[] {
    const end = Date.UTC(year + 1) / 1000;
    const periods: Period[] = [];
    let from = Date.UTC(year) / 1000;
    let offset = this.#offsetAt(from - DAY_SECONDS);
    for (let unix = from; unix <= end + DAY_SECONDS; unix += DAY_SECONDS) {
      const next = this.#offsetAt(unix);
      if (next === offset) continue;
      const until = Math.min(this.#changeBetween(unix - DAY_SECONDS, unix) + Math.max(offset, next), end);
      if (until > from) {
        periods.push({ from, until, offset });
        from = until;
      }
      offset = next;
    }
    if (from < end) periods.push({ from, until: end, offset });
    return periods;
  }

  /** The first second of Unix time in (before, after] that has the offset of `after`. */
  #changeBetween(before: number, after: number): number {
    const offset = this.#offsetAt(after);
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (this.#offsetAt(middle) === offset) after = middle;
      else before = middle;
    }
    return after;
  }

  #offsetAt(unixSeconds: number): number {
    const text = this.#format!.format(1000 * unixSeconds);
    const [, sign, hours, minutes, seconds = '0'] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text) ?? [];
    if (sign === undefined) return 0;
    const offset = 3600 * Number(hours) + 60 * Number(minutes) + Number(seconds);
    return sign === '-' ? -offset : offset;
  }
}
