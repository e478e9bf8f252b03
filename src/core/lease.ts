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

/**
 * The claim on one range of input. It starts with one hold; it settles when the last hold does, with the worst outcome
 * of them all.
 */
export interface Lease {
  /** Adds a hold. Every hold must be settled once. */
  retain(): void;
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
  readonly #onSettled: (outcome: Outcome) => void;

  constructor(onSettled: (outcome: Outcome) => void) {
    this.#onSettled = onSettled;
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
    for (const other of this.#carried ?? []) other.settle(this.#outcome);
  }

  carry(other: Lease): void {
    if (this.#holds === 0) throw new Error('Cannot carry lease: already settled');
    other.retain();
    (this.#carried ??= []).push(other);
  }
}
