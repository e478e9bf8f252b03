import type { BigIntStats } from 'node:fs';
import { type Content, type Fingerprint, fingerprint, HEAD_BYTES, judge } from '../../checkpoint/file-identity.ts';
import type { Clock } from '../../core/clock.ts';
import type { AbsentStreams } from './absent-streams.ts';
import type { AllowedRoots } from './allowed-roots.ts';
import { freshGeneration, type GenerationStart } from './generation.ts';
import type { LossCause } from './lost-streams.ts';
import { type OpenFile, type OpenResult, openRegular } from './open-file.ts';
import type { OwnOutput } from './own-output.ts';
import { readCompression, readContent } from './read-content.ts';
import { bornNsOf, isBornOtherwise, isBornThen, keyOf, type Sighting } from './sighting.ts';
import type { SourceReport } from './source-report.ts';
import { startAtEnd } from './start-at-end.ts';
import type { StreamEntry } from './stream-entry.ts';
import { createStreamId } from './stream-id.ts';
import type { TailStart } from './tailed-file.ts';

/** What was refused is tried again after this long, or as soon as it is another file or has changed. */
const RETRY_MS = 10_000;

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

/** A file that was opened, and is not followed yet. */
export interface Arrival {
  readonly key: string;
  readonly path: string;
  readonly file: OpenFile;
  readonly stats: BigIntStats;
}

/** Takes a file over that is compressed with gzip; see `CompressedFiles.take()`. */
export type TakeCompressed = (arrival: Arrival, options: AdmissionOptions) => Promise<TailStart | undefined>;

/** A file that is to be followed. */
export interface Admitted {
  readonly start: TailStart;
  /** Whether the checkpoint knows it as it is. */
  readonly isStored: boolean;
  /** The entry of the last life whose place it takes: it has its inode. */
  readonly replaces: StreamEntry | undefined;
  /** How the bytes of that entry were lost; undefined: the file continues it. */
  readonly loss: LossCause | undefined;
}

/** What came of it; `gone`: the name no longer leads to the file that was seen under it. */
export type AdmissionResult = Admitted | 'gone' | 'refused';

/** A stream of the last life, and what became of it in a file with its inode. */
interface Known {
  readonly entry: StreamEntry;
  /** How the file continues it; undefined: it does not. */
  readonly generation: GenerationStart | undefined;
  readonly loss: LossCause | undefined;
}

/** What was seen of a file. */
type Seen = Pick<Sighting, 'path' | 'key' | 'version'>;

/** Who decides what is let in. */
export interface AdmissionRules {
  readonly absent: AbsentStreams;
  readonly report: SourceReport;
  readonly clock: Clock;
  readonly roots: AllowedRoots;
  readonly own: OwnOutput;
  /** See `FollowedFilesOptions`. */
  readonly encoding: string;
  readonly isFollowed: (key: string) => boolean;
  /** Whether a file with that path is not to be read, whatever links lead to it. */
  readonly isExcluded: (path: string) => boolean;
  /** Called when there is no handle to be had: what could not be opened is still to be. */
  readonly onNoHandle: () => void;
  readonly takeCompressed: TakeCompressed;
}

/** Opens files and decides, by evidence, which stream they are and where reading starts. */
export class Admission {
  readonly #rules: AdmissionRules;
  readonly #absent: AbsentStreams;
  readonly #report: SourceReport;
  /** What was refused lately, by path: opening it again at every look would cost more than reading the others. */
  readonly #refused = new Map<string, { readonly what: string; readonly retryMs: number }>();

  constructor(rules: AdmissionRules) {
    this.#rules = rules;
    this.#absent = rules.absent;
    this.#report = rules.report;
  }

  /** Whether opening that file would be refused again, as far as anybody can tell. */
  isRefused({ path, key, version }: Seen): boolean {
    const refused = this.#refused.get(path);
    if (refused === undefined) return false;
    const isStill = refused.what === `${key} ${version}` && this.#rules.clock.nowMs() < refused.retryMs;
    if (!isStill) this.#refused.delete(path);
    return isStill;
  }

