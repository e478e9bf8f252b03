import { HEAD_BYTES } from '../../checkpoint/file-identity.ts';
import type { StreamEntry } from './stream-entry.ts';
import { type CutCause, type TailContext, TailedFile, type TailStart } from './tailed-file.ts';

/** A file that is renamed while its folder is listed is in no listing: one look may miss it, the next does not. */
const LOOKS_PER_SEARCH = 2;

/** How a stream lost its bytes. */
export type LossCause = CutCause | 'deleted';

/** A stream whose bytes are in no file that is known: perhaps in a copy that nobody has found yet. */
export interface LostStream {
  /** In the state `lost`, until it is given up. */
  readonly file: TailedFile;
  readonly cause: LossCause;
  /** Whether the checkpoint's own entry of it is still among the absent ones, in case its inode comes back. */
  readonly isAbsent: boolean;
  /** Until when a search that cannot be made is waited for. */
  deadlineMs: number | undefined;
  /** In how many more looks copies are looked for in every place where one can be … */
  looksLeft: number;
  /** … and compressed files that may hold it. */
  compressedLooksLeft: number;
}

/** What others know of a lost stream. */
export interface LostQuestions {
  readonly hasReturned: (stream: LostStream) => boolean;
  readonly mayBeFound: (file: TailedFile) => boolean;
}

/**
 * The streams that are looked for. One that is not found is given up: the unfinished line that was read of it becomes a
 * record, and what nobody has read is counted as gone. It stays until everything of it is settled, so that a crash
 * before that is counted too.
 */
export class LostStreams {
  readonly #streams = new Map<TailedFile, LostStream>();
  readonly #tail: TailContext;
  readonly #onLost: () => void;

  /** `onLost` is called with each that is added: the next look searches for a copy. */
  constructor(tail: TailContext, onLost: () => void) {
    this.#tail = tail;
    this.#onLost = onLost;
  }

  [Symbol.iterator](): IterableIterator<LostStream> {
    return this.#streams.values();
  }

  /** Those that were not given up yet. */
  sought(): readonly LostStream[] {
    return Array.from(this).filter(({ file }) => file.state.kind === 'lost');
  }

  /** Takes a stream out of its file. `isAbsent`: see `LostStream`. */
  add(start: Omit<TailStart, 'state'>, cause: LossCause, isAbsent = false): LostStream {
    const { id, key, path, home, bornNs, generation } = start;
    const file = new TailedFile({ id, key, path, home, bornNs, generation, state: { kind: 'lost' } }, this.#tail);
    // A short head is in too many files.
    const looksLeft = file.generation.head.length < HEAD_BYTES ? 0 : LOOKS_PER_SEARCH;
    const compressedLooksLeft = LOOKS_PER_SEARCH;
    const stream: LostStream = { file, cause, isAbsent, looksLeft, compressedLooksLeft, deadlineMs: undefined };
    this.#streams.set(file, stream);
    file.account.agree();
    this.#onLost();
    return stream;
  }

  /** Takes a stream out of what the last life left. It is looked for once: who looks for it already begins anew. */
  addEntry(entry: StreamEntry, cause: LossCause, isAbsent = false): LostStream {
    const { id, key, path, home, bornNs } = entry;
    const sought = Array.from(this).find(
      (stream) => stream.isAbsent && stream.file.key === key && stream.file.id === id,
    );
    if (sought !== undefined) this.delete(sought.file);
    // What was seen of a rewritten file is of what it holds now.
    const size = cause === 'rewritten' ? entry.offset : Math.max(entry.size, entry.offset);
    const generation = { ...entry, number: entry.generation, size };
    return this.add({ id, key, path, home, bornNs, generation }, cause, isAbsent);
  }

  delete(file: TailedFile): void {
    file.leaveBooks();
    this.#streams.delete(file);
  }

  /**
   * Gives up those that were searched for in vain, and forgets those that are done with. Returns those that
   * were given up. `hasReturned`: whether the inode of one came back meanwhile; `mayBeFound`: whether a compressed file
   * may turn out to hold it.
   */
  settle({ hasReturned, mayBeFound }: LostQuestions): TailedFile[] {
    const givenUp: TailedFile[] = [];
    for (const stream of this) {
      const { file, isAbsent, looksLeft, compressedLooksLeft } = stream;
      const isSearched = looksLeft === 0 && compressedLooksLeft === 0;
      if (hasReturned(stream)) {
        this.delete(file);
        continue;
      }
      if (file.state.kind === 'lost' && isSearched && !mayBeFound(file)) {
        this.#giveUp(stream);
        givenUp.push(file);
      }
      if (file.state.kind === 'closed' && (isAbsent || file.generation.isSettled)) this.delete(file);
    }
    return givenUp;
  }

  #giveUp({ file, cause }: LostStream): void {
    const { path, offset, account } = file;
    const reported = { path, offset, account };
    const goneBytes = file.giveUp();
    switch (cause) {
      case 'truncated':
        this.#tail.report.truncatedAway(reported, goneBytes);
        break;
      case 'rewritten':
        this.#tail.report.rewrittenAway(reported);
        break;
      case 'deleted':
        this.#tail.report.vanished(reported, goneBytes);
        break;
      default:
        cause satisfies never;
    }
  }
}
