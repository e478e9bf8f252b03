import type { TailedFile } from './tailed-file.ts';

/** The followed files: by inode, by the path that they had at the last look, and by the name that they were found under. */
export class FileIndex {
  readonly #byKey = new Map<string, TailedFile>();
  #byPath = new Map<string, TailedFile>();
  /** The youngest file that was found under a name: what takes the name next is its successor. */
  readonly #youngestAt = new Map<string, TailedFile>();

  values(): IterableIterator<TailedFile> {
    return this.#byKey.values();
  }

  forEach(visit: (file: TailedFile) => void): void {
    this.#byKey.forEach((file) => {
      visit(file);
    });
  }

  get size(): number {
    return this.#byKey.size;
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** Whether the file itself is there, not another one with its inode. */
  holds(file: TailedFile): boolean {
    return this.#byKey.get(file.key) === file;
  }

  /** The file that had that path at the last look. */
  at(path: string): TailedFile | undefined {
    return this.#byPath.get(path);
  }

  /** The youngest file that was found under the name `home`. */
  youngestOf(home: string): TailedFile | undefined {
    return this.#youngestAt.get(home);
  }

  add(file: TailedFile): void {
    this.#byKey.set(file.key, file);
    this.#byPath.set(file.path, file);
  }

  /** Takes the file for the successor of the youngest one of its name, if it is younger. Returns that one. */
  succeed(file: TailedFile): TailedFile | undefined {
    const elder = this.#youngestAt.get(file.home);
    // A compressed file is older than any other of its name, whenever it was made.
    if (file.archive !== undefined || (elder !== undefined && elder.bornNs > file.bornNs)) return elder;
    file.predecessor = elder;
    this.#youngestAt.set(file.home, file);
    return elder;
  }

  delete(file: TailedFile): void {
    this.#byKey.delete(file.key);
    this.leaveHome(file);
  }

  /** The file is not the youngest of its name any more. */
  leaveHome(file: TailedFile): void {
    if (this.#youngestAt.get(file.home) === file) this.#youngestAt.delete(file.home);
  }

  /** Takes note of the paths that the files have now. */
  indexPaths(): void {
    this.#byPath = new Map(Array.from(this.#byKey.values(), (file) => [file.path, file]));
  }
}
