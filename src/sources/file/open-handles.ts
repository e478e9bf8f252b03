import type { GoneReason } from '../../ledger/reasons.ts';
import type { TailedFile } from './tailed-file.ts';

/** Of the handles that can be had back this part is given up when the system has none left. */
const YIELD_PART = 4;

/** How many handles a source may hold, and how much it may keep on the disk that others have deleted. */
export interface HandleLimits {
  readonly maxOpenFiles: number;
  /** In bytes. */
  readonly maxDeletedBytes: number;
}

/**
 * The open files of a source, the one that was read longest ago first.
 *
 * A file that still has its name gives its handle back when another one needs it: it is opened again for its next turn,
 * and nothing of it is read twice. A file that was deleted lives by its handle alone, so it is the last to go, and what
 * goes with it is counted.
 */
export class OpenHandles {
  readonly #limits: HandleLimits;
  readonly #giveUp: (file: TailedFile, reason: GoneReason) => void;
  readonly #open = new Set<TailedFile>();

  /** `giveUp`: closes and forgets a file for good, whatever is unread in it. */
  constructor(limits: HandleLimits, giveUp: (file: TailedFile, reason: GoneReason) => void) {
    this.#limits = limits;
    this.#giveUp = giveUp;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Files without a name, the one that lost it first first. */
  deleted(): TailedFile[] {
    return Array.from(this.#open)
      .filter(({ isDeleted }) => isDeleted)
      .sort(byDeletion);
  }

  /** The file was opened, or is read now. */
  use(file: TailedFile): void {
    this.#open.delete(file);
    if (file.handle !== undefined) this.#open.add(file);
  }

  /** The file was closed. */
  drop(file: TailedFile): void {
    this.#open.delete(file);
  }

  /**
   * Makes room for one more handle. Where no file can do without its own, the one that lost its name first is given up,
   * or, when `mayGiveUp` is false, the limit exceeded: a turn takes a handle for a moment only.
   */
  makeRoom(mayGiveUp: boolean): void {
    while (this.#open.size >= this.#limits.maxOpenFiles) {
      if (this.#park(1) > 0) continue;
      const victim = mayGiveUp ? this.#leastMissed() : undefined;
      if (victim === undefined) return;
      this.#giveUp(victim, 'handle_limit');
    }
  }

  /** The process or the system has no handle left: gives some back, so that others get on. */
  yieldSome(): void {
    this.#park(Math.ceil(this.#open.size / YIELD_PART));
  }

  /** Gives up deleted files until the others hold no more bytes than allowed. */
  limitDeleted(): void {
    let bytes = 0;
    // At every look: what calls back makes no garbage.
    this.#open.forEach((file) => {
      if (file.isDeleted) bytes += file.generation.size;
    });
    if (bytes <= this.#limits.maxDeletedBytes) return;
    for (const file of this.deleted()) {
      if (bytes <= this.#limits.maxDeletedBytes) return;
      if (file.isBusy) continue;
      bytes -= file.generation.size;
      this.#giveUp(file, 'space_policy');
    }
  }

  /** Of the files that nobody can open again, one with nothing to read, or the one that was left first. */
  #leastMissed(): TailedFile | undefined {
    const leaving = Array.from(this.#open).filter(({ state, isBusy }) => state.kind === 'leaving' && !isBusy);
    return leaving.find(({ unreadBytes }) => unreadBytes === 0) ?? leaving.sort(byDeletion)[0];
  }

  /** Parks up to `count` files; those with nothing to read first. Returns how many. */
  #park(count: number): number {
    let parked = 0;
    for (const wanted of [false, true]) {
      for (const file of this.#open) {
        if (parked === count) return parked;
        if (file.generation.hasNews !== wanted || !file.park()) continue;
        this.#open.delete(file);
        parked++;
      }
    }
    return parked;
  }
}

/** Of files that were deleted between the same two looks, the one that was made first is first. */
function byDeletion(a: TailedFile, b: TailedFile): number {
  const difference = (a.deletedMs ?? Number.MAX_VALUE) - (b.deletedMs ?? Number.MAX_VALUE);
  return difference || (a.bornNs < b.bornNs ? -1 : a.bornNs > b.bornNs ? 1 : 0);
}
