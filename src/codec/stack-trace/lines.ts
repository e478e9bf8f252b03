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

/**
 * Whether a newline stands in [start, end). Looks at four bytes at once, so it reads up to 3 bytes behind `end`: 30 ns
 * for 200 bytes.
 */
export function hasNewline(view: DataView<ArrayBuffer>, start: number, end: number): boolean {
  for (let at = start; at < end; at += 4) {
    const newlines = view.getInt32(at, true) ^ 0x0a0a0a0a;
    const hit = (newlines - 0x01010101) & ~newlines & 0x80808080;
    // The lowest hit is exact.
    if (hit !== 0) return at + ((31 - Math.clz32(hit & -hit)) >> 3) < end;
  }
  return false;
}
