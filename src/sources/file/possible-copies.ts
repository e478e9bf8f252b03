import { agrees, type Evidence, fingerprint, HEAD_BYTES, judge, judgeCopy } from '../../checkpoint/file-identity.ts';
import { Generation } from './generation.ts';
import type { OpenFile } from './open-file.ts';
import { fingerprintsAt, readContent } from './read-content.ts';
import type { SourceReport } from './source-report.ts';
import type { StreamContent } from './stream-content.ts';
import type { TailedFile } from './tailed-file.ts';
import type { Twin } from './twins.ts';

/** What a new file turned out to be. */
export interface Decision {
  readonly file: TailedFile;
  /** The stream that it continues, and where a successor of that appears; undefined: it is a stream of its own. */
  readonly continued: { readonly generation: Generation; readonly home: string } | undefined;
}

type Finding = 'own' | 'wait' | NonNullable<Decision['continued']>;

interface Doubt {
  /** When it counts as a stream of its own. */
  deadlineMs: number;
  /** The size at the last look. */
  size: number;
  /** The size that a copy would have, as far as that was known at the first look. */
  readonly wholeBytes: number;
  /** What it was equal to at the last look, up to its size. */
  equal: { readonly file: TailedFile; readonly generation: Generation } | undefined;
}

/** How doubts are settled. */
export interface PossibleCopiesOptions {
  /** How long a file must be silent to count as a stream of its own, in milliseconds. */
  readonly waitMs: number;
  readonly report: SourceReport;
  /** Opens the file anew, for comparing; undefined where that is not possible. The caller closes it. */
  readonly open: (file: TailedFile) => Promise<OpenFile | undefined>;
  /** See `TailContext`. */
  readonly onChange: () => void;
}

/**
 * New files that may be copies of known streams, made before their file is truncated: reading one would deliver
 * everything twice. Only one that begins with the same whole head is suspected. It waits until it differs; until the
 * stream is truncated or gone, which it then continues; or until it was silent for long enough: then it is a stream of
 * its own, because content alone never makes one stream of two files that are there.
 */
export class PossibleCopies {
  readonly #options: PossibleCopiesOptions;
  readonly #doubts = new Map<TailedFile, Doubt | undefined>();

  constructor(options: PossibleCopiesOptions) {
    this.#options = options;
  }

  /** Whether any file is undecided. */
  get areThere(): boolean {
    return this.#doubts.size > 0;
  }

  /** Takes a file of which nothing was read yet. */
  add(file: TailedFile): void {
    file.isUndecided = true;
    this.#doubts.set(file, undefined);
  }

  delete(file: TailedFile): void {
    file.isUndecided = false;
    this.#doubts.delete(file);
  }

