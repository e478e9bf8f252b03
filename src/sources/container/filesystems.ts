import { statfs } from 'node:fs/promises';
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import type { Filesystem } from './container-metrics.ts';

/** So long no file system takes whose server is there. */
const PATIENCE_MS = 1000;

export interface FilesystemsOptions {
  /** Folders on the volumes whose fill level is read. */
  readonly paths: readonly string[];
  readonly clock: Clock;
  /** Is told what cannot be read, each time. */
  readonly onTrouble: (path: string, error: string) => void;
  /** `statfs()` of the system where it is left out. */
  readonly look?: typeof statfs;
}

/** Reads how full volumes are. Whoever asks one whose server is away waits for ever: others do not wait for that. */
export class Filesystems {
  readonly #options: FilesystemsOptions;
  /** Looks that have not come back: another one would hold a thread, too. */
  readonly #pending = new Set<string>();

  constructor(options: FilesystemsOptions) {
    this.#options = options;
  }

  /** Those that can be read now. Never rejects. */
  async read(): Promise<Filesystem[]> {
    const found = await Promise.all(this.#options.paths.map((path) => this.#read(path)));
    return found.filter((one) => one !== undefined);
  }

  async #read(path: string): Promise<Filesystem | undefined> {
    const { clock, onTrouble } = this.#options;
    if (!this.#pending.has(path)) {
      const done = new AbortController();
      const late = clock.sleep(PATIENCE_MS, done.signal).then(() => 'late' as const);
      const found = await Promise.race([this.#look(path), late]);
      done.abort();
      if (found !== 'late') return found;
    }
    onTrouble(path, 'It does not answer');
    return undefined;
  }

  async #look(path: string): Promise<Filesystem | undefined> {
    const { look = statfs, onTrouble } = this.#options;
    this.#pending.add(path);
    try {
      const { bsize, blocks, bfree, bavail } = await look(path);
      return {
        path,
        usedBytes: (blocks - bfree) * bsize,
        freeBytes: bavail * bsize,
        reservedBytes: (bfree - bavail) * bsize,
      };
    } catch (error) {
      onTrouble(path, messageOf(error));
      return undefined;
    } finally {
      this.#pending.delete(path);
    }
  }
}
