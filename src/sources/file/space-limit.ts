import type { Clock } from '../../core/clock.ts';
import type { AllowedRoots } from './allowed-roots.ts';
import { DeliveredFiles, isOnlyCopy, rotatedFiles } from './delivered-files.ts';
import { FreeSpace } from './free-space.ts';
import { removeFile } from './remove-file.ts';
import type { RemovalRule, SourceReport } from './source-report.ts';
import type { TailedFile } from './tailed-file.ts';

/** What to do when the files take more than the limit, or leave too little. */
export const SPACE_POLICIES = ['warn', 'remove_delivered', 'drop_oldest'] as const;

/** What a file takes of its disk is a number of blocks; of nearly every disk they have this size. */
const BLOCK_BYTES = 4096;

/** How much the files of a source may take of their volume, and what is done about it. */
export interface SpaceOptions {
  /** What all files may take, in bytes. */
  readonly limit: number;
  /** What must stay free on each file system, in bytes; undefined: nobody looks. */
  readonly min_free?: number | undefined;
  readonly policy: (typeof SPACE_POLICIES)[number];
}

/** Which files are removed, and when. */
export interface RemovalOptions {
  readonly space: SpaceOptions | undefined;
  /** After how long a rotated file is removed that is delivered, in milliseconds; undefined: it is left. */
  readonly removeAfterMs: number | undefined;
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
  readonly #options: RemovalOptions;
  readonly #context: SpaceContext;
  readonly #delivered: DeliveredFiles;
  readonly #free: FreeSpace | undefined;
  #exceeds = { size: false, free: false };

  constructor(options: RemovalOptions, context: SpaceContext) {
    this.#options = options;
    this.#context = context;
    this.#delivered = new DeliveredFiles(context.clock);
    if (options.space?.min_free !== undefined) this.#free = new FreeSpace(context.clock, context.report);
  }

  /** Looks at what the files take, and acts. O(files); nothing where nobody set a limit. */
  keep(all: Iterable<TailedFile>): void {
    const { space, removeAfterMs } = this.#options;
    if (space === undefined && removeAfterMs === undefined) return;
    const files = [...all];
    const policy = space?.policy ?? 'warn';
    const rotated = removeAfterMs === undefined && policy === 'warn' ? [] : rotatedFiles(files);
    if (removeAfterMs !== undefined) this.#removeDelivered(rotated, removeAfterMs);
    if (space !== undefined) this.#makeSpace(files, rotated, space);
  }

  #removeDelivered(rotated: readonly TailedFile[], afterMs: number): void {
    for (const file of rotated) {
      if (!this.#delivered.isDelivered(file, afterMs) || isOnlyCopy(file.account)) continue;
      if (this.#remove(file, 'remove_after')) this.#context.forget(file);
    }
  }

  #makeSpace(files: readonly TailedFile[], rotated: readonly TailedFile[], space: SpaceOptions): void {
    const { forget, giveUp } = this.#context;
    const excess = this.#excessOf(files, space);
    if (space.policy === 'warn') return;
    for (const file of rotated.filter((file) => this.#delivered.isDelivered(file))) {
      if (!excess.concerns(file) || !this.#remove(file, 'remove_delivered')) continue;
      excess.removed(file);
      forget(file);
    }
    if (space.policy !== 'drop_oldest') return;
    for (const file of rotated) {
      if (file.state.kind === 'closed' || !excess.concerns(file) || !this.#remove(file, 'drop_oldest')) continue;
      excess.removed(file);
      giveUp(file);
    }
  }

  /** How much there is too much, which is said once until it changes. */
  #excessOf(files: readonly TailedFile[], { limit, min_free: minFree = 0 }: SpaceOptions): Excess {
    const { report } = this.#context;
    const bytes = files.reduce((sum, { diskBytes }) => sum + diskBytes, 0);
    if (bytes > limit && !this.#exceeds.size) report.spaceExceeded('size', bytes, limit);
    this.#exceeds.size = bytes > limit;
    const measured = this.#free?.take(files) ?? new Map<string, number>();
    if (measured.size > 0) {
      const leastBytes = Math.min(...measured.values());
      if (leastBytes < minFree && !this.#exceeds.free) report.spaceExceeded('free', leastBytes, minFree);
      this.#exceeds.free = leastBytes < minFree;
    }
    return new Excess(bytes - limit, new Map(Array.from(measured, ([device, free]) => [device, minFree - free])));
  }

  /** Whether the file is no more; one that has another name is known by that from the next look on. */
  #remove({ path, key, account, diskBytes, offset }: TailedFile, rule: RemovalRule): boolean {
    const { report, roots } = this.#context;
    try {
      const removal = removeFile(path, key, roots.of(path));
      if (removal === 'changed') report.refused(path, 'changed');
      if (removal === 'removed' || removal === 'linked') {
        report.removed({ path, account, offset }, rule, removal === 'linked' ? 0 : diskBytes);
      }
      return removal === 'removed';
    } catch (error) {
      report.trouble('A file cannot be removed.', path, error);
      return false;
    }
  }
}

/** How much less the files should take: of them all, and on each device. */
class Excess {
  #bytes: number;
  readonly #byDevice: Map<string, number>;

  constructor(bytes: number, byDevice: Map<string, number>) {
    this.#bytes = bytes;
    this.#byDevice = byDevice;
  }

  /** Whether the removal of that file would help. */
  concerns({ device }: TailedFile): boolean {
    return this.#bytes > 0 || (this.#byDevice.get(device) ?? 0) > 0;
  }

  removed({ device, diskBytes }: TailedFile): void {
    this.#bytes -= diskBytes;
    const blockBytes = Math.ceil(diskBytes / BLOCK_BYTES) * BLOCK_BYTES;
    this.#byDevice.set(device, (this.#byDevice.get(device) ?? 0) - blockBytes);
  }
}
