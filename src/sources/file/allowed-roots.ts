import type { Stats } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, sep } from 'node:path';

/** Links of links of links: as many as the system follows. */
const MAX_LINKS = 40;

/**
 * Where an opened file may lie: below the folder in which the pattern starts that led to it, or below one that the
 * configuration allows. Whoever writes the shared volume must not be able to move these, so they are resolved by
 * `trustedPath()`.
 */
export class AllowedRoots {
  readonly #bases: readonly string[];
  readonly #allowed: readonly string[];
  #real: ReadonlyMap<string, string> = new Map();

  /** `bases`: where the patterns start; `allowed`: where files may lie beside that; absolute. */
  constructor(bases: readonly string[], allowed: readonly string[]) {
    this.#bases = bases;
    this.#allowed = allowed;
  }

  /** Looks where the folders lie now. */
  async resolve(): Promise<void> {
    const real = new Map<string, string>();
    for (const folder of [...this.#bases, ...this.#allowed]) real.set(folder, await trustedPath(folder));
    this.#real = real;
  }

  /** The real folders below which the file may lie that has that path; none before `resolve()`. */
  of(path: string): readonly string[] {
    let base: string | undefined;
    for (const folder of this.#bases) {
      if (isBelow(path, folder) && folder.length >= (base?.length ?? 0)) base = folder;
    }
    const folders = base === undefined ? this.#allowed : [base, ...this.#allowed];
    return folders.flatMap((folder) => this.#real.get(folder) ?? []);
  }
}

/** Whether the path is that of the folder or of something in it. */
export function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/**
 * The folder with those links in its path replaced that only the operator can have made: they stand on the root file
 * system, in folders that nobody but root and the agent's user can write. Other links are left as they are, and since an
 * opened file has a path without links, none lies below them: a writer of the volume who replaces `logs` by a link to
 * the agent's token gains nothing.
 */
export async function trustedPath(folder: string): Promise<string> {
  const root = await lstat('/');
  let names = namesIn(folder);
  let real = '/';
  let isTrusted = isGuarded(root, root.dev);
  for (let links = 0; ; ) {
    const name = names.shift();
    if (name === undefined) return real;
    if (name === '..') {
      real = dirname(real);
      continue;
    }
    const path = join(real, name);
    const stats = await lstat(path).catch(() => undefined);
    if (stats === undefined) return join(path, ...names);
    if (!stats.isSymbolicLink()) {
      real = path;
      isTrusted &&= isGuarded(stats, root.dev);
      continue;
    }
    if (!isTrusted || ++links > MAX_LINKS) return join(path, ...names);
    const target = await readlink(path).catch(() => name);
    if (isAbsolute(target)) real = '/';
    names = [...namesIn(target), ...names];
  }
}

/** Whether a folder is on the root file system, which no other container has, and nobody else may write it. */
function isGuarded({ uid, mode, dev }: Stats, rootDev: number): boolean {
  return dev === rootDev && (uid === 0 || uid === process.geteuid?.()) && (mode & 0o022) === 0;
}

function namesIn(path: string): string[] {
  return path.split(sep).filter((name) => name !== '' && name !== '.');
}
