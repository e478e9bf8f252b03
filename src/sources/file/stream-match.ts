import { basename } from 'node:path';
import { agrees, fingerprint, HEAD_BYTES } from '../../checkpoint/file-identity.ts';
import type { Generation } from './generation.ts';
import { readContent } from './read-content.ts';
import { isRotatedName } from './rotated-siblings.ts';
import type { StreamEntry } from './stream-entry.ts';
import type { Survey } from './survey.ts';
import type { TailedFile } from './tailed-file.ts';

/** A stream that a compressed file may hold. */
export interface Candidate {
  readonly entry: StreamEntry;
  /** The file that holds it uncompressed, where that is followed … */
  readonly file: TailedFile | undefined;
  /** … and the generation that the entry is of. */
  readonly generation: Generation | undefined;
}

/** A compressed file as the question speaks of it. */
interface Compressed {
  readonly key: string;
  readonly path: string;
}

/** Where the candidates are that a head does not rule out: what lies before these offsets decides. */
export function offsetsToCompare(candidates: readonly Candidate[], head: Buffer): readonly number[] {
  return candidates.filter(({ entry }) => agrees(entry.head, head)).map(({ entry }) => entry.offset);
}

/**
 * The stream that a compressed file holds, by its content; its inode is always another one. A full head and an equal
 * window prove it. Less than a head proves it where the names say the same and both hold nothing else. Rejects when a
 * file cannot be read.
 */
export async function findStream(
  compressed: Compressed,
  survey: Survey,
  candidates: readonly Candidate[],
): Promise<Candidate | undefined> {
  if (survey.size === 0) return undefined;
  for (const candidate of candidates) {
    const { file, generation } = candidate;
    // What a compressed file holds is read forward only, by its own reader. One that was truncated holds it no longer.
    const isSame =
      file?.handle !== undefined && file.archive === undefined && file.generation === generation
        ? await holdsAll(survey, file)
        : continues(survey, compressed, candidate);
    if (isSame) return candidate;
  }
  return undefined;
}

/** Whether the open file begins with all that was compressed. It may have grown since, or have lost its name. */
async function holdsAll(survey: Survey, { handle, state, home, path }: TailedFile): Promise<boolean> {
  if (handle === undefined) return false;
  const own = survey.contentAt(survey.size);
  const other = await readContent(handle, survey.size);
  if (own === undefined || other.size < survey.size) return false;
  const isEqual = own.window.length === other.window.length && agrees(fingerprint(own.window), other.window);
  if (!isEqual || !agrees(fingerprint(own.head), other.head)) return false;
  // Files that begin alike are frequent; one that was rotated and ends there too is the one.
  return survey.size >= HEAD_BYTES || (other.size === survey.size && (state.kind === 'leaving' || path !== home));
}

/** Whether the file holds what was read of a stream that has no open file. */
function continues(survey: Survey, { key, path }: Compressed, { entry, file }: Candidate): boolean {
  const { offset, head, window, size } = entry;
  // It was known as it was before it changed.
  const isOwn = key === entry.key && entry.archive !== undefined;
  const isNamed = isOwn || isNamedAfter(path, entry);
  const content = survey.contentAt(Math.min(offset, survey.size));
  if (content === undefined || !agrees(head, content.head)) return false;
  // Nothing is passed over then; but only a head that was read before tells that it is that stream.
  if (offset === 0) return isNamed && head.length === HEAD_BYTES;
  // Cut off, or compressed before it was whole: nothing is missing that was not delivered.
  if (offset > survey.size) return isNamed && head.length === HEAD_BYTES;
  if (content.window.length !== window.length || !agrees(window, content.window)) return false;
  if (offset >= HEAD_BYTES || isOwn) return true;
  // Short beginnings are equal often: only one that is all of both counts, and only if its file is gone or being removed.
  const isDeleted = file === undefined || file.state.kind === 'lost' || file.deletedMs !== undefined;
  const isGone = isDeleted || path === `${entry.path}.gz`;
  return isNamed && isGone && survey.size === size;
}

/** Whether the names say that the file was made of that stream. */
function isNamedAfter(path: string, entry: StreamEntry): boolean {
  return [entry.home, entry.path].some((name) => isRotatedName(basename(path), basename(name)));
}
