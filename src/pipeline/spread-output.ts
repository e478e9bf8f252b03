import type { Room } from '../core/contracts.ts';
import { CountedLease, type Lease, type Outcome, worse } from '../core/lease.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import type { Stream } from '../core/stream.ts';
import type { BatchLane, BatchOutput, UseOptions } from './batch-output.ts';
import type { Pipeline } from './pipeline.ts';
import { resolvedOrStopped } from './ways.ts';

/** So many sequences are remembered with their lanes, beside those of which something is under way. */
const MAX_SEQUENCES = 10_000;

/**
 * What reading and handing over cost beside the lines, they cost for each batch. Four slices: larger ones take more
 * memory for little.
 */
export const LARGE_BATCH_BYTES = 1024 * 1024;

/**
 * So many batches for each lane are as small as without lanes: a loop over the records of a batch runs to its end in the
 * code in which it has begun, and the first ones begin before V8 has compiled any that is fast. 400,000 lines of JSON take
 * 2.0 CPU seconds with two workers, start included, in place of 2.3.
 */
const FIRST_BATCHES = 8;

/** Whether batches take pipelines in several lanes; `fixed`: then a sequence stays in its lane. */
export type Spread = 'not' | 'freely' | 'fixed';

/** One of several outputs side by side. */
interface Lane {
  readonly output: BatchLane;
  /** How many sequences are in it that something is under way of. */
  busy: number;
  /** How many are in it in all. */
  sequences: number;
}

/** Streams whose records are to stay in their order. */
interface Sequence {
  readonly key: string;
  lane: Lane;
  /** How many of its batches are rented, or sent and not settled. */
  open: number;
  /** Resolves when that is 0. */
  drained: PromiseWithResolvers<void> | undefined;
}

/**
 * Spreads the batches of a source over lanes. A stream, with those before and behind it (`Stream.sequence`), has a lane,
 * and changes it only where nothing of it is under way, because that lane has no room while another one has. So records
 * of a stream never overtake each other.
 *
 * Of streams that always have more to read something always is under way. So that no lane stays empty while several of
 * them share another one, one at a time of those is held back until it can change over.
 */
export class SpreadOutput implements BatchOutput {
  readonly #alone: Lane;
  readonly #lanes: readonly Lane[];
  readonly #spreadOf: (pipelines: readonly Pipeline[]) => Spread;
  /** The least recently used first. */
  readonly #sequences = new Map<string, Sequence>();
  readonly #rented = new Map<RecordBatch, Sequence>();
  #spread: Spread;
  /** What is held back so that it can change its lane. */
  #moving: Sequence | undefined;
  /** How many batches were sent. */
  #sent = 0;

  /** `alone`: the lane for pipelines that cannot be in several. */
  constructor(alone: BatchLane, lanes: readonly BatchLane[], spreadOf: (pipelines: readonly Pipeline[]) => Spread) {
    const laneOf = (output: BatchLane): Lane => ({ output, busy: 0, sequences: 0 });
    this.#alone = laneOf(alone);
    this.#lanes = lanes.map(laneOf);
    this.#spreadOf = spreadOf;
    this.#spread = spreadOf(alone.pipelines);
  }

  async rent(stream: Stream, signal: AbortSignal): Promise<RecordBatch> {
    const sequence = await this.#sequenceOf(stream, signal);
    this.#open(sequence);
    try {
      const batch = await sequence.lane.output.rent(stream, signal);
      this.#rented.set(batch, sequence);
      return batch;
    } catch (error) {
      this.#release(sequence);
      throw error;
    }
  }

