/**
 * The word of `words` that `wrong` most likely stands for, or undefined when none is near. For "did you mean". A part
 * of a word, such as `interval` of `poll_interval`, stands for it when it is part of no other; a word with more behind it,
 * such as `nginx-access`, stands for the longest word that it begins with.
 */
export function closest(wrong: string, words: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(wrong.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const word of words) {
    if (Math.abs(word.length - wrong.length) > limit) continue;
    const distance = editDistance(wrong.toLowerCase(), word.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [word, distance];
  }
  if (best !== undefined) return best;
  const longer = words.filter((word) => word.startsWith(`${wrong}_`) || word.endsWith(`_${wrong}`));
  if (longer.length === 1) return longer[0];
  const shorter = words.filter((word) => wrong.startsWith(`${word}_`) || wrong.startsWith(`${word}-`));
  return shorter.toSorted((a, b) => b.length - a.length)[0];
}

/** Optimal string alignment: insertions, deletions, replacements, and swaps of neighbours each cost 1. O(a · b). */
function editDistance(a: string, b: string): number {
  let twoUp: number[] = [];
  let up = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const replaced = up[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(up[j]! + 1, row[j - 1]! + 1, replaced, swap ? twoUp[j - 2]! + 1 : Infinity);
    }
    [twoUp, up] = [up, row];
  }
  return up[b.length]!;
}
