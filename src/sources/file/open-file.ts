import { type BigIntStats, close, constants, fstat, fstatSync, open, read } from 'node:fs';
import { readlink, realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { promisify } from 'node:util';
import { versionOf } from './sighting.ts';

const openDescriptor = promisify(open);
const statDescriptor = promisify<number, { bigint: true }, BigIntStats>(fstat);

const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;

/** Why a file is not read; words of the ledger. */
export type RefusalReason = 'not_regular' | 'symlink_outside' | 'unreadable';

/** What came of opening a path. */
export type OpenResult =
  | { readonly kind: 'opened'; readonly file: OpenFile; readonly stats: BigIntStats }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly error?: unknown }
  /** The name is not there, or no longer. */
  | { readonly kind: 'gone' }
  /** The process or the system has no handle to give: later. */
  | { readonly kind: 'no_handle'; readonly error: unknown };

/**
 * A regular file, open for reading. The descriptor is used as a number: a poll looks at every open file, and a
 * synchronous `fstat` of one costs 0.6 µs where an asynchronous one costs 4. It does not wait for a disk: the inode of
 * an open file is in memory. Reads may wait, so they are asynchronous.
 */
export class OpenFile {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Size in bytes, and the number of names it has. Throws where the file system has lost the file. */
  stat(): { readonly size: number; readonly nlink: number } {
    return fstatSync(this.#descriptor);
  }

  /** See `versionOf()`. Throws like `stat()`. */
  version(): string {
    return versionOf(fstatSync(this.#descriptor, { bigint: true }));
  }

  /** Reads up to `length` bytes at `position` of the file into `buffer`, from `at` on; resolves with how many. */
  read(buffer: Buffer, at: number, length: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      read(this.#descriptor, buffer, at, length, position, (error, count) => {
        if (error === null) resolve(count);
        else reject(error);
      });
    });
  }

  close(): void {
    close(this.#descriptor, () => undefined);
  }
}

/**
 * Opens a file that others can change at any time, also into something else: never waits for the other end of a FIFO,
 * never follows a link, and takes only a regular file below `root`, a real path. What was opened is checked, not its
 * name.
 */
export async function openRegular(path: string, root: string): Promise<OpenResult> {
  let descriptor: number;
  try {
    descriptor = await openDescriptor(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  } catch (error) {
    return failedOpen(error);
  }
  const file = new OpenFile(descriptor);
  try {
    const stats = await statDescriptor(descriptor, { bigint: true });
    const refusal = !stats.isFile()
      ? 'not_regular'
      : !(await liesBelow(descriptor, path, root))
        ? 'symlink_outside'
        : '';
    if (refusal === '') return { kind: 'opened', file, stats };
    file.close();
    return { kind: 'refused', reason: refusal };
  } catch (error) {
    file.close();
    return failedOpen(error);
  }
}

function failedOpen(error: unknown): OpenResult {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ESTALE':
      return { kind: 'gone' };
    case 'EMFILE':
    case 'ENFILE':
      return { kind: 'no_handle', error };
    // A link (with O_NOFOLLOW); a socket, or a device without a driver.
    case 'ELOOP':
    case 'EMLINK':
    case 'ENXIO':
    case 'ENODEV':
      return { kind: 'refused', reason: 'not_regular' };
    default:
      return { kind: 'refused', reason: 'unreadable', error };
  }
}

/** Whether the open file lies below `root`: a folder on the way to it may have become a link to elsewhere. */
async function liesBelow(descriptor: number, path: string, root: string): Promise<boolean> {
  const opened = await readlink(`/proc/self/fd/${descriptor}`).catch(() => realpath(path));
  return opened.startsWith(root.endsWith(sep) ? root : root + sep);
}
