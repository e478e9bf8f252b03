import type { StreamEntry } from './stream-entry.ts';

/** How long an entry is kept after its file was proven to be nowhere. Folders can be away for a while. */
const RETENTION_MS = 10 * 60_000;
/** More than any agent follows; it bounds the checkpoint where somebody makes files without end. */
const MAX_ENTRIES = 50_000;

interface Absent {
  readonly entry: StreamEntry;
  /** Since when every look has proven that the file is not there. */
  sinceMs: number | undefined;
}

/** The streams that the checkpoint knows and no file has: what a file must be compared with before it is read. */
export class AbsentStreams {
  readonly #absent = new Map<string, Absent>();
  /** Keys by the inode alone. */
  readonly #byInode = new Map<string, string>();

  /** All of them, in the order in which they became absent. */
  *entries(): IterableIterator<StreamEntry> {
    for (const { entry } of this.#absent.values()) yield entry;
  }

  /** Keeps an entry; when there are too many, the oldest goes. */
  add(entry: StreamEntry): void {
    if (this.#absent.size >= MAX_ENTRIES) this.delete(this.#absent.keys().next().value ?? '');
    this.#absent.set(entry.key, { entry, sinceMs: undefined });
    this.#byInode.set(inodeOf(entry.key), entry.key);
  }

  has(key: string): boolean {
    return this.#absent.has(key);
  }

  get(key: string): StreamEntry | undefined {
    return this.#absent.get(key)?.entry;
  }

  /** An entry of that inode on any device: the number of a device can change when its volume is mounted again. */
  getByInode(key: string): StreamEntry | undefined {
    const other = this.#byInode.get(inodeOf(key));
    return other === undefined ? undefined : this.get(other);
  }

  delete(key: string): void {
    this.#absent.delete(key);
    if (this.#byInode.get(inodeOf(key)) === key) this.#byInode.delete(inodeOf(key));
  }

  /** After a look: drops what was proven absent for the retention time. `isProven`: the look covers that entry. */
  prune(nowMs: number, isProven: (entry: StreamEntry) => boolean): void {
    for (const [key, absent] of this.#absent) {
      if (!isProven(absent.entry)) absent.sinceMs = undefined;
      else if (nowMs - (absent.sinceMs ??= nowMs) >= RETENTION_MS) this.delete(key);
    }
  }
}

function inodeOf(key: string): string {
  return key.slice(key.indexOf(':') + 1);
}
