import { constants } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../core/errors.ts';
import { type DecodedCheckpoint, decodeCheckpoint } from './checkpoint-format.ts';
import {
  codeOf,
  createFile,
  type FileSystem,
  type OpenedFile,
  readFully,
  syncFolder,
  writeAll,
} from './file-system.ts';

const NAME = 'checkpoint';
const TEMPORARY_NAME = 'checkpoint.new';
/** How many unusable checkpoints are kept for whoever wants to look at them; `.1` is the newest. */
const KEPT_ASIDE = 3;
/** What no agent writes: 10,000 files take 3 MB. Somebody who plants more than that must not fill the memory. */
const MAX_BYTES = 64 * 1024 * 1024;

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** What says that nothing can be written here until a person changes it; a full disk is none of them. */
const FORBIDDEN = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR']);

/**
 * The checkpoint in a state folder. It is replaced as a whole: a crash or a power cut at any moment leaves the old one
 * or the new one. Links at its names are never followed: the folder may be writable for others.
 */
export class CheckpointFile {
  readonly path: string;
  readonly #folder: string;
  readonly #temporary: string;
  readonly #files: FileSystem;

  constructor(folder: string, files: FileSystem) {
    this.path = join(folder, NAME);
    this.#folder = folder;
    this.#temporary = join(folder, TEMPORARY_NAME);
    this.#files = files;
  }

  /**
   * Removes what a crash has left. Resolves with whether it was a link, which no crash leaves. Rejects when this user
   * may not make files here.
   */
  async prepare(): Promise<boolean> {
    const isLink = await this.#isLink(this.#temporary);
    try {
      await (await createFile(this.#files, this.#temporary)).close();
      await this.#files.unlink(this.#temporary);
    } catch (error) {
      if (FORBIDDEN.has(codeOf(error) ?? '')) throw error;
    }
    return isLink;
  }

  /** What the last life left, or undefined when it left nothing. Rejects when this user may not read it. */
  async read(): Promise<DecodedCheckpoint | undefined> {
    let file: OpenedFile | undefined;
    try {
      file = await this.#files.open(this.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      const stat = await file.stat();
      if (!stat.isFile()) return { kind: 'unusable', reason: 'it is not a regular file' };
      if (stat.size > MAX_BYTES) return { kind: 'unusable', reason: `it is longer than ${MAX_BYTES} bytes` };
      const bytes = Buffer.allocUnsafe(stat.size);
      return decodeCheckpoint(bytes.subarray(0, await readFully(file, bytes, 0)));
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOENT') return undefined;
      if (code === 'EACCES' || code === 'EPERM') throw error;
      return { kind: 'unusable', reason: code === 'ELOOP' ? 'it is a symbolic link' : messageOf(error) };
    } finally {
      await file?.close();
    }
  }

  /** Replaces the checkpoint, durably. Rejects when that failed; the one before is then still valid, or this one. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      const file = await createFile(this.#files, this.#temporary);
      try {
        await writeAll(file, bytes, 0);
        await file.sync();
      } finally {
        await file.close();
      }
      await this.#files.rename(this.#temporary, this.path);
    } catch (error) {
      // After a failed fsync nobody knows what is in it; and where the disk is full, it is in the way.
      await this.#files.unlink(this.#temporary).catch(() => undefined);
      throw error;
    }
    await syncFolder(this.#files, this.#folder);
  }

  /**
   * Gives the checkpoint another name, under which a person can look at it. Resolves with that; undefined: it could not
   * be moved, and the next write takes its place.
   */
  async setAside(): Promise<string | undefined> {
    const asideName = (n: number): string => `${this.path}.unusable.${n}`;
    try {
      for (let n = KEPT_ASIDE - 1; n >= 1; n--) {
        await this.#files.rename(asideName(n), asideName(n + 1)).catch((error: unknown) => {
          if (codeOf(error) !== 'ENOENT') throw error;
        });
      }
      await this.#files.rename(this.path, asideName(1));
      return asideName(1);
    } catch {
      return undefined;
    }
  }

  async #isLink(path: string): Promise<boolean> {
    try {
      await (await this.#files.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)).close();
      return false;
    } catch (error) {
      return codeOf(error) === 'ELOOP';
    }
  }
}
