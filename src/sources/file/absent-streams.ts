import type { SourceLedger } from '../../ledger/source-ledger.ts';
import type { Place } from '../../ledger/stream-account.ts';
import type { StreamEntry } from './stream-entry.ts';

/** More than any agent follows; it bounds the checkpoint where somebody makes files without end. */
const MAX_ENTRIES = 50_000;

interface Absent {
  readonly entry: StreamEntry;
  /** Since when every look has proven that the file is not there. */
  sinceMs: number | undefined;
  /** Where it stands in the books of its stream. */
  readonly place: () => Place;
}

/** The streams that the checkpoint knows and no file has: what a file must be compared with before it is read. */
export class AbsentStreams {
  readonly #absent = new Map<string, Absent>();
  /** Keys by the inode alone. */
  readonly #byInode = new Map<string, string>();
  readonly #ledger: SourceLedger;

  constructor(ledger: SourceLedger) {
    this.#ledger = ledger;
  }

  get size(): number {
    return this.#absent.size;
  }

  /** All of them, in the order in which they became absent. */
  *entries(): IterableIterator<StreamEntry> {
    for (const { entry } of this.#absent.values()) yield entry;
  }

  /**
   * Keeps an entry; when there are too many, the oldest goes. `size`: up to where the books have its bytes here; a lost
   * stream may have those behind the offset.
   */
  add(entry: StreamEntry, size = entry.size): void {
    this.delete(entry.key);
    if (this.#absent.size >= MAX_ENTRIES) this.delete(this.#absent.keys().next().value ?? '');
    const { id, offset } = entry;
    const place = (): Place => ({ size, offset, committedOffset: offset });
    this.#absent.set(entry.key, { entry, sinceMs: undefined, place });
    this.#ledger.account(id).places.add(place);
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

  /** What was seen behind the offset is counted as gone: it is not counted again in another life. */
  giveUp(key: string, id: string): void {
    const known = this.#absent.get(key);
    if (known?.entry.id !== id) return;
    this.#absent.set(key, { ...known, entry: { ...known.entry, size: known.entry.offset } });
  }

  delete(key: string): void {
    const known = this.#absent.get(key);
    if (known === undefined) return;
    this.#ledger.account(known.entry.id).places.delete(known.place);
    this.#absent.delete(key);
    if (this.#byInode.get(inodeOf(key)) === key) this.#byInode.delete(inodeOf(key));
  }

  /**
   * After a look: drops what was proven absent for its retention time. `retentionMs()`: that time, in milliseconds;
   * undefined when the look says nothing about the entry.
   */
  prune(nowMs: number, retentionMs: (entry: StreamEntry) => number | undefined): void {
    for (const [key, absent] of this.#absent) {
      const keptMs = retentionMs(absent.entry);
      if (keptMs === undefined) absent.sinceMs = undefined;
      else if (nowMs - (absent.sinceMs ??= nowMs) >= keptMs) this.delete(key);
    }
  }
}

function inodeOf(key: string): string {
  return key.slice(key.indexOf(':') + 1);
}
