import type { Clock } from '../../core/clock.ts';
import type { Output, Room } from '../../core/contracts.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import type { SliceReader } from './slice-reader.ts';
import type { TailedFile } from './tailed-file.ts';

/** A read that takes longer than this no longer keeps the other files waiting … */
export const SLOW_READ_MS = 1000;
/** … unless so many do: each occupies a thread, and look-ups and compression need some too. */
const MAX_SLOW_READS = 2;

/**
 * Gives the files that have something to read their turns: one slice each, in the order in which they asked. So a file
 * waits for one slice of every other ready file at most, however much each holds. A file that has taken the name of
 * another waits until that one is read to its end.
 */
export class TurnQueue {
  readonly #reader: Pick<SliceReader, 'turn'>;
  readonly #clock: Clock;
  /** In the order in which they asked. */
  readonly #ready = new Set<TailedFile>();
  /** How many turns are under way; more than one only while reads are slow. */
  #turns = 0;
  #isRenting = false;
  #isEnding = false;
  #failure: { readonly error: unknown } | undefined;
  #turnsTaken = 0;
  /** The file whose turn was taken last. */
  #latest: TailedFile | undefined;
  readonly #slow = new Set<TailedFile>();
  #isWatching = false;
  #wake: (() => void) | undefined;
  /** Ends the wait for the turn that was taken last. */
  #goOn: (() => void) | undefined;
  #idle: PromiseWithResolvers<void> | undefined;
  #turnless: PromiseWithResolvers<void> | undefined;

  constructor(reader: Pick<SliceReader, 'turn'>, clock: Clock) {
    this.#reader = reader;
    this.#clock = clock;
  }

  /** Gives the file a turn when one would find something, and no longer when none would. */
  offer(file: TailedFile): void {
    if (file.isBusy) return;
    if (file.wantsTurn(this.#clock.nowMs(), this.#isEnding)) this.#ready.add(file);
    else if (!this.#ready.delete(file)) return;
    this.#wake?.();
  }

  /** From now on the end of a file is its end: unfinished last lines are records. */
  takeUnfinishedLines(): void {
    this.#isEnding = true;
  }

  /** Files whose read has taken so long that the others no longer wait for it. */
  get slow(): Iterable<TailedFile> {
    return this.#slow;
  }

  /** Resolves once no file has a turn, and none can have one. */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    // A file that waited for another one may have its turn by now.
    this.#wake?.();
    this.#idle ??= Promise.withResolvers<void>();
    return this.#idle.promise;
  }

  /** Resolves once no file has a turn, also after `stop`: a read that is under way then ends by itself, or never. */
  turnless(): Promise<void> {
    if (this.#turns === 0) return Promise.resolve();
    this.#turnless ??= Promise.withResolvers<void>();
    return this.#turnless.promise;
  }

  /** Gives turns until `stop` aborts. Rejects only for a bug: what is wrong with a file is said and tried again. */
  async run(output: Output, stop: AbortSignal): Promise<void> {
    const onStop = (): void => {
      this.#goOn?.();
      this.#wake?.();
    };
    stop.addEventListener('abort', onStop, { once: true });
    while (!stop.aborted) {
      const file = this.#turns > MAX_SLOW_READS ? undefined : this.#next(output);
      if (file === undefined) {
        await this.#untilWoken();
      } else {
        const batch = await this.#rent(file, output, stop);
        if (batch !== undefined) await this.#takeTurn(file, batch, output, stop);
      }
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#isIdle()) this.#idle?.resolve();
      if (this.#isIdle()) this.#idle = undefined;
    }
  }

  async #rent(file: TailedFile, output: Output, stop: AbortSignal): Promise<RecordBatch | undefined> {
    this.#isRenting = true;
    try {
      return await output.rent(file.stream, stop);
    } catch (error) {
      if (stop.aborted) return undefined;
      throw error;
    } finally {
      this.#isRenting = false;
    }
  }

  /** Takes the turn; returns early when its read is slow. */
  async #takeTurn(file: TailedFile, batch: RecordBatch, output: Output, stop: AbortSignal): Promise<void> {
    // Waiting for a batch can take long: by now another file may have to be read first.
    if (file.mustWait()) {
      output.giveBack(batch);
      this.offer(file);
      return;
    }
    const isFinal = (): boolean => this.#isEnding || file.isQuiet(this.#clock.nowMs());
    const isQuiet = (): boolean => file.isOverdue(this.#clock.nowMs());
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#goOn = resolve;
    this.#latest = file;
    this.#turnsTaken++;
    this.#turns++;
    void this.#reader
      .turn(file, batch, output, { isFinal, isQuiet, stop })
      .then(
        (wasRead) => {
          file.isUnreadable = !wasRead;
          // One that cannot be read gets its next turn after the next poll.
          if (wasRead) this.offer(file);
        },
        (error: unknown) => {
          this.#failure = { error };
        },
      )
      .then(() => {
        if (--this.#turns === 0) this.#turnless?.resolve();
        this.#slow.delete(file);
        resolve();
        this.#wake?.();
      });
    if (!this.#isWatching) void this.#watchForSlowReads(stop);
    await promise;
  }

  /** Lets the queue go on when a turn outlasts a whole interval. One timer for all turns: one for each costs 10 µs. */
  async #watchForSlowReads(stop: AbortSignal): Promise<void> {
    this.#isWatching = true;
    while (this.#turns > 0 && !stop.aborted) {
      const turn = this.#turnsTaken;
      await this.#clock.sleep(SLOW_READ_MS, stop);
      if (turn !== this.#turnsTaken || this.#turns === 0 || stop.aborted) continue;
      if (this.#latest?.isBusy) this.#slow.add(this.#latest);
      this.#goOn?.();
    }
    this.#isWatching = false;
  }

  /**
   * The file whose turn it is: the first that waits for no other, and of these the first for which there is room. Where
   * there is none, those that are to change over come last.
   */
  #next(output: Output): TailedFile | undefined {
    const first: Partial<Record<Room, TailedFile>> = {};
    for (const file of this.#ready) {
      if (file.isBusy || file.mustWait()) continue;
      const room = output.roomFor?.(file.stream) ?? 'now';
      first[room] ??= file;
      if (room === 'now') break;
    }
    const next = first.now ?? first.later ?? first.elsewhere;
    if (next !== undefined) this.#ready.delete(next);
    return next;
  }

  #isIdle(): boolean {
    if (this.#turns > 0 || this.#isRenting) return false;
    // Where each waits for another one, that one waits for the next look.
    return this.#ready.size === 0 || Array.from(this.#ready).every((file) => file.mustWait());
  }

  #untilWoken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
