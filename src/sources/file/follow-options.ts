import type { Clock } from '../../core/clock.ts';
import type { AllowedRoots } from './allowed-roots.ts';
import type { LeftFile } from './file-legacy.ts';
import type { HandleLimits } from './open-handles.ts';
import type { OwnOutput } from './own-output.ts';
import type { Patterns } from './patterns.ts';
import type { RemovalOptions } from './space-limit.ts';
import type { StoredState } from './stream-entry.ts';
import type { TailContext } from './tailed-file.ts';

/** What the files of a source are followed with. */
export interface FollowedFilesOptions {
  readonly patterns: Patterns;
  readonly roots: AllowedRoots;
  readonly own: OwnOutput;
  readonly clock: Clock;
  /** Of files without a byte order mark, as `TextDecoder.encoding` names it. */
  readonly encoding: string;
  readonly tail: Omit<TailContext, 'onCut'>;
  /** How many files are followed at most. */
  readonly maxFiles: number;
  readonly limits: HandleLimits;
  readonly removal: RemovalOptions;
  /** What the last life left. */
  readonly restored: StoredState;
  /** Files that another source had open. */
  readonly left: readonly LeftFile[];
  /** Whether the files of the first look are read from their end. */
  readonly skipsExisting: boolean;
  /** Whether the file that has that name is left to others; left out: none is. */
  readonly isExcluded?: (path: string) => boolean;
  /** Called with a file that no checkpoint holds yet. `isKnownName`: one that had its name before leads to it. */
  readonly onNew: (isKnownName: boolean) => void;
  /** Called when a look would find something to do. */
  readonly onNews: () => void;
  /** Called when a folder must be listed anew. */
  readonly onStale: (folder: string) => void;
}
