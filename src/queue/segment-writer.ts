import { join } from 'node:path';
import { createFile, type FileSystem, type OpenedFile, syncFolder, writeAll } from '../checkpoint/file-system.ts';
import { encodeHeader, HEADER_BYTES, type SegmentHeader, segmentName } from './segment-format.ts';

/** Adds entries to one segment. */
export class SegmentWriter {
  readonly path: string;
  /** How long the file is, as far as it is good. What a failed write left behind that is overwritten by the next. */
  fileBytes = HEADER_BYTES;
  readonly #file: OpenedFile;

  private constructor(path: string, file: OpenedFile) {
    this.path = path;
    this.#file = file;
  }

  /** Makes the file, durably. Rejects when that fails; then there is none. */
  static async create(files: FileSystem, folder: string, header: SegmentHeader): Promise<SegmentWriter> {
    const path = join(folder, segmentName(header.base));
    const file = await createFile(files, path);
    try {
      await writeAll(file, encodeHeader(header), 0);
      await syncFolder(files, folder);
      return new SegmentWriter(path, file);
    } catch (error) {
      await file.close().catch(() => undefined);
      await files.unlink(path).catch(() => undefined);
      throw error;
    }
  }

  /** Writes an entry; from then on it survives the process. Rejects when that fails; it may be written again. */
  async append(entry: Uint8Array): Promise<void> {
    await writeAll(this.#file, entry, this.fileBytes);
    this.fileBytes += entry.length;
  }

  /** Makes what was written survive the machine. */
  sync(): Promise<void> {
    return this.#file.sync();
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
