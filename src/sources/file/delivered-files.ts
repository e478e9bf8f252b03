import type { Clock } from '../../core/clock.ts';
import { sumOf } from '../../ledger/reasons.ts';
import type { StreamAccount } from '../../ledger/stream-account.ts';
import type { TailedFile } from './tailed-file.ts';

/** A checkpoint that holds the last answer is written within half a second; a delivered file is left alone for longer. */
const DURABLE_MS = 2_000;

/** Knows of rotated files for how long they have been delivered: read to their end, silent, answered, and unchanged. */
export class DeliveredFiles {
  readonly #clock: Clock;
  /** Since when, as far as a look has seen. */
  readonly #sinceMs = new WeakMap<TailedFile, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether it has been delivered for `ms` milliseconds, and for so long that the checkpoint knows. */
  isDelivered(file: TailedFile, ms = 0): boolean {
    if (!file.isAsFinished() || !file.generation.isSettled) {
      this.#sinceMs.delete(file);
      return false;
    }
    const nowMs = this.#clock.nowMs();
    const sinceMs = this.#sinceMs.get(file) ?? nowMs;
    this.#sinceMs.set(file, sinceMs);
    return nowMs - sinceMs >= Math.max(ms, DURABLE_MS);
  }
}

/** Files that were rotated away and have a name, which is not their first one: the only ones that are ever removed. */
export function rotatedFiles(files: readonly TailedFile[]): TailedFile[] {
  return files.filter((file) => file.path !== file.home && !file.isDeleted && !file.isBusy).sort(byAge);
}

/**
 * Whether the file may be the last place that holds something: a record that a peer has refused, a line that was cut, a
 * part that was damaged or passed over because of its age.
 */
export function isOnlyCopy({ settled, gone }: StreamAccount): boolean {
  const { start_at_end = 0, too_old = 0, oversize_rest = 0 } = settled.skipped;
  const rejected = Object.values(settled.routes).reduce((sum, route) => sum + sumOf(route.rejected), 0);
  return rejected + start_at_end + too_old + oversize_rest + (gone['corrupt'] ?? 0) > 0;
}

function byAge(a: TailedFile, b: TailedFile): number {
  return a.bornNs < b.bornNs ? -1 : a.bornNs > b.bornNs ? 1 : 0;
}
