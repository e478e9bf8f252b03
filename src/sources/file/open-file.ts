import {
  type BigIntStats,
  close,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  open,
  openSync,
  read,
  readlinkSync,
  readSync,
} from 'node:fs';
import { realpath } from 'node:fs/promises';
import { constants as osConstants } from 'node:os';
import { promisify } from 'node:util';
import { isBelow } from './allowed-roots.ts';
import { fsPath, pathOf } from './raw-path.ts';
import { versionOf } from './sighting.ts';
import type { FileStat, StreamContent } from './stream-content.ts';

const openDescriptor = promisify(open);

const { O_RDONLY, O_NONBLOCK } = constants;
const { EBADF } = osConstants.errno;

/** Linux: a handle on what a path leads to, without opening it: no driver is called, nobody is waited for. */
export const O_PATH = 0o10000000;
/** Where the system tells what a handle is; without it (macOS) the name is asked, which leaves a gap. */
const HANDLES = '/proc/self/fd';
const HAS_HANDLES = existsSync(HANDLES);

/** Why a file is not read; words of the ledger. */
export type RefusalReason =
  | 'not_regular'
  | 'symlink_outside'
  | 'unreadable'
  | 'too_many_files'
  | 'own_output'
  | 'excluded'
  | 'changed'
  | 'compression';

/** What came of opening a path. */
export type OpenResult =
  /** `realPath`: its path without links. */
  | { readonly kind: 'opened'; readonly file: OpenFile; readonly stats: BigIntStats; readonly realPath: string }
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
export class OpenFile implements StreamContent {
  readonly #descriptor: number;
  /** How many reads are under way: the system may give the number of a closed descriptor to another file at once. */
  #reads = 0;
  #isClosed = false;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Throws where the file system has lost the file. */
  stat(): FileStat {
    return fstatSync(this.#descriptor);
  }

  /** See `versionOf()`. Throws like `stat()`. */
  version(): string {
    return versionOf(fstatSync(this.#descriptor, { bigint: true }));
  }

  versionAt(size: number): string {
    const version = this.version();
    return version.startsWith(`${size}:`) ? version : '';
  }

  /** Reads up to `length` bytes at `position` of the file into `buffer`, from `at` on; resolves with how many. */
  read(buffer: Buffer, at: number, length: number, position: number): Promise<number> {
    if (this.#isClosed) return Promise.reject(closedError());
    this.#reads++;
    return new Promise((resolve, reject) => {
      read(this.#descriptor, buffer, at, length, position, (error, count) => {
        this.#reads--;
        this.#release();
        if (error === null) resolve(count);
        else reject(error);
      });
    });
  }

  peek(position: number): number | undefined {
    const byte = Buffer.allocUnsafe(1);
    return readSync(this.#descriptor, byte, 0, 1, position) === 1 ? byte[0] : undefined;
  }

  duplicate(): OpenFile | undefined {
    if (!HAS_HANDLES) return undefined;
    try {
      return new OpenFile(openSync(`${HANDLES}/${this.#descriptor}`, O_RDONLY | O_NONBLOCK));
    } catch {
      return undefined;
    }
  }

  /** Gives the handle back, as soon as no read uses it. Once only. */
  close(): void {
    this.#isClosed = true;
    this.#release();
  }

  #release(): void {
    if (this.#isClosed && this.#reads === 0) close(this.#descriptor, () => undefined);
  }
}

function closedError(): Error {
  return Object.assign(new Error('Cannot read file: it was closed'), { code: 'EBADF', errno: -EBADF });
}

/**
 * Opens a file that others can change at any time, also into something else; follows links, and takes only a regular
 * file below one of `roots`, which are real paths. It gets hold of what the path leads to first, without opening it;
 * checks that; and opens what it has checked. So there is nothing to gain by changing a name in between, a FIFO never
 * blocks it, and no device is touched.
 */
export async function openRegular(path: string, roots: readonly string[]): Promise<OpenResult> {
  let anchor: number;
  try {
    anchor = await openDescriptor(fsPath(path), HAS_HANDLES ? O_PATH : O_RDONLY | O_NONBLOCK);
  } catch (error) {
    return failedOpen(error);
  }
  let stats: BigIntStats | undefined;
  let file: OpenFile | undefined;
  try {
    stats = fstatSync(anchor, { bigint: true });
    if (!stats.isFile()) return { kind: 'refused', reason: 'not_regular' };
    const realPath = HAS_HANDLES
      ? pathOf(readlinkSync(`${HANDLES}/${anchor}`, { encoding: 'buffer' }))
      : await realpath(path);
    if (!roots.some((root) => isBelow(realPath, root))) return outside(realPath);
    file = new OpenFile(HAS_HANDLES ? await openDescriptor(`${HANDLES}/${anchor}`, O_RDONLY | O_NONBLOCK) : anchor);
    return { kind: 'opened', file, stats, realPath };
  } catch (error) {
    return failedOpen(error, stats);
  } finally {
    if (HAS_HANDLES || file === undefined) closeSync(anchor);
  }
}

function outside(realPath: string): OpenResult {
  const place = JSON.stringify(realPath);
  const error = new Error(
    `Cannot follow link: it leads to ${place}; if that is meant, name its folder in allowed_roots`,
  );
  return { kind: 'refused', reason: 'symlink_outside', error };
}

function failedOpen(error: unknown, stats?: BigIntStats): OpenResult {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ESTALE':
      return { kind: 'gone' };
    case 'EMFILE':
    case 'ENFILE':
      return { kind: 'no_handle', error };
    // Links that lead in a circle.
    case 'ELOOP':
      return { kind: 'refused', reason: 'not_regular' };
    default:
      return { kind: 'refused', reason: 'unreadable', error: stats === undefined ? error : notAllowed(error, stats) };
  }
}

/** Says whose the file is, who asks, and what helps. */
function notAllowed(cause: unknown, { uid, gid, mode }: BigIntStats): Error {
  const rights = (mode & 0o7777n).toString(8).padStart(4, '0');
  const agent = `uid ${process.geteuid?.()} and gid ${process.getegid?.()}`;
  return new Error(
    `Cannot read file: it belongs to uid ${uid} and gid ${gid} with mode ${rights}, and the agent runs with ${agent}; give both containers the same runAsUser, or let the application make its files readable for their group and share that by supplementalGroups`,
    { cause },
  );
}
