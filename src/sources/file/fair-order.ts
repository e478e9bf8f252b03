import { dirname } from 'node:path';
import type { Sighting } from './sighting.ts';

/** How many of the files are in a folder. O(files). */
export function followedIn(files: Iterable<{ readonly folder: string }>): (folder: string) => number {
  const followed = new Map<string, number>();
  for (const { folder } of files) followed.set(folder, (followed.get(folder) ?? 0) + 1);
  return (folder) => followed.get(folder) ?? 0;
}

/**
 * The order in which new files get the places that are left when there are more files than places: folders in turn,
 * those first of which the fewest files are followed, and within a folder by chance. So a flood of names in one folder
 * keeps no file of another one out, and none of its own for ever. O(n log n).
 */
export function inFairOrder(files: readonly Sighting[], followedIn: (folder: string) => number): Sighting[] {
  const ranks = new Map<string, number>();
  return files
    .map((file) => ({ file, chance: Math.random() }))
    .sort((a, b) => a.chance - b.chance)
    .map(({ file }) => {
      const folder = dirname(file.path);
      const rank = ranks.get(folder) ?? followedIn(folder);
      ranks.set(folder, rank + 1);
      return { file, rank };
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ file }) => file);
}
