import { constants } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileSystem, type OpenedFile, readFully } from '../checkpoint/file-system.ts';
import { baseOf, decodeHeader, HEADER_BYTES, type SegmentHeader } from './segment-format.ts';
import { SegmentReader } from './segment-reader.ts';

/** How many damaged segments are kept for whoever wants to look at them. */
const KEPT_DAMAGED = 3;
const DAMAGED = '.damaged';

/** A segment as a file. */
export interface Segment extends SegmentHeader {
  readonly path: string;
  /** How much of the file is good: all of it, but of the one that is written now only what was accepted. */
  fileBytes: number;
  isDamaged: boolean;
}

/** A file that has the name of a segment, and no header. */
export interface DamagedSegment {
  readonly path: string;
  readonly base: number;
  readonly fileBytes: number;
}

/** The segments that the last life left, oldest first, and what is none although it has the name of one. */
export interface FoundSegments {
  readonly segments: Segment[];
  readonly damaged: readonly DamagedSegment[];
}

/** The folder of a queue: finds, opens and removes segments. Never follows a link. */
export class SegmentFolder {
  readonly path: string;
  readonly #files: FileSystem;

  constructor(path: string, files: FileSystem) {
    this.path = path;
    this.#files = files;
  }

  /** Looks at every file that has the name of a segment. */
  async find(): Promise<FoundSegments> {
    const segments: Segment[] = [];
    const damaged: DamagedSegment[] = [];
    for (const name of (await readdir(this.path)).sort()) {
      const base = baseOf(name);
      if (base === undefined) continue;
      const path = join(this.path, name);
      const { header, fileBytes } = await this.#look(path);
      if (header?.base === base) segments.push({ ...header, path, fileBytes, isDamaged: false });
      else damaged.push({ path, base, fileBytes });
    }
    return { segments, damaged };
  }

  /** Opens a segment for reading. */
  async open({ path }: Segment): Promise<SegmentReader> {
    return new SegmentReader(await this.#open(path));
  }

  /** How many payload bytes can be read in a segment. O(its size). */
  async payloadBytes(segment: Segment): Promise<number> {
    const reader = await this.open(segment);
    let bytes = 0;
    for (;;) {
      const found = await reader.next(segment.fileBytes);
      if (found.kind !== 'entry') break;
      bytes += found.payload.length;
    }
    await reader.close();
    return bytes;
  }

  /** Removes a segment that nobody needs any more. */
  remove({ path }: { readonly path: string }): Promise<void> {
    return this.#files.unlink(path);
  }

  /** Gives a damaged segment another name, and removes those that have it for longest. */
  async setAside(path: string): Promise<void> {
    await this.#files.rename(path, `${path}${DAMAGED}`);
    const kept = (await readdir(this.path)).filter((name) => name.endsWith(DAMAGED)).sort();
    for (const name of kept.slice(0, -KEPT_DAMAGED)) await this.#files.unlink(join(this.path, name));
  }

  async #look(path: string) {
    let file: OpenedFile | undefined;
    try {
      file = await this.#open(path);
      const stat = await file.stat();
      if (!stat.isFile()) return { header: undefined, fileBytes: HEADER_BYTES };
      const bytes = Buffer.allocUnsafe(HEADER_BYTES);
      const length = await readFully(file, bytes, 0);
      return { header: decodeHeader(bytes.subarray(0, length)), fileBytes: stat.size };
    } catch {
      // A link, or a disk that cannot be read.
      return { header: undefined, fileBytes: HEADER_BYTES };
    } finally {
      await file?.close();
    }
  }

  #open(path: string): Promise<OpenedFile> {
    return this.#files.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  }
}
