import { parseDouble } from '../../../bytes/double.ts';

const SIGN = new Set([0x2b, 0x2d]);

/** `inf`, `infinity` and `nan` in any case. */
const WORD = /^(?:([+-]?)inf(?:inity)?|nan)$/i;

/** The longest number that is read: no double needs more digits, and a longer text is no number anybody wrote. */
const MAX_LENGTH = 400;

/**
 * The number that `bytes[start, end)` says, as every exposition format writes it: a decimal number, an infinity or NaN;
 * undefined: it says none.
 */
export function readNumber(bytes: Buffer, start: number, end: number): number | undefined {
  const value = readRealNumber(bytes, start, end);
  if (value !== undefined || end - start > 9) return value;
  const text = bytes.toString('latin1', start, end);
  const found = WORD.exec(text);
  if (found === null) return undefined;
  if (found[1] === undefined) return Number.NaN;
  return found[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** The same without infinities and NaN. */
export function readRealNumber(bytes: Buffer, start: number, end: number): number | undefined {
  let hasDigit = false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x30 && byte <= 0x39) hasDigit = true;
    else if (byte !== 0x2e && byte !== 0x65 && byte !== 0x45 && !SIGN.has(byte)) return undefined;
  }
  if (!hasDigit || end - start > MAX_LENGTH) return undefined;
  const value = parseDouble(bytes, start, end);
  return Number.isNaN(value) ? undefined : value;
}

/** The same of a text. */
export function numberOf(text: string): number | undefined {
  const bytes = Buffer.from(text);
  return readNumber(bytes, 0, bytes.length);
}

/** Seconds as milliseconds, to a microsecond: the product alone would be off by as much as a double is. */
export function millisecondsOf(seconds: number): number {
  const microseconds = Math.round(seconds * 1e6);
  return Number.isSafeInteger(microseconds) ? microseconds / 1e3 : seconds * 1e3;
}

/** Around 1970: as far as a `Date` goes, which every format can write. */
const MAX_UNIX_MS = 8.64e15;
/** The year 2554, when the nanoseconds of OTLP end. */
const MAX_START_MS = 2 ** 64 / 1e6;

/** Whether that can be the time of a value. */
export function isUnixMs(unixMs: number): boolean {
  return Math.abs(unixMs) <= MAX_UNIX_MS;
}

/** A time at which counting began; undefined: it is none, such as 0, NaN or infinity. */
export function startOf(unixMs: number): number | undefined {
  return unixMs > 0 && unixMs < MAX_START_MS ? unixMs : undefined;
}

/** Whether that can be a number of measurements: what has 64 bits in other formats has less than this. */
export function isCount(value: number): boolean {
  return value >= 0 && value < 2 ** 63;
}
