import type { RequestBody } from '../codec/request-body.ts';
import type { RequestEncoder } from '../codec/request-encoder.ts';
import { type Lease, type Outcome, worse } from '../core/lease.ts';

/** The records of one batch in one request: those from the end of the claim before it up to `end`. */
interface Claim {
  readonly lease: Lease;
  /** The name of the stream that they come from. */
  readonly stream: string;
  readonly end: number;
  outcome: Outcome;
}

/**
 * Records on their way to a peer, with the leases that wait for their answers; or points of metrics, for which nobody
 * does.
 *
 * ```
 *  records  0 . . . . . . . | . . . | . . . . .      encoder
 *  claims   lease a      end| b  end| c      end
 *  answered ------------------->                     a is settled, b waits for its last record
 * ```
 * Answers come for runs of records, from the first record to the last without a gap.
 */
export class Request<Body extends RequestBody = RequestEncoder> {
  readonly encoder: Body;
  /** Whether it has waited as long as a request may, so that it goes out as soon as there is room. */
  isDue = false;
  readonly #claims: Claim[] = [];
  #unsettled = 0;
  /** Records from the start that have an outcome. */
  #answered = 0;

  /** `encoder` must be empty. */
  constructor(encoder: Body) {
    this.encoder = encoder;
  }

  /**
   * Says that the records since the last claim come from the range of `lease` in the stream of that name, and keeps a
   * hold of the lease if there are any.
   */
  claim(lease: Lease, stream: string): void {
    const end = this.encoder.recordCount;
    if (end === (this.#claims.at(-1)?.end ?? 0)) return;
    lease.retain();
    this.#claims.push({ lease, stream, end, outcome: 'delivered' });
  }

  /** The name of the stream that a record comes from. O(claims). */
  streamOf(record: number): string {
    return this.#claims.find(({ end }) => record < end)?.stream ?? '';
  }

  /**
   * Says what became of the records from the last answered one up to `to`, which is counted; `reason` is a word of the
   * ledger's closed list. Settles every claim that ends there.
   */
  settle(to: number, outcome: Outcome, reason = ''): void {
    while (this.#answered < to) {
      const claim = this.#claims[this.#unsettled];
      if (claim === undefined) return;
      claim.outcome = worse(claim.outcome, outcome);
      const end = Math.min(claim.end, to);
      claim.lease.count(outcome, end - this.#answered, reason);
      this.#answered = end;
      if (claim.end > to) return;
      this.#unsettled++;
      claim.lease.settle(claim.outcome);
    }
  }
}
