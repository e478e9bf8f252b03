import type { Clock } from '../../core/clock.ts';
import type { AllowedRoots } from './allowed-roots.ts';
import { removeFile } from './remove-file.ts';
import type { SourceReport } from './source-report.ts';
import type { TailedFile } from './tailed-file.ts';

/** A checkpoint that holds the last answer is written within half a second; a delivered file is left alone for longer. */
const DURABLE_MS = 2_000;

/** What to do when the files take more than the limit. */
export const SPACE_POLICIES = ['warn', 'remove_delivered', 'drop_oldest'] as const;

/** How much the files of a source may take of their volume, and what is done about it. */
export interface SpaceOptions {
  /** In bytes. */
  readonly limit: number;
  readonly policy: (typeof SPACE_POLICIES)[number];
}

/** What the limit acts on. */
export interface SpaceContext {
  readonly roots: AllowedRoots;
  readonly clock: Clock;
  readonly report: SourceReport;
  /** Forgets a file that was delivered and is removed. */
  readonly forget: (file: TailedFile) => void;
  /** Closes and forgets a file that is removed, and counts what was unread in it. */
  readonly giveUp: (file: TailedFile) => void;
}

/**
 * Keeps a volume with a size limit from being filled by logs: a pod that exceeds the limit of an `emptyDir` is evicted.
 * Only files that were rotated away, by another name, are ever removed: the oldest first, delivered ones before others,
 * and only the inode that is meant.
 */
export class SpaceLimit {
  readonly #options: SpaceOptions;
  readonly #context: SpaceContext;
  /** Since when a file has been finished, as far as a look has seen. */
  readonly #finishedMs = new WeakMap<TailedFile, number>();
  #isExceeded = false;

  constructor(options: SpaceOptions, context: SpaceContext) {
    this.#options = options;
    this.#context = context;
  }

  /** Looks at what the files take, and acts. O(files). */
  keep(files: readonly TailedFile[]): void {
    const { limit, policy } = this.#options;
    const { report, giveUp, forget } = this.#context;
    let bytes = spaceOf(files);
    const isExceeded = bytes > limit;
    if (isExceeded && !this.#isExceeded) report.spaceExceeded(bytes, limit);
    this.#isExceeded = isExceeded;
    if (policy === 'warn') return;
    const rotated = files.filter((file) => file.path !== file.home && !file.isDeleted && !file.isBusy).sort(byAge);
    const delivered = rotated.filter((file) => this.#isDelivered(file));
    for (const file of delivered) {
      if (bytes <= limit) return;
      if (!this.#remove(file)) continue;
      bytes -= file.diskBytes;
      report.freed(file, file.diskBytes);
      forget(file);
    }
    if (policy !== 'drop_oldest') return;
    for (const file of rotated) {
      if (bytes <= limit) return;
      if (file.state.kind === 'closed' || !this.#remove(file)) continue;
      bytes -= file.diskBytes;
      giveUp(file);
    }
  }

  /** Whether it is read to its end, silent, answered, and the checkpoint knows. */
  #isDelivered(file: TailedFile): boolean {
    if (!file.isAsFinished() || !file.generation.isSettled) return false;
    const nowMs = this.#context.clock.nowMs();
    const sinceMs = this.#finishedMs.get(file) ?? nowMs;
    this.#finishedMs.set(file, sinceMs);
    return nowMs - sinceMs >= DURABLE_MS;
  }

  #remove({ path, key }: TailedFile): boolean {
    const { report, roots } = this.#context;
    try {
      const removal = removeFile(path, key, roots.of(path));
      if (removal === 'changed') report.refused(path, 'changed');
      return removal === 'removed';
    } catch (error) {
      report.trouble('A file cannot be removed.', path, error);
      return false;
    }
  }
}

/** What files take of their volume, as far as they were seen, in bytes. */
function spaceOf(files: readonly TailedFile[]): number {
  return files.reduce((sum, { diskBytes }) => sum + diskBytes, 0);
}

function byAge(a: TailedFile, b: TailedFile): number {
  return a.bornNs < b.bornNs ? -1 : a.bornNs > b.bornNs ? 1 : 0;
}
