/** Days before each month of a year that is no leap year; index 1 is January. */
const DAYS_BEFORE = new Uint16Array([0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]);
const DAYS_IN = new Uint8Array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
/** Leap days from the year 1 to 1969. */
const LEAP_DAYS_BEFORE_1970 = 477;

/** Whether the Gregorian calendar has the day. */
export function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= DAYS_IN[month]! || (month === 2 && day === 29 && isLeapYear(year));
}

/** Days from 1970-01-01 to a day that is a date, for years from 1 to 9999; negative before 1970. */
export function daysSince1970(year: number, month: number, day: number): number {
  const before = year - 1;
  const leapDays = ((before / 4) | 0) - ((before / 100) | 0) + ((before / 400) | 0) - LEAP_DAYS_BEFORE_1970;
  const leapDay = month > 2 && isLeapYear(year) ? 1 : 0;
  return 365 * (year - 1970) + leapDays + DAYS_BEFORE[month]! + leapDay + day - 1;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
