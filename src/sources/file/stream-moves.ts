import type { FileIndex } from './file-index.ts';
import type { Generation } from './generation.ts';
import type { LostStreams } from './lost-streams.ts';
import type { SourceReport } from './source-report.ts';
import type { CutCause, TailedFile } from './tailed-file.ts';

/** How streams lose their files, and go on in others. */
export class StreamMoves {
  readonly #index: FileIndex;
  readonly #lost: LostStreams;
  readonly #report: SourceReport;
  readonly #onChange: () => void;

  /** `onChange` is called when the checkpoint is to hold something else. */
  constructor(index: FileIndex, lost: LostStreams, report: SourceReport, onChange: () => void) {
    this.#index = index;
    this.#lost = lost;
    this.#report = report;
    this.#onChange = onChange;
  }

  /** The bytes that were read of a file are no longer in it. */
  cut(file: TailedFile, generation: Generation, cause: CutCause): void {
    const { id, key, path, home, bornNs, account } = file;
    this.#report[cause]({ path, offset: generation.position, account });
    const { file: lost } = this.#lost.add({ id, key, path, home, bornNs, generation }, cause);
    lost.predecessor = file.predecessor;
    file.predecessor = lost;
  }

  /** The inode of the file is gone, and was not held open; who has taken it out of the index calls this. */
  lose(file: TailedFile): void {
    const { file: lost } = this.#lost.add(file, 'deleted');
    lost.predecessor = file.predecessor;
    this.#handOver(file, lost);
  }

  /** The file turned out to hold the bytes of a stream that has lost its own. */
  continue(file: TailedFile, generation: Generation, home: string): void {
    const elder = [...this.#lost].find((stream) => stream.file.generation === generation);
    if (elder !== undefined) this.replace(elder.file, file);
    if (home !== file.home) this.#index.leaveHome(file);
    file.continueAs(generation, home);
    if (file.path !== home) file.leave('renamed');
    this.#report.copied(file);
  }

  /** What waited for the stream waits for the copy. */
  replace(lost: TailedFile, copy: TailedFile): void {
    this.#lost.delete(lost);
    copy.predecessor = lost.predecessor;
    this.#handOver(lost, copy);
    this.#onChange();
  }

  /** Has what waited for the one wait for the other. */
  #handOver(from: TailedFile, to: TailedFile): void {
    for (const file of this.#index.values()) if (file.predecessor === from) file.predecessor = to;
  }
}
