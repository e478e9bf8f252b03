const NEWLINE = 0x0a;

/** Where the line that `at` lies in ends: its newline, or `end`. O(length of the line). */
export function lineEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] !== NEWLINE) at++;
  return at;
}

/** Where the line that `at` lies in starts. */
export function lineStart(bytes: Uint8Array, at: number, start: number): number {
  while (at > start && bytes[at - 1] !== NEWLINE) at--;
  return at;
}

/** The end of the text `bytes[start, end)` without white space behind it. */
export function trimmedEnd(bytes: Uint8Array, start: number, end: number): number {
  while (end > start && bytes[end - 1]! <= 0x20) end--;
  return end;
}

/** Where `wanted` begins for the last time in `bytes[start, end)`, or -1. O(length). */
export function lastIndexOfWithin(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): number {
  for (let at = end - wanted.length; at >= start; at--) {
    let i = 0;
    while (i < wanted.length && bytes[at + i] === wanted[i]) i++;
    if (i === wanted.length) return at;
  }
  return -1;
}
