import type { Dirent } from 'node:fs';
import { opendir, readdir } from 'node:fs/promises';
import { fsPath, pathOf } from './raw-path.ts';

/** The names of a larger folder, by the size of the folder itself, are not all taken into memory at once. In bytes. */
const LARGE_FOLDER_BYTES = 256 * 1024;
const CHUNK_NAMES = 1024;

/** A name in a folder, and what it is a name of. */
export interface FolderName {
  readonly name: string;
  readonly kind: 'file' | 'link' | 'folder' | 'other';
}

/** What a folder holds, as far as it is wanted. */
export interface FolderNames {
  /** In the order of the folder as long as none had to be left out. */
  readonly files: readonly FolderName[];
  readonly folders: readonly string[];
  /** How many files that were wanted were left out. */
  readonly leftOut: number;
  /** How many names there are in all. */
  readonly count: number;
}

/** Which names are wanted. */
export interface FolderNamesOptions {
  readonly isWanted: (name: string) => boolean;
  /** Whether the name must not be left out. */
  readonly isKept: (name: string) => boolean;
  /** How many files and how many folders there is room for. */
  readonly limit: number;
  /** The size of the folder itself, in bytes. */
  readonly folderBytes: number;
}

/**
 * The names in a folder. Where there are more files than room, those that must be kept are, and of the others a choice
 * made by chance, another one each time: nobody can keep a file out by names that come before it. Rejects when the folder
 * cannot be listed. O(names) in time, O(limit) in memory.
 */
export async function readFolder(path: string, options: FolderNamesOptions): Promise<FolderNames> {
  const { isWanted, isKept, limit, folderBytes } = options;
  const kept: FolderName[] = [];
  const others: FolderName[] = [];
  const folders: string[] = [];
  let otherCount = 0;
  let count = 0;
  for await (const chunk of chunksOf(path, folderBytes)) {
    count += chunk.length;
    for (const entry of chunk) {
      const name = pathOf(entry.name);
      const kind = kindOf(entry);
      if (kind === 'folder' && folders.length < limit) folders.push(name);
      if (!isWanted(name)) continue;
      if (isKept(name)) {
        kept.push({ name, kind });
        continue;
      }
      // Reservoir sampling: each of the names so far has the same chance to be among those that are held.
      const index = otherCount < limit ? otherCount : Math.floor(Math.random() * (otherCount + 1));
      if (index < limit) others[index] = { name, kind };
      otherCount++;
    }
  }
  const room = Math.max(0, limit - kept.length);
  return { files: [...kept, ...others.slice(0, room)], folders, leftOut: Math.max(0, otherCount - room), count };
}

async function* chunksOf(path: string, folderBytes: number): AsyncIterableIterator<readonly Dirent<Buffer>[]> {
  // Buffers are paths as well to the system, whatever the types say of `opendir`.
  const folder = fsPath(path) as string;
  if (folderBytes < LARGE_FOLDER_BYTES) {
    yield await readdir(folder, { withFileTypes: true, encoding: 'buffer' });
    return;
  }
  let chunk: Dirent<Buffer>[] = [];
  const handle = await opendir(folder, { encoding: 'buffer' as BufferEncoding, bufferSize: CHUNK_NAMES });
  for await (const entry of handle as AsyncIterable<unknown>) {
    chunk.push(entry as Dirent<Buffer>);
    if (chunk.length < CHUNK_NAMES) continue;
    yield chunk;
    chunk = [];
  }
  yield chunk;
}

function kindOf(entry: Dirent<Buffer>): FolderName['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}