  /** Opens the file that was seen, unless it is followed already; one that is compressed is followed later. */
  async open(sighting: Seen, options: AdmissionOptions): Promise<AdmissionResult> {
    const { path, key } = sighting;
    const { home, kind, skipsToEnd, isKnownOnly } = options;
    const result = await this.openAt(path);
    if (result.kind === 'refused') this.#remember(sighting);
    if (result.kind !== 'opened') return result.kind === 'gone' ? 'gone' : 'refused';
    const { file, stats, realPath } = result;
    if (keyOf(stats) !== key || this.#rules.isFollowed(key)) {
      file.close();
      return keyOf(stats) === key ? 'refused' : 'gone';
    }
    const state: TailStart['state'] =
      kind === 'following' ? { kind, file } : { kind, file, cause: 'renamed', quietSinceMs: undefined };
    try {
      const format = await readCompression(file);
      if (format === 'gzip') {
        const start = await this.#rules.takeCompressed({ key, path, file, stats }, options);
        if (start === undefined) return 'refused';
        return { start, isStored: true, replaces: this.#absent.get(key), loss: undefined };
      }
      if (format !== undefined) {
        this.#report.refused(path, 'compression');
        this.#remember(sighting);
        file.close();
        return 'refused';
      }
      const known = await this.#recognize(key, file, stats);
      if (isKnownOnly && known?.generation === undefined) {
        file.close();
        return 'refused';
      }
      const { entry: replaces, loss } = known ?? {};
      if (known?.generation !== undefined) {
        const { generation } = known;
        const { id, home, bornNs } = known.entry;
        const start = { id, key, path, home, bornNs, generation, state, realPath };
        return { start, isStored: loss === undefined, replaces, loss };
      }
      const bornNs = bornNsOf(stats);
      const id = createStreamId(this.#report.source, key, bornNs);
      // Rewritten in place while nobody looked: the same place in the same file must not mean other bytes.
      const number = known?.entry.id === id ? known.entry.generation + 1 : 0;
      const generation = skipsToEnd ? await startAtEnd(file, number, this.#rules.encoding) : freshGeneration(number);
      if (skipsToEnd) this.#report.ledger.account(id).skip('start_at_end', generation.offset);
      const start = { id, key, path, home, bornNs, generation, state, realPath };
      return { start, isStored: false, replaces, loss };
    } catch (error) {
      file.close();
      this.#report.trouble('A file cannot be read.', path, error);
      return 'refused';
    }
  }

  /** Notes that the file was refused. */
  #remember({ path, key, version }: Seen): void {
    this.#refused.set(path, { what: `${key} ${version}`, retryMs: this.#rules.clock.nowMs() + RETRY_MS });
  }

  /** Forgets refusals that no longer count. */
  prune(): void {
    const nowMs = this.#rules.clock.nowMs();
    for (const [path, { retryMs }] of this.#refused) if (nowMs >= retryMs) this.#refused.delete(path);
  }

  /** Opens a path, and says why when that does not work. */
  async openAt(path: string): Promise<OpenResult> {
    const { roots, own, isExcluded, onNoHandle } = this.#rules;
    const result = await openRegular(path, roots.of(path));
    switch (result.kind) {
      case 'opened': {
        const isOwn = own.has(keyOf(result.stats), result.realPath);
        if (!isOwn && !isExcluded(result.realPath)) return result;
        result.file.close();
        if (!isOwn) return { kind: 'gone' };
        this.#report.refused(path, 'own_output');
        return { kind: 'refused', reason: 'own_output' };
      }
      case 'refused':
        this.#report.refused(path, result.reason, result.error);
        return result;
      case 'no_handle':
        this.#report.trouble('No file can be opened now.', '', result.error);
        onNoHandle();
        return result;
      case 'gone':
        return result;
      default:
        return result satisfies never;
    }
  }

  /** Opens the file that was seen, if it still has that name. */
  async openSame({ path, key }: Pick<Seen, 'path' | 'key'>) {
    const opened = await this.openAt(path);
    if (opened.kind !== 'opened') return undefined;
    if (keyOf(opened.stats) === key) return opened;
    opened.file.close();
    return undefined;
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
    const fresh = freshGeneration(entry.generation + 1);
    switch (verdict) {
      case 'same':
        return {
          entry,
          generation: { ...entry, number: entry.generation, head: headOf(entry, content) },
          loss: undefined,
        };
      case 'truncated':
        return { entry, generation: fresh, loss: 'truncated' };
      case 'other':
        if (!isBornThen(stats, entry.bornNs)) return { entry, generation: undefined, loss: 'deleted' };
        // The very file: it was truncated, and has grown past the offset since.
        if (stats.size < entry.size) return { entry, generation: fresh, loss: 'truncated' };
        // What was seen behind the offset may be of this content already.
        return { entry, generation: { ...fresh, size: entry.size - entry.offset }, loss: 'rewritten' };
      default:
        return verdict satisfies never;
    }
  }
}

/**
 * The head with which a stream goes on. That of the entry can reach beyond its offset, over bytes that were read and
 * not delivered; where the file has lost those, what is read next is the head.
 */
function headOf({ head, offset }: StreamEntry, content: Content): Fingerprint {
  return head.length <= content.head.length ? head : fingerprint(content.head, 0, Math.min(offset, HEAD_BYTES));
}
