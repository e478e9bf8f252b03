/**
 * The first `byte` at or behind `at`, or `end` when there is none before it. Looks at four bytes at once, so it reads up
 * to 3 bytes behind `end`: made for spans too short for `indexOf()`, which takes 30 ns to begin with.
 *
 * Of each word, `x - 0x01…` borrows into the highest bit of a byte that is zero, as a byte is that equals the wanted
 * one; the lowest hit is exact, and the lowest is what counts.
 */
export function findByte(view: DataView, byte: number, at: number, end: number): number {
  const wanted = Math.imul(byte, 0x01010101);
  for (; at < end; at += 4) {
    const word = view.getInt32(at, true) ^ wanted;
    const hit = (word - 0x01010101) & ~word & 0x80808080;
    if (hit !== 0) return Math.min(at + lowestByte(hit), end);
  }
  return end;
}

/**
 * The same for the first of two bytes of ASCII; `end` or more when there is none. Looks at eight bytes at once, so it
 * reads up to 7 behind `end`.
 */
export function findEither(view: DataView, one: number, other: number, at: number, end: number): number {
  const wantedOne = Math.imul(one, 0x01010101);
  const wantedOther = Math.imul(other, 0x01010101);
  for (; at < end; at = (at + 8) | 0) {
    const first = view.getInt32(at, true);
    const second = view.getInt32((at + 4) | 0, true);
    // Both are ASCII, so the highest bits of `x` are those of the word.
    const hit = (((first ^ wantedOne) - 0x01010101) | ((first ^ wantedOther) - 0x01010101)) & ~first & 0x80808080;
    const secondHit =
      (((second ^ wantedOne) - 0x01010101) | ((second ^ wantedOther) - 0x01010101)) & ~second & 0x80808080;
    if ((hit | secondHit) === 0) continue;
    return hit === 0 ? (at + 4 + lowestByte(secondHit)) | 0 : (at + lowestByte(hit)) | 0;
  }
  return at;
}

/** In which byte of a word the lowest bit is that is set. */
function lowestByte(hit: number): number {
  return (31 - Math.clz32(hit & -hit)) >> 3;
}
