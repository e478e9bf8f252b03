import { isDigit, twoDigits } from './digits.ts';

/** Given by `parseZoneOffset()` for what is no offset. */
export const NO_OFFSET = 0x7fffffff;

/**
 * Reads an offset from UTC, `Z`, `z`, `+hh`, `+hhmm` or `+hh:mm`, that fills `bytes[start, end)`, as seconds east of
 * Greenwich. NO_OFFSET: it is none, or beyond 23:59.
 */
export function parseZoneOffset(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start]!;
  const length = end - start;
  if (length === 1) return first === 0x5a || first === 0x7a ? 0 : NO_OFFSET;
  if (first !== 0x2b && first !== 0x2d) return NO_OFFSET;
  if (length !== 3 && length !== 5 && !(length === 6 && bytes[start + 3] === 0x3a)) return NO_OFFSET;
  const hours = twoDigits(bytes, start + 1);
  const minutes = length === 3 ? 0 : twoDigits(bytes, end - 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return NO_OFFSET;
  const seconds = 3600 * hours + 60 * minutes;
  return first === 0x2d ? 0 - seconds : seconds;
}

/** Where an offset that starts at `start` ends, by its form alone: the longest one that fits. */
export function zoneOffsetEnd(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start]!;
  if (first !== 0x2b && first !== 0x2d) return Math.min(start + 1, end);
  const colon = start + 3 < end && bytes[start + 3] === 0x3a ? 1 : 0;
  const minutes = start + 3 + colon;
  const hasMinutes = minutes + 2 <= end && isDigit(bytes[minutes]!) && isDigit(bytes[minutes + 1]!);
  return hasMinutes ? minutes + 2 : Math.min(start + 3, end);
}
