import { lstat, readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { type Sighting, sightingOf } from './sighting.ts';

/** How many names of a folder are looked at for rotated files, those with a fitting name first. */
const MAX_NAMES = 1000;

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
 * The regular files beside `home`, a path: where a file is found that has lost the name. Empty when the folder cannot be
 * listed. O(names in the folder), up to a bound.
 */
export async function siblingsOf(home: string): Promise<Sighting[]> {
  const folder = dirname(home);
  const own = basename(home);
  const names = (await readdir(folder).catch((): string[] => [])).filter((name) => name !== own);
  const [likely, others] = [names.filter((name) => isRotatedName(name, own)), names];
  const sightings: Sighting[] = [];
  for (const name of new Set([...likely, ...others].slice(0, MAX_NAMES))) {
    const path = join(folder, name);
    const stats = await lstat(path, { bigint: true }).catch(() => undefined);
    if (stats?.isFile()) sightings.push(sightingOf(path, stats));
  }
  return sightings;
}
