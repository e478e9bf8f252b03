import type { Clock } from '../core/clock.ts';
import type { Commitment, Outcome, RangeTally } from '../core/lease.ts';
import { Columns } from './columns.ts';
import {
  type Amounts,
  addAmount,
  addAmounts,
  type GoneReason,
  parseAmounts,
  parseCount,
  type SkipReason,
  sumOf,
} from './reasons.ts';

/** Bytes that a source is done with at once, and what it made of them. */
export interface Claimed {
  /** All of them, in bytes of the source. */
  readonly bytes: number;
  /** The part that became no record. */
  readonly skipped: Partial<Record<SkipReason, number>>;
  /** Records framed, empty lines included. */
  readonly records: number;
  readonly emptyLines: number;
}

/** Where a stream is, in bytes of one generation. */
export interface Place {
  /** The last size seen. */
  readonly size: number;
  /** Up to where it was read. */
  readonly offset: number;
  /** Up to where everything has settled: where a restart goes on. */
  readonly committedOffset: number;
}

/** What an account tells the ledger of its source, which adds it up for all streams. */
export interface Totals {
  /** Names of the routes that records take now. */
  routes(): readonly string[];
  readonly clock: Clock;
  claimed(range: Claimed): void;
  seen(bytes: number): void;
  skipped(reason: SkipReason, bytes: number): void;
  gone(reason: GoneReason, bytes: number): void;
  goneUnknown(): void;
}

/**
 * The books of one stream over all its generations and lives.
 *
 * ```
 *  seen   |------------ read or skipped ------------|---- gone ----|---- unread ----|
 *         |------ settled ------|-- open ranges ----|
 * ```
 * What was settled is committed together with the offset, so a restart neither forgets nor doubles it; open ranges are
 * read again. Counting is once a range, never once a record.
 */
export class StreamAccount {
  readonly id: string;
  /** What people call the stream: its last path. */
  name = '';
  /** Where it is: one place for each generation of which something may not be done with. None: nobody follows it. */
  readonly places = new Set<() => Place>();
  #seenBytes = 0;
  #goneUnknown = 0;
  /** Whether the totals of this life know what the last one left unread. */
  #isResumed = false;
  readonly #gone: Amounts = {};
  readonly #settled: Columns;
  /** Ranges that are claimed and not committed, in read order. */
  readonly #open = new Set<OpenRange>();
  readonly #totals: Totals;