  /** Lets all be read, each as a stream of its own. Returns them. */
  release(): TailedFile[] {
    const files = [...this.#doubts.keys()];
    for (const file of files) this.delete(file);
    return files;
  }

  /**
   * Decides about those of which enough is known by now. `twins()`: the known streams with a whole head, by its hash;
   * made only when it is needed.
   */
  async *decide(twins: () => ReadonlyMap<string, readonly Twin[]>, nowMs: number): AsyncGenerator<Decision> {
    let known: ReadonlyMap<string, readonly Twin[]> | undefined;
    for (const file of [...this.#doubts.keys()]) {
      const { state, generation } = file;
      if (file.isBusy) continue;
      if (state.kind === 'closed' || state.kind === 'lost' || generation.position > 0) {
        this.delete(file);
      } else if (generation.size >= HEAD_BYTES) {
        known ??= twins();
        const finding = await this.#examine(file, known, nowMs);
        if (finding === 'wait') continue;
        this.delete(file);
        yield { file, continued: finding === 'own' ? undefined : finding };
      }
    }
  }

  async #examine(file: TailedFile, known: ReadonlyMap<string, readonly Twin[]>, nowMs: number): Promise<Finding> {
    if (known.size === 0) return 'own';
    // While it is looked at, nobody closes it.
    file.isBusy = true;
    let opened: OpenFile | undefined;
    try {
      const handle = file.handle ?? (opened = await this.#options.open(file));
      if (handle === undefined) return 'wait';
      const { head } = await readContent(handle, 0);
      // It is none of them itself: of what may be a copy no head is known.
      const twins = known.get(fingerprint(head).hash);
      return twins === undefined ? 'own' : await this.#weigh(file, handle, twins, nowMs);
    } catch (error) {
      this.#options.report.trouble('A file cannot be read.', file.path, error);
      return 'wait';
    } finally {
      file.isBusy = false;
      opened?.close();
    }
  }

  async #weigh(file: TailedFile, handle: StreamContent, twins: readonly Twin[], nowMs: number): Promise<Finding> {
    const { size } = file.generation;
    const doubt = this.#doubts.get(file) ?? this.#doubt(file, twins, nowMs);
    let isPossible = false;
    let equal: Doubt['equal'];
    for (const twin of twins) {
      if (twin.kind === 'unknown') {
        isPossible = true;
        continue;
      }
      const evidence = twin.kind === 'live' ? twin.generation.evidence : twin.evidence;
      const verdict = judgeCopy(evidence, await readContent(handle, evidence.offset));
      if (twin.kind === 'gone') {
        if (verdict === 'copy') return { generation: twin.take(), home: twin.home };
        isPossible ||= verdict === 'too_short';
      } else if (verdict === 'copy') {
        equal = twin;
      } else if (verdict === 'too_short') {
        const isEqual = await this.#isEqualSoFar(handle, size, twin.file, evidence);
        if (isEqual) equal = twin;
        isPossible ||= isEqual === undefined;
      }
    }
    const before = doubt.equal;
    const hasGrown = size !== doubt.size;
    doubt.size = size;
    if (equal !== undefined) {
      doubt.equal = equal;
      equal.file.idleLooks = 0; // its truncation decides, and must not be seen after the deadline
      const { state } = equal.file;
      const isBeingWritten = hasGrown && size <= doubt.wholeBytes;
      const isTwinLeaving = state.kind === 'leaving' && state.cause === 'deleted';
      if (isBeingWritten || isTwinLeaving) doubt.deadlineMs = nowMs + this.#options.waitMs;
    } else if (before !== undefined && !hasGrown && before.generation !== before.file.generation) {
      // It was equal to what has been truncated since, and is shorter than what was read of that.
      if (!before.generation.tracker.isSettled) return 'wait';
      return { generation: await this.#wholeOf(file, handle), home: before.file.home };
    } else if (!isPossible) {
      return 'own';
    }
    return nowMs < doubt.deadlineMs ? 'wait' : 'own';
  }

  #doubt(file: TailedFile, twins: readonly Twin[], nowMs: number): Doubt {
    const sizes = twins.map((twin) => (twin.kind === 'live' ? twin.generation.size : 0));
    const { size } = file.generation;
    const doubt: Doubt = {
      deadlineMs: nowMs + this.#options.waitMs,
      size,
      wholeBytes: Math.max(...sizes),
      equal: undefined,
    };
    this.#doubts.set(file, doubt);
    this.#options.report.doubted(file);
    return doubt;
  }

  /** The generation of a file of which everything was delivered. */
  async #wholeOf({ account, generation: { size } }: TailedFile, handle: StreamContent): Promise<Generation> {
    const { head, window } = await fingerprintsAt(handle, size);
    const start = { number: 0, offset: size, size, resume: 'line', head, window } as const;
    return new Generation(start, account, this.#options.onChange);
  }

  /** Whether the last bytes before `size` are those of the other file, which is longer; undefined: nobody can tell. */
  async #isEqualSoFar(
    handle: StreamContent,
    size: number,
    other: TailedFile,
    evidence: Evidence,
  ): Promise<boolean | undefined> {
    const opened = await this.#options.open(other);
    if (opened === undefined) return undefined;
    try {
      const { window } = await readContent(handle, size);
      const expected = await readContent(opened, size);
      // It may have been truncated since somebody read it.
      if (judge(evidence, await readContent(opened, evidence.offset)) !== 'same') return undefined;
      return window.length === expected.window.length && agrees(fingerprint(expected.window), window);
    } finally {
      opened.close();
    }
  }
}
