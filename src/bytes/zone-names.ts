import { NO_OFFSET } from './zone-offset.ts';

const HOUR = 3600;
const FIRST_LETTER = 0x41;
const LAST_LETTER = 0x5a;
const SHORTEST = 3;
const LONGEST = 4;

/**
 * Abbreviations that loggers write for one offset, in seconds east of Greenwich. `BST` is summer in London, and the
 * American ones are those of RFC 5322, `CST` too. Those that are used for several zones all the time, such as `IST` and
 * `AST`, are none of them: a time that is wrong by hours is worse than none.
 */
const OFFSETS: readonly (readonly [string, number])[] = [
  ['UTC', 0],
  ['GMT', 0],
  ['WET', 0],
  ['WEST', HOUR],
  ['BST', HOUR],
  ['CET', HOUR],
  ['CEST', 2 * HOUR],
  ['EET', 2 * HOUR],
  ['EEST', 3 * HOUR],
  ['MSK', 3 * HOUR],
  ['SAST', 2 * HOUR],
  ['HKT', 8 * HOUR],
  ['AWST', 8 * HOUR],
  ['JST', 9 * HOUR],
  ['KST', 9 * HOUR],
  ['ACST', 9.5 * HOUR],
  ['ACDT', 10.5 * HOUR],
  ['AEST', 10 * HOUR],
  ['AEDT', 11 * HOUR],
  ['NZST', 12 * HOUR],
  ['NZDT', 13 * HOUR],
  ['HST', -10 * HOUR],
  ['AKST', -9 * HOUR],
  ['AKDT', -8 * HOUR],
  ['PST', -8 * HOUR],
  ['PDT', -7 * HOUR],
  ['MST', -7 * HOUR],
  ['MDT', -6 * HOUR],
  ['CST', -6 * HOUR],
  ['CDT', -5 * HOUR],
  ['EST', -5 * HOUR],
  ['EDT', -4 * HOUR],
];

const offsetOfName: ReadonlyMap<number, number> = new Map(
  OFFSETS.map(([name, offset]) => [packed(Buffer.from(name), 0, name.length), offset]),
);
const UTC = packed(Buffer.from('UTC'), 0, SHORTEST);

/** The offset of the zone whose abbreviation fills `bytes[start, end)`, as seconds east; NO_OFFSET: none is known. */
export function zoneNameOffset(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length < SHORTEST || length > LONGEST) return NO_OFFSET;
  const name = packed(bytes, start, end);
  return name === UTC ? 0 : (offsetOfName.get(name) ?? NO_OFFSET);
}

/** Where the capital letters that start at `start` end. O(length of the longest abbreviation). */
export function zoneNameEnd(bytes: Uint8Array, start: number, end: number): number {
  const limit = Math.min(start + LONGEST + 1, end);
  let at = start;
  while (at < limit && bytes[at]! >= FIRST_LETTER && bytes[at]! <= LAST_LETTER) at++;
  return at;
}

function packed(bytes: Uint8Array, start: number, end: number): number {
  let name = 0;
  for (let at = start; at < end; at++) name = (name << 8) | bytes[at]!;
  return name;
}
