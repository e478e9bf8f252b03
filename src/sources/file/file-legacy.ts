import type { Legacy } from '../../core/contracts.ts';
import { entryStart, Generation } from './generation.ts';
import type { StreamEntry } from './stream-entry.ts';
import type { TailStart } from './tailed-file.ts';

/** A file as one source leaves it to another. */
export interface LeftFile {
  readonly start: TailStart;
  /** See `TailedFile.isLinked`. */
  readonly isLinked: boolean;
}

/**
 * The files that a source followed, still open, for the one that takes its place: a file that has lost its name, or loses
 * it before the other one has looked, lives by its handle alone.
 */
export class FileLegacy implements Legacy {
  #files: readonly LeftFile[];
  readonly #allowedRoots: readonly string[];

  /** `allowedRoots`: where links of the source could lead, beside the folders of its patterns. */
  constructor(files: readonly LeftFile[], allowedRoots: readonly string[]) {
    this.#files = files;
    this.#allowedRoots = allowedRoots;
  }

  /**
   * Takes out the files that a source with these `allowedRoots` may read and that are its own, the oldest first, and
   * closes the others.
   */
  take(isOwn: (file: TailStart) => boolean, allowedRoots: readonly string[]): LeftFile[] {
    const areLinksAllowed = this.#allowedRoots.every((root) => allowedRoots.includes(root));
    const taken: LeftFile[] = [];
    for (const file of this.#files) {
      if (isOwn(file.start) && (areLinksAllowed || !file.isLinked)) taken.push(file);
      else closeLeft(file);
    }
    this.#files = [];
    return taken.sort((a, b) => (a.start.bornNs < b.start.bornNs ? -1 : 1));
  }

  join(other: Legacy): void {
    if (!(other instanceof FileLegacy)) return;
    const known = new Set(this.#files.map(({ start }) => start.key));
    const more = other.#files.filter(({ start }) => !known.has(start.key));
    this.#files = [...this.#files, ...more];
    other.#files = other.#files.filter((file) => !more.includes(file));
    other.close();
  }

  /** With handles of its own. What cannot be opened again is left out: it is found by its name, if it has one. */
  copy(): FileLegacy {
    const files = this.#files.flatMap(({ start, isLinked }) => {
      if (!('file' in start.state)) return [];
      const file = start.state.file?.duplicate();
      if (file === undefined && start.state.file !== undefined) return [];
      return [{ start: { ...start, state: { ...start.state, file } }, isLinked }];
    });
    return new FileLegacy(files, this.#allowedRoots);
  }

  close(): void {
    for (const file of this.#files) closeLeft(file);
    this.#files = [];
  }
}

/**
 * How a file is gone on with that was left open. What is under way in it goes on; otherwise the entry of the checkpoint
 * says where reading goes on: of several sources that become one, each was somewhere else.
 */
export function startLeft(start: TailStart, entry: StreamEntry | undefined): TailStart {
  return start.generation instanceof Generation || entry === undefined
    ? start
    : { ...start, generation: entryStart(entry) };
}

function closeLeft({ start: { state } }: LeftFile): void {
  if ('file' in state) state.file?.close();
}
