/**
 * How a range of input ended. Worst wins: delivered < dropped < rejected < abandoned. An abandoned range was stopped
 * before its answer came; the checkpoint stays before it, and it is read again.
 */
export type Outcome = 'delivered' | 'dropped' | 'rejected' | 'abandoned';

const RANK: Record<Outcome, number> = { delivered: 0, dropped: 1, rejected: 2, abandoned: 3 };

/** The worse of two outcomes. */
export function worse(a: Outcome, b: Outcome): Outcome {
  return RANK[a] >= RANK[b] ? a : b;
}

/** What counts together with a range of input: once, and never when the range is read again. */
export interface Commitment {
  /** The range is committed: no checkpoint from now on lies before it. Called at most once, at once, and must not throw. */
  commit(): void;
  /** The range was given up in this life: it is read again, and counts then. Nothing is committed after that. */
  giveUp?(): void;
}

/** The records of one range as they are counted, for each route that they take. */
export interface RangeTally {
  /** Counts what became of `records` records; `reason` is a word of the ledger's closed lists, or empty. */
  count(route: string, outcome: Outcome, records: number, reason: string): void;
  /** Commits this too when the range is committed. */
  onCommit(commitment: Commitment): void;
  /** Says that the range will not be read again: from now on what was counted stands, also after a restart. */
  commit(): void;
}

/**
 * The claim on one range of input. It starts with one hold; it settles when the last hold does, with the worst outcome
 * of them all.
 */
export interface Lease {
  /** Adds a hold. Every hold must be settled once. */
  retain(): void;
  /** Says what became of `records` records of the range: whoever has a hold says it before settling that hold. */
  count(outcome: Outcome, records: number, reason?: string): void;
  /** The same claim for one route (see `routeName()`): what is counted there is counted for that route. */
  onRoute(route: string): Lease;
  /** Commits this together with the range; see `Commitment`. For whoever has a hold, before settling it. */
  onCommit(commitment: Commitment): void;
  /** Gives one hold back. */
  settle(outcome: Outcome): void;
  /** Makes this lease stand for `other` too: `other` gets a hold that settles when this lease does. */
  carry(other: Lease): void;
}

/** A lease that calls `onSettled` once, with the worst outcome, when its last hold is settled. */
export class CountedLease implements Lease {
  #holds = 1;
  #outcome: Outcome = 'delivered';
  #carried: Lease[] | undefined;
  /** What waits for the end of a range that nobody tallies. */
  #commitments: Commitment[] | undefined;
  readonly #onSettled: (outcome: Outcome) => void;
  readonly #tally: RangeTally | undefined;

  /** Without a `tally` nothing is counted, and the range counts as committed once it is settled. */
  constructor(onSettled: (outcome: Outcome) => void, tally?: RangeTally) {
    this.#onSettled = onSettled;
    this.#tally = tally;
  }

  count(outcome: Outcome, records: number, reason = ''): void {
    if (records > 0) this.#tally?.count('', outcome, records, reason);
  }

  onRoute(route: string): Lease {
    return this.#tally === undefined ? this : new RoutedLease(this, this.#tally, route);
  }

  onCommit(commitment: Commitment): void {
    if (this.#tally === undefined) (this.#commitments ??= []).push(commitment);
    else this.#tally.onCommit(commitment);
  }

  retain(): void {
    if (this.#holds === 0) throw new Error('Cannot retain lease: already settled');
    this.#holds++;
  }

  settle(outcome: Outcome): void {
    if (this.#holds === 0) throw new Error('Cannot settle lease: already settled');
    this.#outcome = worse(this.#outcome, outcome);
    if (--this.#holds > 0) return;
    this.#onSettled(this.#outcome);
    if (this.#outcome !== 'abandoned') for (const commitment of this.#commitments ?? []) commitment.commit();
    for (const other of this.#carried ?? []) other.settle(this.#outcome);
  }

  carry(other: Lease): void {
    if (this.#holds === 0) throw new Error('Cannot carry lease: already settled');
    other.retain();
    (this.#carried ??= []).push(other);
  }
}

/** A lease as one route sees it. */
class RoutedLease implements Lease {
  readonly #lease: CountedLease;
  readonly #tally: RangeTally;
  readonly #route: string;

  constructor(lease: CountedLease, tally: RangeTally, route: string) {
    this.#lease = lease;
    this.#tally = tally;
    this.#route = route;
  }

  retain(): void {
    this.#lease.retain();
  }

  count(outcome: Outcome, records: number, reason = ''): void {
    if (records > 0) this.#tally.count(this.#route, outcome, records, reason);
  }

  onRoute(route: string): Lease {
    return this.#lease.onRoute(route);
  }

  onCommit(commitment: Commitment): void {
    this.#lease.onCommit(commitment);
  }

  settle(outcome: Outcome): void {
    this.#lease.settle(outcome);
  }

  carry(other: Lease): void {
    this.#lease.carry(other);
  }
}
