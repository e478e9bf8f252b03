import type { TimeZone } from './time-zone.ts';

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3600;

/**
 * The Unix time of a time of day that names no day: the seconds since midnight on the clock of `zone`, on the latest day
 * that puts them at most an hour after they were read. So a line from before midnight that is read after it is of
 * yesterday.
 */
export function recentTimeOfDay(secondsOfDay: number, zone: TimeZone, observedUnixMs: number): number {
  const latestUnixSeconds = observedUnixMs / 1000 + HOUR_SECONDS;
  // Somewhere on earth it is tomorrow.
  let day = Math.floor(latestUnixSeconds / DAY_SECONDS) + 1;
  let unixSeconds = zone.toUnix(DAY_SECONDS * day + secondsOfDay);
  while (unixSeconds > latestUnixSeconds) unixSeconds = zone.toUnix(DAY_SECONDS * --day + secondsOfDay);
  return unixSeconds;
}
