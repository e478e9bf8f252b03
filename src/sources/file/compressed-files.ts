import { judge, NO_FINGERPRINT } from '../../checkpoint/file-identity.ts';
import type { AbsentStreams } from './absent-streams.ts';
import type { AdmissionOptions, Arrival } from './admission.ts';
import { freshGeneration, type Generation, type GenerationStart } from './generation.ts';
import { InflatedFile } from './inflated-file.ts';
import type { LostStreams } from './lost-streams.ts';
import type { OpenFile } from './open-file.ts';
import { evidenceOf, readContent } from './read-content.ts';
import type { SourceReport } from './source-report.ts';
import type { StreamEntry } from './stream-entry.ts';
import { createStreamId } from './stream-id.ts';
import { type Candidate, findStream, offsetsToCompare } from './stream-match.ts';
import { type Survey, surveyGzip } from './survey.ts';
import type { TailedFile, TailStart } from './tailed-file.ts';

/** How many compressed files are read at the same time: each takes the memory of a slice and of zlib's tables. */
const MAX_READ_AT_ONCE = 4;

/** A file is deleted when it has been compressed, so the next look finds the other one; once more for good measure. */
const LOOKS_KEPT = 2;
/** How many finished streams are kept while a file cannot be surveyed. */
const MAX_KEPT = 1000;

const LF = 0x0a;

/** What compressed files are compared with, and who hears of them. */
export interface CompressedFilesOptions {
  readonly report: SourceReport;
  readonly rotateWaitMs: number;
  /** Every file that is followed, and every stream that has lost its file. */
  readonly files: () => Iterable<TailedFile>;
  readonly absent: AbsentStreams;
  readonly lost: LostStreams;
  /** Whether a pattern matches the path: then it is read also when it holds no known stream. */
  readonly isIncluded: (path: string) => boolean;
  /** Called when there is something to decide. */
  readonly onNews: () => void;
}

/** A compressed file that can be followed now. */
export interface Recognized {
  readonly start: TailStart;
  /** The stream that had lost its file, and goes on in this one. */
  readonly lost: TailedFile | undefined;
}

/** A compressed file of which nobody knows yet what it holds, or whether it is whole. */
interface Pending {
  readonly key: string;
  path: string;
  readonly file: OpenFile;
  readonly options: AdmissionOptions;
  readonly modifiedNs: bigint;
  /** What the checkpoint holds of one that is to be passed over, until it is known what that is. */
  readonly passedOver: StreamEntry | undefined;
  /** Whether it is read also when it holds no known stream. */
  isWanted: boolean;
  /** What it was like at the last look, and since when; see `versionOf()`. */
  version: string;
  sinceMs: number;
  /** Whether it was like that at the look before, too. */
  isSteady: boolean;
  survey: Survey | undefined;
  /** Whether the last attempt to survey it failed. */
  isUnreadable: boolean;
  /** The stream that it holds, as it was when the survey began. */
  found: Candidate | undefined;
}

/**
 * Compressed files on their way in. What such a file holds is known only when it is inflated once, which happens beside
 * the looks, one file after another; then it is either the rest of a known stream, or one of its own.
 *
 * ```
 *  arrival --> stands still --> survey --> whole, or silent for rotate_wait --> its stream has no other file --> start
 * ```
 */
export class CompressedFiles {
  readonly #options: CompressedFilesOptions;
  readonly #pending = new Map<string, Pending>();
  /** Streams whose file was read to its end and deleted: perhaps because it was compressed. */
  #finished: { readonly entry: StreamEntry; looksLeft: number }[] = [];
  #isSurveying = false;
  #failure: Error | undefined;
  #isClosed = false;

  constructor(options: CompressedFilesOptions) {
    this.#options = options;
  }

  /** Whether the file is one of them; takes note of its path. */
  has(key: string, path?: string): boolean {
    const pending = this.#pending.get(key);
    if (pending !== undefined && path !== undefined) pending.path = path;
    return pending !== undefined;
  }

  /** Has the file read even when it holds no known stream. */
  want(key: string): void {
    const pending = this.#pending.get(key);
    if (pending !== undefined) pending.isWanted = true;
  }

