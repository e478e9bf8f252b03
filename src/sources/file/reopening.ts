import { judge } from '../../checkpoint/file-identity.ts';
import type { Admission } from './admission.ts';
import type { OpenHandles } from './open-handles.ts';
import { readContent } from './read-content.ts';
import { isBornOtherwise, isBornThen, keyOf } from './sighting.ts';
import type { SourceReport } from './source-report.ts';
import type { TailedFile } from './tailed-file.ts';

/** What came of opening a file again; `later`: there was no handle to be had. */
export type OpenedAgain = 'open' | 'not' | 'later';

/** What is asked and told when a file is opened again. */
export interface ReopeningContext {
  readonly admission: Pick<Admission, 'openAt'>;
  readonly handles: OpenHandles;
  readonly report: SourceReport;
  /** Whether the file is followed, and handles are still taken. */
  readonly isWanted: (file: TailedFile) => boolean;
  /** Called when another file has its inode. */
  readonly onReplaced: (file: TailedFile) => void;
}

/** Opens followed files that have no handle, if they are still what they were. */
export class Reopening {
  readonly #context: ReopeningContext;

  constructor(context: ReopeningContext) {
    this.#context = context;
  }

  /** Opens the file under that path. */
  async open(file: TailedFile, path: string): Promise<OpenedAgain> {
    const { admission, handles, report, isWanted, onReplaced } = this.#context;
    const opened = await admission.openAt(path);
    if (opened.kind !== 'opened') return opened.kind === 'no_handle' ? 'later' : 'not';
    // In the meantime it may have been given up.
    if (keyOf(opened.stats) === file.key && isWanted(file)) {
      try {
        const entry = file.toEntry();
        const { stats } = opened;
        const content = await readContent(opened.file, entry.offset);
        // Of the very file the next turn finds out what it holds.
        const isSame = isBornThen(stats, entry.bornNs) || judge(entry, content) !== 'other';
        if (isSame && !isBornOtherwise(stats, entry.bornNs)) {
          file.reopen(opened.file);
          handles.use(file);
          return 'open';
        }
        // The inode was given to another file, which is admitted as such.
        onReplaced(file);
      } catch (error) {
        report.trouble('A file cannot be read.', path, error);
      }
    }
    opened.file.close();
    return 'not';
  }
}
