import { constants } from 'node:fs';
import { mkdir, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** An open file or folder, with the calls that durable writing is made of. A `FileHandle` is one. */
export interface OpenedFile {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  /** May write less than it was given, as write(2) does. */
  write(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  stat(): Promise<{ readonly size: number; isFile(): boolean }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The system calls that change what is on disk, each a method: a test lets any one of them fail, or be the last thing
 * that a process does.
 */
export interface FileSystem {
  open(path: string, flags: number, mode?: number): Promise<OpenedFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

/** The file system of the machine. */
export const systemFiles: FileSystem = { open, rename, unlink };

/** Makes a file anew, never through a link. Whatever has the name, left by a crash or planted there, is removed. */
export async function createFile(files: FileSystem, path: string): Promise<OpenedFile> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const create = (): Promise<OpenedFile> => files.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    return await create();
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    await files.unlink(path);
    return create();
  }
}

/** Makes a folder where it is missing, and durable where that goes: its name is in the folder above it, and so on. */
export async function makeFolder(files: FileSystem, path: string): Promise<void> {
  for (const made of await makeMissing(path)) {
    // One that this user may not read cannot be synced. A power cut may take the new folder then: a first start again.
    await syncFolder(files, dirname(made)).catch(() => undefined);
  }
}

/**
 * Makes a folder and those above it that are missing; resolves with what it made. The recursive `mkdir()` of Node tries
 * for ever where nothing can be made in a folder that is there, as in `/proc` or below an automounter.
 */
async function makeMissing(path: string): Promise<readonly string[]> {
  const make = async (): Promise<readonly string[]> => {
    await mkdir(path, { mode: 0o700 });
    return [resolve(path)];
  };
  try {
    return await make();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') {
      const stats = await stat(path).catch(() => undefined);
      if (stats?.isDirectory()) return [];
      throw error;
    }
    if (dirname(path) === path) throw error;
    const above = await makeMissing(dirname(path));
    return [...(await make()), ...above];
  }
}

/** Writes all of `bytes` at `position`. Rejects when the disk takes no more; what is in the file there is then unknown. */
export async function writeAll(file: OpenedFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
  }
}

/** Fills `buffer` from `position` on; resolves with how many bytes there were before the end of the file. */
export async function readFully(file: OpenedFile, buffer: Uint8Array, position: number): Promise<number> {
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, position + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}

/** Makes what was created, renamed and removed in a folder durable: fsync of a file says nothing about its name. */
export async function syncFolder(files: FileSystem, path: string): Promise<void> {
  const folder = await files.open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The code of an error of the system, such as `ENOENT`; undefined: it is none. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
