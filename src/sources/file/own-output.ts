import { fstatSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { isBelow } from './allowed-roots.ts';
import { keyOf } from './sighting.ts';

/** Standard output and standard error. */
const OWN_DESCRIPTORS = [1, 2];

/**
 * What the agent writes itself: reading that would make it write more. Its log and its records when they are redirected
 * into files, known by their inodes, and everything in its state folder and the like, by path.
 */
export class OwnOutput {
  readonly #paths: readonly string[];
  readonly #keys: readonly string[];

  /** `paths`: files and folders that the agent writes; those that come later are known by these paths alone. */
  constructor(paths: readonly string[]) {
    this.#paths = paths.map(realPathOf);
    this.#keys = OWN_DESCRIPTORS.flatMap(keyOfDescriptor);
  }

  /** Whether the file is one of the agent's own. */
  has(key: string, realPath: string): boolean {
    return this.#keys.includes(key) || this.#paths.some((own) => isBelow(realPath, own));
  }
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

function keyOfDescriptor(descriptor: number): string[] {
  try {
    const stats = fstatSync(descriptor, { bigint: true });
    return stats.isFile() ? [keyOf(stats)] : [];
  } catch {
    return [];
  }
}
