import type { BigIntStats } from 'node:fs';
import {
  type Content,
  type Fingerprint,
  fingerprint,
  HEAD_BYTES,
  judge,
  type Verdict,
} from '../../checkpoint/file-identity.ts';
import type { AbsentStreams } from './absent-streams.ts';
import { freshGeneration, type GenerationStart } from './generation.ts';
import { type OpenFile, openRegular } from './open-file.ts';
import { fingerprintsAt, readContent } from './read-content.ts';
import { bornNsOf, isBornOtherwise, isBornThen, keyOf } from './sighting.ts';
import type { SourceReport } from './source-report.ts';
import type { StreamEntry } from './stream-entry.ts';
import type { TailStart } from './tailed-file.ts';

const LF = 0x0a;

/** How a file comes in. */
export interface AdmissionOptions {
  /** The name that a successor will take. */
  readonly home: string;
  /** `leaving`: it has been renamed already. */
  readonly kind: 'following' | 'leaving';
  /** Whether what it holds now is passed over. */
  readonly skipsToEnd: boolean;
  /** Whether it is followed only if it continues a stream of the last life. */
  readonly isKnownOnly: boolean;
}

/** A stream of the last life, and what became of it in a file with its inode. */
interface Known {
  readonly entry: StreamEntry;
  readonly verdict: Verdict;
  /** How the file continues it; undefined: it does not. */
  readonly generation: GenerationStart | undefined;
}

/** Opens files and decides, by evidence, which stream they are and where reading starts. */
export class Admission {
  readonly #absent: AbsentStreams;
  readonly #report: SourceReport;
  readonly #isFollowed: (key: string) => boolean;
  readonly #rootOf: (path: string) => string | undefined;

  constructor(options: {
    readonly absent: AbsentStreams;
    readonly report: SourceReport;
    readonly isFollowed: (key: string) => boolean;
    /** See `Discovery.rootOf()`. */
    readonly rootOf: (path: string) => string | undefined;
  }) {
    this.#absent = options.absent;
    this.#report = options.report;
    this.#isFollowed = options.isFollowed;
    this.#rootOf = options.rootOf;
  }

  /** Opens what is at the path now; undefined: nothing that can be followed, or followed already. */
  async open(path: string, options: AdmissionOptions): Promise<TailStart | undefined> {
    const { home, kind, skipsToEnd, isKnownOnly } = options;
    const opened = await this.openAt(path);
    if (opened === undefined) return undefined;
    const { file, stats } = opened;
    const key = keyOf(stats);
    if (this.#isFollowed(key)) {
      file.close();
      return undefined;
    }
    const state: TailStart['state'] =
      kind === 'following' ? { kind, file } : { kind, file, cause: 'renamed', quietSinceMs: undefined };
    try {
      const known = await this.#recognize(key, file, stats);
      if (isKnownOnly && known?.generation === undefined) {
        file.close();
        return undefined;
      }
      if (known !== undefined) this.#reportKnown(known, path);
      const replaces = known?.entry.key;
      if (known?.generation !== undefined) {
        const { entry, generation, verdict } = known;
        const isStored = verdict === 'same';
        return { key, path, home: entry.home, bornNs: entry.bornNs, generation, state, isStored, replaces };
      }
      const generation = await this.#start(file, skipsToEnd);
      return { key, path, home, bornNs: bornNsOf(stats), generation, state, isStored: false, replaces };
    } catch (error) {
      file.close();
      this.#report.trouble('A file cannot be read.', path, error);
      return undefined;
    }
  }

  /** Opens a path, and says why when that does not work. */
  async openAt(path: string) {
    const root = this.#rootOf(path);
    if (root === undefined) return undefined;
    const result = await openRegular(path, root);
    switch (result.kind) {
      case 'opened':
        return result;
      case 'refused':
        this.#report.refused(path, result.reason, result.error);
        return undefined;
      case 'no_handle':
        this.#report.trouble('No file can be opened now.', path, result.error);
        return undefined;
      case 'gone':
        return undefined;
      default:
        return result satisfies never;
    }
  }

  /** The stream of the last life that has the inode of the file. Evidence decides whether the file continues it. */
  async #recognize(key: string, file: OpenFile, stats: BigIntStats): Promise<Known | undefined> {
    const exact = this.#absent.get(key);
    const entry = exact ?? this.#absent.getByInode(key);
    if (entry === undefined) return undefined;
    const isOther = isBornOtherwise(stats, entry.bornNs);
    const content = await readContent(file, entry.offset);
    const verdict = isOther ? 'other' : judge(entry, content);
    // On another device only content proves anything.
    if (exact === undefined && (verdict !== 'same' || entry.offset === 0)) return undefined;
    switch (verdict) {
      case 'same':
        return { entry, verdict, generation: { ...entry, number: entry.generation, head: headOf(entry, content) } };
      case 'truncated':
        return { entry, verdict, generation: freshGeneration(entry.generation + 1) };
      case 'other':
        // The very file: it was truncated, and has grown past the offset since.
        if (isBornThen(stats, entry.bornNs))
          return { entry, verdict, generation: freshGeneration(entry.generation + 1) };
        return { entry, verdict, generation: undefined };
      default:
        return verdict satisfies never;
    }
  }

  #reportKnown({ entry, verdict, generation }: Known, path: string): void {
    const { offset } = entry;
    const unreadBytes = Math.max(0, entry.size - offset);
    if (verdict === 'truncated') this.#report.truncated({ path, offset }, unreadBytes);
    else if (generation === undefined) this.#report.vanished({ path: entry.path, offset }, unreadBytes);
    else if (verdict === 'other') this.#report.rewritten({ path, offset });
  }

  async #start(file: OpenFile, skipsToEnd: boolean): Promise<GenerationStart> {
    const offset = skipsToEnd ? file.stat().size : 0;
    if (offset === 0) return freshGeneration(0);
    const { head, window, lastByte } = await fingerprintsAt(file, offset);
    this.#report.skipped('start_at_end', offset);
    return { number: 0, offset, head, window, resume: lastByte === LF ? 'line' : 'continuation' };
  }
}

/**
 * The head with which a stream goes on. That of the entry can reach beyond its offset, over bytes that were read and
 * not delivered; where the file has lost those, what is read next is the head.
 */
function headOf({ head, offset }: StreamEntry, content: Content): Fingerprint {
  return head.length <= content.head.length ? head : fingerprint(content.head, 0, Math.min(offset, HEAD_BYTES));
}
