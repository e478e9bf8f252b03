import { CountedLease, type Lease, type Outcome, type RangeTally } from '../../core/lease.ts';
import type { RemoteCount, SettledLease } from './messages.ts';

/** What became of a range, until it is told to who has claimed it. */
class RemoteTally implements RangeTally {
  readonly counts: RemoteCount[] = [];

  count(route: string, outcome: Outcome, records: number, reason: string): void {
    this.counts.push({ route, outcome, records, reason });
  }

  onCommit(): void {
    throw new Error('Cannot commit anything together with a range of another thread');
  }

  commit(): void {}
}

/** The claims of another thread on ranges of input. What settles in one turn of the event loop is told at once. */
export class RemoteLeases {
  readonly #tell: (settled: readonly SettledLease[]) => void;
  #settled: SettledLease[] = [];

  constructor(tell: (settled: readonly SettledLease[]) => void) {
    this.#tell = tell;
  }

  /** A claim for the one that is called `lease` over there. */
  open(lease: number): Lease {
    const tally = new RemoteTally();
    return new CountedLease((outcome) => this.#add({ lease, outcome, counts: tally.counts }), tally);
  }

  /** Tells what has settled, now. */
  flush(): void {
    if (this.#settled.length === 0) return;
    const settled = this.#settled;
    this.#settled = [];
    this.#tell(settled);
  }

  #add(settled: SettledLease): void {
    if (this.#settled.length === 0) setImmediate(() => this.flush());
    this.#settled.push(settled);
  }
}
