import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DecodedCheckpoint, decodeCheckpoint } from './checkpoint-format.ts';

const NAME = 'checkpoint';
const TEMPORARY_NAME = 'checkpoint.new';
/** How many unusable checkpoints are kept for whoever wants to look at them; `.1` is the newest. */
const KEPT_ASIDE = 3;

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * The checkpoint in a state folder. It is replaced as a whole: a crash or a power cut at any moment leaves the old one
 * or the new one. Links at its names are never followed: the folder may be writable for others.
 */
export class CheckpointFile {
  readonly path: string;
  readonly #folder: string;
  /** The open folder: what is renamed in it is durable once this is synced. */
  readonly #handle: FileHandle;

  constructor(folder: string, handle: FileHandle) {
    this.path = join(folder, NAME);
    this.#folder = folder;
    this.#handle = handle;
  }

  /** What the last life left, or undefined when it left nothing. Rejects when the file cannot be read. */
  async read(): Promise<DecodedCheckpoint | undefined> {
    let file: FileHandle;
    try {
      file = await open(this.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      if (codeOf(error) === 'ELOOP') return { kind: 'unusable', reason: 'it is a symbolic link' };
      throw error;
    }
    try {
      if (!(await file.stat()).isFile()) return { kind: 'unusable', reason: 'it is not a regular file' };
      return decodeCheckpoint(await file.readFile());
    } finally {
      await file.close();
    }
  }

  /** Replaces the checkpoint, durably. Rejects when that failed; the one before is then still valid. */
  async write(bytes: Uint8Array): Promise<void> {
    const temporary = join(this.#folder, TEMPORARY_NAME);
    // What a crash left, or a failed write: after a failed fsync nobody knows what is in it, so it is made anew.
    await rm(temporary, { force: true });
    const file = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.path);
    await this.#handle.sync();
  }

  /** Gives the checkpoint another name, under which a person can look at it, and returns its path. */
  async setAside(): Promise<string> {
    const asideName = (n: number): string => `${this.path}.unusable.${n}`;
    for (let n = KEPT_ASIDE - 1; n >= 1; n--) {
      await rename(asideName(n), asideName(n + 1)).catch((error: unknown) => {
        if (codeOf(error) !== 'ENOENT') throw error;
      });
    }
    await rename(this.path, asideName(1));
    return asideName(1);
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
