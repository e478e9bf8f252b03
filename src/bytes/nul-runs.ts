const NULS = Buffer.alloc(4096);

/** Where the NULs end that `bytes[start, end)` begins with. O(bytes), some bytes a nanosecond in long runs. */
export function endOfNuls(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (end - at >= NULS.length && NULS.equals(bytes.subarray(at, at + NULS.length))) at += NULS.length;
  while (at < end && bytes[at] === 0) at++;
  return at;
}

/** Where the NULs start that `bytes[start, end)` ends with; `end` when there are none. Fast like `endOfNuls()`. */
export function startOfLastNuls(bytes: Buffer, start: number, end: number): number {
  let at = end;
  while (at - start >= NULS.length && NULS.equals(bytes.subarray(at - NULS.length, at))) at -= NULS.length;
  while (at > start && bytes[at - 1] === 0) at--;
  return at;
}
