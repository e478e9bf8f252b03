import { lstat, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fsPath, pathOf } from './raw-path.ts';
import { keyOf, type Sighting, sightingOf } from './sighting.ts';

/** How many names of a folder are looked at. */
const MAX_NAMES = 10_000;

/** What rotation puts into a name: a number, a date, or both. */
const ROTATION_MARK = /^[\d.\-_:+TZ]*\d[\d.\-_:+TZ]*$/;

/**
 * Whether a rotation may have given a file of the name `home` the name `name`: it added a number or a date, behind the
 * name (`app.log.1`, `app.log-20240102`) or before its extension (`app-2024-01-02.3.log`).
 */
export function isRotatedName(name: string, home: string): boolean {
  if (name === home) return false;
  const extension = extname(home);
  const stem = home.slice(0, home.length - extension.length);
  if (name.startsWith(home)) return ROTATION_MARK.test(name.slice(home.length));
  if (!name.startsWith(stem) || !name.endsWith(extension)) return false;
  return ROTATION_MARK.test(name.slice(stem.length, name.length - extension.length));
}

/**
 * The regular files in a folder by their inodes: where a file is found that has lost its name. Empty when the folder
 * cannot be listed. O(names in the folder), up to a bound.
 */
export async function listSiblings(folder: string): Promise<ReadonlyMap<string, Sighting>> {
  const siblings = new Map<string, Sighting>();
  const names = await readdir(fsPath(folder), { encoding: 'buffer' }).catch((): Buffer[] => []);
  for (const name of names.slice(0, MAX_NAMES)) {
    const path = join(folder, pathOf(name));
    const stats = await lstat(fsPath(path), { bigint: true }).catch(() => undefined);
    if (stats?.isFile()) siblings.set(keyOf(stats), sightingOf(path, stats));
  }
  return siblings;
}
