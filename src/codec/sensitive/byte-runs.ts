/**
 * Where the next run of at least `length` bytes that are `isWanted` starts, or -1. The run may reach back to `start`;
 * looking begins at `from`, before which no such run ends.
 *
 * Only every `length`th byte is looked at, and of what is around a hit first the bytes that a run of that length must
 * hold on one of its sides: most words end before.
 */
export function nextRun(
  bytes: Uint8Array,
  start: number,
  from: number,
  end: number,
  isWanted: Uint8Array,
  length: number,
): number {
  const half = length >> 1;
  const quarter = half >> 1;
  for (let at = from + length - 1; at < end; at += length) {
    if (isWanted[bytes[at]!] === 0) continue;
    const isLeft = isWanted[bytes[at - quarter]!] !== 0 && isWanted[bytes[at - half]!] !== 0;
    if (!isLeft && (at + half >= end || isWanted[bytes[at + quarter]!] === 0 || isWanted[bytes[at + half]!] === 0)) {
      continue;
    }
    let first = at;
    while (first > start && isWanted[bytes[first - 1]!] !== 0) first--;
    at = runEnd(bytes, at, end, isWanted);
    if (at - first >= length) return first;
  }
  return -1;
}

/** Where the run ends that `at` is in. */
export function runEnd(bytes: Uint8Array, at: number, end: number, isWanted: Uint8Array): number {
  while (at < end && isWanted[bytes[at]!] !== 0) at++;
  return at;
}