  /** `stored` is what `toStored()` gave in the last life. */
  constructor(id: string, totals: Totals, stored?: unknown) {
    const { name, seenBytes, gone, goneUnknown, settled } = (stored ?? {}) as Record<string, unknown>;
    this.id = id;
    this.#totals = totals;
    this.name = typeof name === 'string' ? name : '';
    this.#seenBytes = parseCount(seenBytes);
    this.#goneUnknown = parseCount(goneUnknown);
    addAmounts(this.#gone, parseAmounts(gone));
    this.#settled = Columns.parse(settled);
  }

  // --- what the source says ----------------------------------------------------------------------------------------

  /** The stream has so many bytes more than anybody had seen. */
  saw(bytes: number): void {
    this.#countRest();
    this.#seenBytes += bytes;
    this.#totals.seen(bytes);
  }

  /** Bytes of which nobody has made a range are passed over on purpose. They count as seen by this. */
  skip(reason: SkipReason, bytes: number): void {
    this.saw(bytes);
    this.pass(reason, bytes);
  }

  /** Bytes that had been seen, and not read, are passed over on purpose. */
  pass(reason: SkipReason, bytes: number): void {
    this.#countRest();
    addAmount(this.#settled.skipped, reason, bytes);
    this.#totals.skipped(reason, bytes);
  }

  /** Bytes that had been seen, and not read, are not there any more. */
  lose(reason: GoneReason, bytes: number): void {
    this.#countRest();
    addAmount(this.#gone, reason, bytes);
    this.#totals.gone(reason, bytes);
  }

  /** Something was lost, and nobody can know how much. */
  loseUnknown(): void {
    this.#goneUnknown++;
    this.#totals.goneUnknown();
  }

  /** Reading starts, or goes on, at `offset`: what a life that kept no books has delivered is known to be delivered. */
  begin(offset: number): void {
    if (this.#seenBytes === 0) this.skip('already_delivered', offset);
  }

  /**
   * Makes the books agree with the places that are known: what an earlier generation had read and not settled when the
   * last life ended is gone for that `reason`, since it cannot be read again.
   */
  agree(reason: GoneReason = 'truncated'): void {
    this.#countRest();
    // First: who is asked for a place may take note of what has come.
    const placedBytes = this.#placedBytes();
    const missing = this.#restBytes() - placedBytes;
    if (missing < 0) this.saw(-missing);
    if (missing > 0) this.lose(reason, missing);
  }

  /** Opens the books for bytes that are done with. */
  claim(range: Claimed): RangeTally {
    const open = new OpenRange(range, this.#totals.routes(), this.#totals.clock.nowMs(), (closed) => {
      // One that was given up is read again, and counts then.
      if (this.#open.delete(closed)) this.#settled.add(closed.columns);
    });
    this.#open.add(open);
    this.#totals.claimed(range);
    return open;
  }

  /** Gives up the ranges that are open: they will be read again, as after a restart. */
  reopen(): void {
    for (const range of this.#open) {
      const { columns } = range;
      this.#totals.seen(columns.readBytes + sumOf(columns.skipped));
      range.giveUp();
    }
    this.#open.clear();
  }

  // --- what others read --------------------------------------------------------------------------------------------

  /** Whether no range is open. */
  get isSettled(): boolean {
    return this.#open.size === 0;
  }

  get seenBytes(): number {
    return this.#seenBytes;
  }

  get gone(): Amounts {
    return this.#gone;
  }

  get goneUnknown(): number {
    return this.#goneUnknown;
  }

  /** What is committed. It is only looked at. */
  get settled(): Columns {
    return this.#settled;
  }

  /** The sum of the open ranges. */
  open(): Columns {
    const sum = new Columns();
    for (const { columns } of this.#open) sum.add(columns);
    return sum;
  }

  /** When the oldest range was read that is open, in milliseconds of the clock. */
  get oldestOpenMs(): number | undefined {
    const [oldest] = this.#open;
    return oldest?.readMs;
  }

  /** Bytes seen and not done with. Of a stream that nobody follows: what must be unread, by its books. */
  get unreadBytes(): number {
    return this.places.size === 0 ? this.#restBytes() : this.#placedBytes();
  }

  /** Bytes that the books cannot explain: 0, or there is a bug. */
  get unaccountedBytes(): number {
    // In this order: who is asked for a place may first take note of what has come.
    const { unreadBytes } = this;
    return this.#restBytes() - unreadBytes;
  }

  /** As the checkpoint holds it. */
  toStored(): unknown {
    const settled = this.#settled.toStored();
    const { name } = this;
    return { name, seenBytes: this.#seenBytes, gone: this.#gone, goneUnknown: this.#goneUnknown, settled };
  }

  #placedBytes(): number {
    let bytes = 0;
    for (const place of this.places) {
      const { size, offset } = place();
      bytes += Math.max(0, size - offset);
    }
    return bytes;
  }

  #countRest(): void {
    if (!this.#isResumed) this.#totals.seen(this.#restBytes());
    this.#isResumed = true;
  }

  /** Bytes seen of which the books do not say what became of them: those that are unread. */
  #restBytes(): number {
    let rest = this.#seenBytes - sumOf(this.#gone) - this.#settled.readBytes - sumOf(this.#settled.skipped);
    for (const { columns } of this.#open) rest -= columns.readBytes + sumOf(columns.skipped);
    return rest;
  }
}

/** A range that is claimed and not committed. */
class OpenRange implements RangeTally {
  readonly columns = new Columns();
  /** When it was read, in milliseconds of the clock. */
  readonly readMs: number;
  readonly #onCommit: (range: OpenRange) => void;
  /** What is committed with it; mostly nothing. */
  #commitments: Commitment[] | undefined;

  constructor(
    { bytes, skipped, records, emptyLines }: Claimed,
    routes: readonly string[],
    readMs: number,
    onCommit: (range: OpenRange) => void,
  ) {
    this.readMs = readMs;
    this.#onCommit = onCommit;
    addAmounts(this.columns.skipped, skipped as Amounts);
    this.columns.readBytes = bytes - sumOf(this.columns.skipped);
    this.columns.framed = records;
    for (const route of routes) {
      const columns = this.columns.route(route);
      columns.framed = records;
      addAmount(columns.dropped, 'empty_line', emptyLines);
    }
  }

  count(route: string, outcome: Outcome, records: number, reason: string): void {
    this.columns.count(route, outcome, records, reason);
  }

  onCommit(commitment: Commitment): void {
    (this.#commitments ??= []).push(commitment);
  }

  commit(): void {
    this.#onCommit(this);
    for (const commitment of this.#commitments ?? []) commitment.commit();
  }
  /** It is read again: an answer that still comes commits nothing. */
  giveUp(): void {
    for (const commitment of this.#commitments ?? []) commitment.giveUp?.();
    this.#commitments = undefined;
  }
}
