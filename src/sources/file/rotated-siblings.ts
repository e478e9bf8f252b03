import { lstat, readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { fsPath, pathOf } from './raw-path.ts';
import { type Sighting, sightingOf } from './sighting.ts';

/** How many names of a folder are looked at. */
const MAX_NAMES = 10_000;

/** What rotation puts into a name: a number, a date, or both. */
const ROTATION_MARK = /^[\d.\-_:+TZ]*\d[\d.\-_:+TZ]*$/;

/** What compressing a file adds to its name. */
const GZIP_ENDING = '.gz';

/**
 * Whether a rotation may have given a file of the name `home` the name `name`: it added a number or a date, behind the
 * name (`app.log.1`, `app.log-20240102`) or before its extension (`app-2024-01-02.3.log`), or compressed the file
 * (`app.log.gz`), or both.
 */
export function isRotatedName(name: string, home: string): boolean {
  if (name === home) return false;
  if (name.endsWith(GZIP_ENDING)) {
    const plain = name.slice(0, -GZIP_ENDING.length);
    return plain === home || isRotatedName(plain, home);
  }
  const extension = extname(home);
  const stem = home.slice(0, home.length - extension.length);
  if (name.startsWith(home)) return ROTATION_MARK.test(name.slice(home.length));
  if (!name.startsWith(stem) || !name.endsWith(extension)) return false;
  return ROTATION_MARK.test(name.slice(stem.length, name.length - extension.length));
}

/** Those of the siblings into which a rotation may have compressed the file of the path `home` that was made at `bornNs`. */
export function compressedSiblings(siblings: Siblings, home: string, bornNs: bigint): readonly Sighting[] {
  const isCompressed = (sighting: Sighting): boolean => {
    const name = basename(sighting.path);
    return sighting.bornNs >= bornNs && name.endsWith(GZIP_ENDING) && isRotatedName(name, basename(home));
  };
  return [...siblings.values()].flat().filter(isCompressed);
}

/** The regular files in a folder by their inodes, each with the names that it has there. */
export type Siblings = ReadonlyMap<string, readonly Sighting[]>;

/**
 * The regular files in a folder by their inodes: where a file is found that has lost its name. None in a folder that is
 * not there; undefined when the folder cannot be listed. O(names in the folder), up to a bound.
 */
export async function listSiblings(folder: string): Promise<Siblings | undefined> {
  const siblings: Sighting[] = [];
  let names: Buffer[];
  try {
    names = await readdir(fsPath(folder), { encoding: 'buffer' });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? new Map() : undefined;
  }
  for (const name of names.slice(0, MAX_NAMES)) {
    const path = join(folder, pathOf(name));
    const stats = await lstat(fsPath(path), { bigint: true }).catch(() => undefined);
    if (stats?.isFile()) siblings.push(sightingOf(path, stats));
  }
  return Map.groupBy(siblings, ({ key }) => key);
}

/** Lists each folder once until it is cleared. */
export class SiblingCache {
  readonly #byFolder = new Map<string, Siblings | undefined>();

  /** The files beside that path; undefined where they cannot be listed. */
  async of(path: string): Promise<Siblings | undefined> {
    const folder = dirname(path);
    if (!this.#byFolder.has(folder)) this.#byFolder.set(folder, await listSiblings(folder));
    return this.#byFolder.get(folder);
  }

  clear(): void {
    this.#byFolder.clear();
  }
}
