import { digitsEnd, digitsValue, fractionNanos, isDigit, MAX_FRACTION_DIGITS } from './digits.ts';
import type { ParsedTime } from './parsed-time.ts';

/** How many digits behind the second the unit of an epoch number has. */
export const EpochUnit = {
  Seconds: 0,
  Millis: 3,
  Micros: 6,
  Nanos: 9,
  /** By the number of digits before the decimal point: see `unitOfDigits()`. */
  Auto: -1,
} as const;

/** One of the units. */
export type EpochUnit = (typeof EpochUnit)[keyof typeof EpochUnit];

/** Whole seconds have 11 digits in the year 2554, where unsigned 64-bit nanoseconds end. */
const MAX_SECOND_DIGITS = 11;

/**
 * Reads a number of seconds (or milliseconds, ...) since 1970: `1767323045`, `1767323045.123456789`, or with an exponent,
 * `1.767323045e+18`, as languages print large doubles. Never goes through a double, so every digit counts; what is
 * finer than a nanosecond is cut off. False: it is no such number, or negative, or far beyond the year 2554.
 *
 * The digits are one row; the unit, the point and the exponent only say how many of them are whole seconds.
 */
export function parseEpoch(bytes: Uint8Array, start: number, end: number, unit: EpochUnit, into: ParsedTime): boolean {
  const point = digitsEnd(bytes, start, end);
  if (point === start) return false;
  let whole = point - start;
  let last = point;
  if (point < end) {
    if (bytes[point] === 0x2e) {
      last = digitsEnd(bytes, point + 1, end);
      if (last === point + 1) return false;
    }
    if (last < end) {
      const exponent = parseExponent(bytes, last, end);
      if (exponent === NO_EXPONENT) return false;
      whole += exponent;
    }
  }
  if (unit === EpochUnit.Auto) unit = unitOfDigits(whole);
  if (unit === EpochUnit.Auto) return false;
  whole -= unit;
  if (whole > MAX_SECOND_DIGITS) return false;
  into.isLocal = false;
  if (last === point && whole > 0 && whole <= point - start) {
    into.seconds = digitsValue(bytes, start, start + whole);
    into.nanos = fractionNanos(bytes, start + whole, Math.min(point, start + whole + MAX_FRACTION_DIGITS));
  } else {
    splitDigits(bytes, start, last, whole, into);
  }
  return true;
}

/** The digits `bytes[start, end)`, a point among them, of which the first `whole` are seconds; it may be negative. */
function splitDigits(bytes: Uint8Array, start: number, end: number, whole: number, into: ParsedTime): void {
  const kept = whole + MAX_FRACTION_DIGITS;
  let seconds = 0;
  let nanos = 0;
  let index = 0;
  for (let at = start; at < end && index < kept; at++) {
    const byte = bytes[at]!;
    if (byte === 0x2e) continue;
    if (index++ < whole) seconds = 10 * seconds + byte - 0x30;
    else nanos = 10 * nanos + byte - 0x30;
  }
  for (; index < whole; index++) seconds *= 10;
  for (; index < kept; index++) nanos *= 10;
  into.seconds = seconds;
  into.nanos = nanos;
}

/**
 * The unit that gives a time from 2001-09-09 on: 10 or 11 digits are seconds, 13 or 14 milliseconds, 16 or 17
 * microseconds, 19 or 20 nanoseconds. Anything else is no epoch number: 20260102 and 202601020304 are dates written as
 * digits, 12.5 is the time since something started.
 */
function unitOfDigits(digits: number): EpochUnit {
  switch (digits) {
    case 10:
    case 11:
      return EpochUnit.Seconds;
    case 13:
    case 14:
      return EpochUnit.Millis;
    case 16:
    case 17:
      return EpochUnit.Micros;
    case 19:
    case 20:
      return EpochUnit.Nanos;
    default:
      return EpochUnit.Auto;
  }
}

const NO_EXPONENT = 0x7fffffff;

/** Reads `e18`, `E+18` or `e-3`, that fills `bytes[start, end)`; at most two digits. */
function parseExponent(bytes: Uint8Array, start: number, end: number): number {
  if ((bytes[start]! | 0x20) !== 0x65) return NO_EXPONENT;
  const sign = bytes[start + 1];
  const digits = sign === 0x2b || sign === 0x2d ? start + 2 : start + 1;
  const count = end - digits;
  if (count < 1 || count > 2 || !isDigit(bytes[digits]!) || !isDigit(bytes[end - 1]!)) return NO_EXPONENT;
  const value = digitsValue(bytes, digits, end);
  return sign === 0x2d ? -value : value;
}
