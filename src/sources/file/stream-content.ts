/** What a file is like now. */
export interface FileStat {
  /** How long its content is, in bytes. */
  readonly size: number;
  /** How many names it has. */
  readonly nlink: number;
  /** When it changed last, in milliseconds since 1970. */
  readonly mtimeMs: number;
}

/**
 * What a stream holds, open for reading: a file as it is, what a compressed file holds, or what was kept of a file that
 * is gone. Positions and sizes are in bytes of the content.
 */
export interface StreamContent {
  /** Throws where the file system has lost the file. */
  stat(): FileStat;
  /** What the file is like (see `versionOf()`) while its content is `size` bytes long; '' once it is not. Throws like `stat()`. */
  versionAt(size: number): string;
  /** Reads up to `length` bytes at `position` into `buffer`, from `at` on; resolves with how many: fewer at the end only. */
  read(buffer: Buffer, at: number, length: number, position: number): Promise<number>;
  /** The byte at `position`, at once; undefined where it is not at hand. For what was read lately: it does not wait. */
  peek(position: number): number | undefined;
  /** The same with a handle of its own; undefined: there is none to be had. */
  duplicate(): StreamContent | undefined;
  close(): void;
}