  roomFor(stream: Stream): Room {
    const sequence = this.#sequences.get(keyOf(stream));
    const isLoose = sequence === undefined || (sequence.open === 0 && this.#spread !== 'fixed');
    const lanes = isLoose ? this.#present : [sequence.lane];
    if (lanes.some(({ output }) => output.isFree)) return 'now';
    return isLoose || sequence !== this.#moving ? 'later' : 'elsewhere';
  }

  get largeBatchBytes(): number | undefined {
    const isWarm = this.#sent >= FIRST_BATCHES * this.#lanes.length;
    return this.#spread === 'not' || !isWarm ? undefined : LARGE_BATCH_BYTES;
  }

  giveBack(batch: RecordBatch): void {
    const sequence = this.#take(batch);
    sequence.lane.output.giveBack(batch);
    this.#release(sequence);
  }

  send(batch: RecordBatch, lease: Lease): void {
    this.#sent++;
    const sequence = this.#take(batch);
    const watch = new CountedLease(() => this.#release(sequence));
    lease.carry(watch);
    sequence.lane.output.send(batch, lease);
    watch.settle('delivered');
  }

  get pipelines(): readonly Pipeline[] {
    return this.#alone.output.pipelines;
  }

  get settled(): Promise<Outcome> {
    return worstOf(this.#all.map(({ output }) => output.settled));
  }

  use(pipelines: readonly Pipeline[], options: UseOptions): Promise<Outcome> {
    const besides = options.afterOthers ? this.settled : options.besides;
    this.#spread = this.#spreadOf(pipelines);
    return worstOf(this.#all.map(({ output }) => output.use(pipelines, { ...options, besides })));
  }

  hurry(): void {
    for (const { output } of this.#all) output.hurry();
  }

  async idle(): Promise<void> {
    await Promise.all(this.#all.map(({ output }) => output.idle()));
  }

  close(): void {
    for (const { output } of this.#all) output.close?.();
  }

  get #all(): readonly Lane[] {
    return [this.#alone, ...this.#lanes];
  }

  /** The lanes that are taken now. */
  get #present(): readonly Lane[] {
    return this.#spread === 'not' ? [this.#alone] : this.#lanes;
  }

  async #sequenceOf(stream: Stream, signal: AbortSignal): Promise<Sequence> {
    const key = keyOf(stream);
    const sequence = this.#sequences.get(key);
    if (sequence === undefined) return this.#begin(key);
    this.#sequences.delete(key);
    this.#sequences.set(key, sequence);
    const present = this.#present;
    if (!present.includes(sequence.lane)) {
      // What is under way in the lane that it had must not be overtaken.
      if (sequence.open > 0) {
        sequence.drained ??= Promise.withResolvers<void>();
        await resolvedOrStopped(sequence.drained.promise, signal);
        signal.throwIfAborted();
      }
      this.#move(sequence, this.#leastBusy());
    } else if (this.#spread !== 'fixed' && !sequence.lane.output.isFree) {
      this.#moveToRoom(sequence);
    }
    return sequence;
  }

  #begin(key: string): Sequence {
    const lane = this.#leastBusy();
    lane.sequences++;
    const sequence = { key, lane, open: 0, drained: undefined };
    this.#sequences.set(key, sequence);
    if (this.#sequences.size > MAX_SEQUENCES) this.#forgetOldest();
    return sequence;
  }

  #forgetOldest(): void {
    for (const [key, { open, lane }] of this.#sequences) {
      if (open > 0) continue;
      lane.sequences--;
      this.#sequences.delete(key);
      return;
    }
  }

  /** Has what is in a full lane change over to one with room, if there is one: now, or once nothing of it is under way. */
  #moveToRoom(sequence: Sequence): void {
    if (this.#moving === sequence) {
      // It gets a batch all the same: there was nobody else.
      this.#moving = undefined;
      return;
    }
    const other = this.#leastBusy();
    if (!other.output.isFree) return;
    if (sequence.open === 0) this.#move(sequence, other);
    else if (sequence.lane.busy > 1) this.#moving ??= sequence;
  }

  /** The lane for a stream that has none: one with room, then the one with the fewest streams. */
  #leastBusy(): Lane {
    const rank = ({ output, busy, sequences }: Lane): number[] => [output.isFree ? 0 : 1, busy, sequences];
    return this.#present.reduce((best, lane) => (isLess(rank(lane), rank(best)) ? lane : best));
  }

  #move(sequence: Sequence, lane: Lane): void {
    sequence.lane.sequences--;
    lane.sequences++;
    sequence.lane = lane;
  }

  #open(sequence: Sequence): void {
    if (sequence.open++ === 0) sequence.lane.busy++;
  }

  #release(sequence: Sequence): void {
    if (--sequence.open > 0) return;
    if (this.#moving === sequence) this.#moving = undefined;
    sequence.lane.busy--;
    sequence.drained?.resolve();
    sequence.drained = undefined;
  }

  #take(batch: RecordBatch): Sequence {
    const sequence = this.#rented.get(batch);
    if (sequence === undefined) throw new Error('Cannot send batch: it was not rented here');
    this.#rented.delete(batch);
    return sequence;
  }
}

function keyOf({ id, sequence }: Stream): string {
  return sequence ?? id;
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const different = a.findIndex((value, index) => value !== b[index]);
  return different >= 0 && a[different]! < b[different]!;
}

async function worstOf(outcomes: readonly Promise<Outcome>[]): Promise<Outcome> {
  return (await Promise.all(outcomes)).reduce(worse);
}
