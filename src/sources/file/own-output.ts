import { fstatSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { isBelow } from './allowed-roots.ts';
import { keyOf } from './sighting.ts';

/** Standard output and standard error. */
const OWN_DESCRIPTORS = [1, 2];

/**
 * What the agent writes itself: reading that would make it write more. Its log and its records when they are redirected
 * into files, known by their inodes, and everything in its state folder.
 */
export class OwnOutput {
  readonly #stateFolder: string | undefined;
  readonly #keys: readonly string[];

  /** `stateFolder`: where the agent keeps its state, if it does. */
  constructor(stateFolder: string | undefined) {
    this.#stateFolder = stateFolder === undefined ? undefined : realPathOf(stateFolder);
    this.#keys = OWN_DESCRIPTORS.flatMap(keyOfDescriptor);
  }

  /** Whether the file is one of the agent's own. */
  has(key: string, realPath: string): boolean {
    const isState = this.#stateFolder !== undefined && isBelow(realPath, this.#stateFolder);
    return isState || this.#keys.includes(key);
  }
}

function realPathOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder);
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