  /** Whether any of them is still to be decided and does not wait for another file. */
  haveNews(): boolean {
    return Array.from(this.#pending.values()).some((pending) => !pending.isUnreadable && !this.#mustWait(pending));
  }

  /** Whether one of them holds that stream, which has lost its file, or may turn out to. */
  mayHold({ generation }: TailedFile): boolean {
    return this.areUnknown || Array.from(this.#pending.values()).some(({ found }) => found?.generation === generation);
  }

  /** Whether one of them is not compared with the known streams yet. */
  get areUnknown(): boolean {
    const isUnknown = ({ survey, found }: Pending): boolean =>
      survey === undefined || (survey.fault !== undefined && found === undefined);
    return Array.from(this.#pending.values()).some((pending) => !pending.isUnreadable && isUnknown(pending));
  }

  /** Takes a file that has just come. One that the checkpoint knows, and that is what it was, starts at once. */
  async take(arrival: Arrival, options: AdmissionOptions): Promise<TailStart | undefined> {
    const { key, path, file, stats } = arrival;
    const { absent, lost } = this.#options;
    const entry = absent.get(key);
    const known = entry?.archive;
    if (entry !== undefined && known === undefined) {
      // The inode was given to another file.
      absent.delete(key);
      lost.addEntry(entry, 'deleted');
    }
    const version = file.version();
    if (entry !== undefined && known?.offset === file.stat().size) {
      if (judge(known, await readContent(file, known.offset)) === 'same') {
        const survey = { size: entry.size, version, compressed: known };
        const { id, home, bornNs } = entry;
        return { ...startOf(arrival, survey, { ...entry, number: entry.generation }), id, home, bornNs };
      }
    }
    const passedOver = options.skipsToEnd ? await passedOverEntry(arrival, options, this.#options.report) : undefined;
    this.#pending.set(key, {
      ...{ key, path, file, options, version, passedOver },
      modifiedNs: stats.mtimeNs,
      isWanted: !options.isKnownOnly,
      sinceMs: Number.NaN,
      isSteady: false,
      survey: undefined,
      isUnreadable: false,
      found: undefined,
    });
    return undefined;
  }

  /** Keeps a stream that is finished for as long as a compressed file may come in that holds it. */
  keep(entry: StreamEntry): void {
    this.#finished.push({ entry, looksLeft: LOOKS_KEPT });
  }

  /** What it keeps. */
  get finished(): readonly StreamEntry[] {
    return this.#finished.map(({ entry }) => entry);
  }

  /** Those that are to be passed over, and were not surveyed yet: a kill must not have the next life read them. */
  get passedOver(): readonly StreamEntry[] {
    return Array.from(this.#pending.values()).flatMap(({ passedOver }) => passedOver ?? []);
  }

  /**
   * Goes on at a look. `isEnding`: whoever writes has stopped, so what is there is whole. Gives the files that can be
   * followed now. Throws for a bug only.
   */
  advance(nowMs: number, isEnding: boolean): readonly Recognized[] {
    if (this.#failure !== undefined) throw this.#failure;
    // A look that is under way when the time is up still asks.
    if (this.#isClosed) return [];
    const recognized: Recognized[] = [];
    let room = this.#pending.size === 0 ? 0 : this.#roomToRead();
    for (const pending of this.#oldestFirst()) {
      try {
        pending.isSteady = this.#isSteady(pending, nowMs, isEnding);
        if (pending.survey === undefined || room <= 0) continue;
        const isSilent = isEnding || nowMs - pending.sinceMs >= this.#options.rotateWaitMs;
        if ((pending.survey.fault !== undefined && !isSilent) || this.#mustWait(pending)) continue;
        const next = this.#recognize(pending, pending.survey);
        if (next === undefined) continue;
        recognized.push(next);
        if (next.start.state.kind !== 'closed') room--;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).errno === undefined) throw error;
        this.#options.report.trouble('A file cannot be examined.', pending.path, error);
      }
    }
    this.#surveyNext();
    const isOver = !this.areUnknown || this.#finished.length > MAX_KEPT;
    if (isOver) this.#finished = this.#finished.filter((finished) => finished.looksLeft-- > 0);
    return recognized;
  }

  /** How many more can be read at the same time as those that are. */
  #roomToRead(): number {
    let room = MAX_READ_AT_ONCE;
    for (const { archive, isOpen } of this.#options.files()) if (archive !== undefined && isOpen) room--;
    return room;
  }

  /** Gives all handles back. */
  close(): void {
    this.#isClosed = true;
    if (!this.#isSurveying) for (const { file } of this.#pending.values()) file.close();
  }

  /** Whether the file is what it was at the last look. */
  #isSteady(pending: Pending, nowMs: number, isEnding: boolean): boolean {
    if (!isEnding) pending.isUnreadable = false;
    const version = pending.file.version();
    if (version === pending.version && !Number.isNaN(pending.sinceMs)) return true;
    if (version !== pending.version) pending.survey = undefined;
    pending.version = version;
    pending.sinceMs = nowMs;
    return isEnding;
  }

  /** Whether another file of its stream is still there to be read. */
  #mustWait({ found }: Pending): boolean {
    const generation = found?.generation;
    if (generation === undefined) return false;
    const holder = this.#holderOf(generation);
    if (holder?.state.kind === 'lost') return false;
    return holder?.isOpen === true || !generation.tracker.isSettled;
  }

  /** Who has the bytes of that generation now: a copy may have taken it over, or it was truncated away. */
  #holderOf(generation: Generation): TailedFile | undefined {
    return Array.from(this.#options.files()).find((file) => file.generation === generation);
  }

  /** Surveys a file that stands still, the oldest first. */
  #surveyNext(): void {
    if (this.#isSurveying || this.#isClosed) return;
    const next = this.#oldestFirst().find(
      ({ isSteady, survey, isUnreadable }) => isSteady && survey === undefined && !isUnreadable,
    );
    if (next !== undefined) this.#survey(next);
  }

  #survey(pending: Pending): void {
    this.#isSurveying = true;
    const candidates = this.#candidates();
    const offsetsOf = (head: Buffer): readonly number[] => offsetsToCompare(candidates, head);
    void surveyGzip(pending.file, offsetsOf, () => this.#isClosed)
      .then(async (survey) => {
        // It changed meanwhile: the next look sees that.
        pending.isSteady = survey !== undefined;
        if (survey === undefined) return;
        pending.found = await findStream(pending, survey, candidates);
        pending.survey = survey;
        this.#options.onNews();
      })
      .catch((error: NodeJS.ErrnoException) => {
        // Only what the system says is the file's fault.
        if (error.errno === undefined) this.#failure = error;
        pending.isUnreadable = true;
        pending.isSteady = false;
        this.#options.report.trouble('A file cannot be read.', pending.path, error);
      })
      .then(() => {
        this.#isSurveying = false;
        if (this.#isClosed) this.close();
        else this.#surveyNext();
      });
  }

  /** Those that have a file, or had one in this life, come first: they know best how far they were read. */
  #candidates(): readonly Candidate[] {
    const { files, absent } = this.#options;
    const entries = [...absent.entries(), ...this.finished];
    // Of one that was given up only its last line is left.
    const known = Array.from(files()).filter(
      ({ handle, generation }) => handle === undefined || handle !== generation.heldTail,
    );
    return [
      ...known.map((file) => {
        const { generation } = file;
        return { entry: { ...file.toEntry(), ...generation.evidence }, file, generation };
      }),
      ...entries.map((entry) => ({ entry, file: undefined, generation: undefined })),
    ];
  }

  #oldestFirst(): Pending[] {
    return [...this.#pending.values()].sort((a, b) => (a.modifiedNs < b.modifiedNs ? -1 : 1));
  }

  /** undefined: nobody wants it. */
  #recognize(pending: Pending, survey: Survey): Recognized | undefined {
    const { key, file, path, options, found, modifiedNs } = pending;
    const { report } = this.#options;
    this.#pending.delete(key);
    if (found === undefined && !pending.isWanted && !this.#options.isIncluded(path)) {
      file.close();
      return undefined;
    }
    const { id, bornNs, home } = found?.entry ?? {
      id: createStreamId(report.source, key, modifiedNs),
      bornNs: modifiedNs,
      home: options.home,
    };
    const account = report.ledger.account(id);
    if (survey.fault !== undefined) {
      const { at, error } = survey.fault;
      report.corrupt({ path, offset: survey.size, account }, survey.compressed.offset - at, error);
    }
    const holder = found?.generation && this.#holderOf(found.generation);
    const lost = holder?.state.kind === 'lost' ? holder : undefined;
    this.#options.absent.delete(key);
    if (found !== undefined && this.#options.absent.get(found.entry.key)?.id === id) {
      this.#options.absent.delete(found.entry.key);
    }
    let generation: GenerationStart | Generation;
    if (found === undefined) {
      generation = options.skipsToEnd ? generationAtEnd(survey, 0) : freshGeneration(0);
      account.skip('start_at_end', 'offset' in generation ? generation.offset : 0);
    } else {
      // Books that are new count it by themselves.
      const isNew = account.seenBytes === 0;
      generation = continued(found, lost !== undefined, survey);
      const offset = 'tracker' in generation ? generation.position : generation.offset;
      if ('tracker' in generation) generation.moveTo(survey.size, account);
      if (!isNew && found.entry.key !== key) account.skip('already_delivered', offset);
    }
    const start = { ...startOf({ key, path, file }, survey, generation), id, home, bornNs };
    return { start, lost };
  }
}

/** An entry that says of a compressed file that all of it is done with, whatever it holds. */
async function passedOverEntry(
  { key, path, file, stats }: Arrival,
  { home }: AdmissionOptions,
  { source }: SourceReport,
): Promise<StreamEntry> {
  const { size } = file.stat();
  const archive = evidenceOf(await readContent(file, size), size);
  const bornNs = stats.mtimeNs;
  const nothing = { offset: 0, size: 0, head: NO_FINGERPRINT, window: NO_FINGERPRINT };
  const id = createStreamId(source, key, bornNs);
  return { id, key, path, home, bornNs, generation: 0, resume: 'line', ...nothing, archive };
}

/** How a stream goes on in the compressed file. `isLost`: with all that is under way of it. */
function continued({ entry, generation }: Candidate, isLost: boolean, survey: Survey): GenerationStart | Generation {
  const known = generation === undefined ? entry : entryOf(entry, generation);
  if (known.offset > survey.size) return generationAtEnd(survey, known.generation);
  return isLost && generation !== undefined ? generation : { ...known, number: known.generation };
}

function startOf(
  { key, path, file }: Pick<Arrival, 'key' | 'path' | 'file'>,
  { size, version, compressed }: Pick<Survey, 'size' | 'version' | 'compressed'>,
  generation: GenerationStart | Generation,
): Omit<TailStart, 'id' | 'home' | 'bornNs'> {
  const isMoved = 'tracker' in generation;
  const common = { key, path, generation: isMoved ? generation : { ...generation, size }, archive: compressed };
  if (!isMoved && generation.offset === size) {
    file.close();
    return { ...common, state: { kind: 'closed', version } };
  }
  const content = new InflatedFile(file, { size, version, compressedSize: compressed.offset });
  return { ...common, state: { kind: 'leaving', file: content, cause: 'renamed', quietSinceMs: undefined } };
}

/** The entry of a stream as it is now, as far as it was read. */
function entryOf(entry: StreamEntry, { number, evidence, resume, size, encoding }: Generation): StreamEntry {
  return { ...entry, ...evidence, generation: number, resume, size, ...(encoding && { encoding }) };
}

/** Nothing of the content is to be read. */
function generationAtEnd(survey: Survey, number: number): GenerationStart {
  const { size } = survey;
  const content = survey.contentAt(size);
  if (content === undefined || size === 0) return freshGeneration(number);
  return { number, size, resume: content.window.at(-1) === LF ? 'line' : 'continuation', ...evidenceOf(content, size) };
}
