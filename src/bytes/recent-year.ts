import { daysSince1970, isDate } from './calendar.ts';
import type { TimeZone } from './time-zone.ts';

const DAY_SECONDS = 86_400;
/** The longest way from one 29 February back to another, over a year like 2100. */
const MAX_YEARS_BACK = 8;

/** Gives a year to times that name none: the latest that puts them at most a day after they were read. */
export class RecentYear {
  #observedUnixMs = Number.NaN;
  /** The year that no time read then can be after. */
  #latestYear = 0;

  /**
   * The Unix time of a day and the seconds since its midnight on the clock of `zone`; NaN: there is no such day. The
   * seconds may be those of the day before or after, which an offset makes.
   */
  toUnix(month: number, day: number, secondsOfDay: number, zone: TimeZone, observedUnixMs: number): number {
    if (observedUnixMs !== this.#observedUnixMs) this.#observe(observedUnixMs);
    const latestUnixSeconds = observedUnixMs / 1000 + DAY_SECONDS;
    for (let year = this.#latestYear; year >= this.#latestYear - MAX_YEARS_BACK; year--) {
      if (!isDate(year, month, day)) continue;
      const unixSeconds = zone.toUnix(DAY_SECONDS * daysSince1970(year, month, day) + secondsOfDay);
      if (unixSeconds <= latestUnixSeconds) return unixSeconds;
    }
    return Number.NaN;
  }

  #observe(observedUnixMs: number): void {
    this.#observedUnixMs = observedUnixMs;
    // A day for the future, and a day because somewhere on earth the next year has begun.
    this.#latestYear = new Date(observedUnixMs + 2000 * DAY_SECONDS).getUTCFullYear();
  }
}
