import type { RequestBody } from '../codec/request-body.ts';
import { Attempts, type AttemptsOptions, type Conclusion } from './attempts.ts';
import { Bisection, halvesOf, type Part } from './bisection.ts';
import type { Compressor } from './compression.ts';
import type { DeadLetter, DeadRecord } from './dead-letter.ts';
import type { Pace } from './pace.ts';
import type { Request } from './request.ts';

export interface RequestDeliveryOptions extends AttemptsOptions {
  readonly compressor: Compressor;
  readonly pace: Pace;
  /** Where rejected records are set aside; undefined: nowhere. */
  readonly deadLetter: DeadLetter | undefined;
  /** Called with the size of a request that the peer found too large, before compression. */
  readonly onTooLarge: (bytes: number) => void;
  /** Called when a request has ended: with the error when several of its records were rejected and none was taken. */
  readonly onEnded: (rejection: Error | undefined) => void;
}

/**
 * Brings one request to its end, whatever the peer answers. A request begins as one part; what the peer will not take
 * whole becomes two smaller parts, which are sent one after the other, front to back. So the answered records are always
 * a prefix of the request, and no two bodies of one encoder are needed at once.
 */
export class RequestDelivery {
  readonly #options: RequestDeliveryOptions;
  readonly #request: Request<RequestBody>;
  readonly #attempts: Attempts;
  readonly #bisection: Bisection;
  /** Whether the peer has taken a part. */
  #isTaken = false;
  #rejectedRecords = 0;
  #rejection: Error | undefined;

  constructor(options: RequestDeliveryOptions, request: Request<RequestBody>, stop: AbortSignal) {
    this.#options = options;
    this.#request = request;
    this.#attempts = new Attempts(options, stop);
    this.#bisection = new Bisection(request.encoder.recordCount);
  }

  /**
   * Sends all records and settles all claims. Never gives up before the signal aborts: then what is not answered is
   * abandoned. Nothing reads the encoder once the promise is resolved.
   */
  async run(): Promise<void> {
    const { compressor, pace } = this.#options;
    const { encoder } = this.#request;
    const parts: Part[] = [{ from: 0, to: encoder.recordCount, mayHaveArrived: false }];
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const body = encoder.body(part.from, part.to);
      const records = part.to - part.from;
      if (records > 1 && body.length > pace.maxBytes) {
        parts.push(...halvesOf(part, part.mayHaveArrived));
        continue;
      }
      const wire = await compressor.compress(body);
      const size = { bodyBytes: body.length, wireBytes: wire.length };
      const conclusion = await this.#attempts.send(wire, records, part.mayHaveArrived);
      compressor.release(wire);
      if (conclusion === undefined) {
        this.#abandon(part.from);
        return;
      }
      parts.push(...(await this.#conclude(part, conclusion, size)));
    }
    // One rejected record says nothing about the peer.
    if (this.#isTaken || this.#rejectedRecords > 1) this.#options.onEnded(this.#isTaken ? undefined : this.#rejection);
  }

  /** Counts and settles the records from `from` on as abandoned. */
  #abandon(from: number): void {
    const { recordCount } = this.#request.encoder;
    this.#options.counters.abandoned.add(recordCount - from);
    this.#request.settle(recordCount, 'abandoned');
  }

  /** Counts and settles what the peer said about a part; the parts that are left of it, the first one last. */
  async #conclude(
    part: Part,
    conclusion: Conclusion,
    size: { readonly bodyBytes: number; readonly wireBytes: number },
  ): Promise<Part[]> {
    const { log, pace, onTooLarge } = this.#options;
    const records = part.to - part.from;
    const { bodyBytes } = size;
    switch (conclusion.status) {
      case 'delivered':
        pace.inTime();
        this.#deliver(part, conclusion, size.wireBytes);
        return [];
      case 'too_large':
        if (records === 1) return this.#reject(part, 'too_large', conclusion.error);
        log.halving('too_large', conclusion.error, bodyBytes);
        onTooLarge(bodyBytes);
        return halvesOf(part, false);
      case 'poisoned':
        if (!this.#bisection.mayLookInto(part)) return this.#reject(part, conclusion.reason, conclusion.error);
        log.halving(conclusion.reason, conclusion.error, bodyBytes);
        return halvesOf(part, conclusion.mayHaveArrived);
      case 'slow':
        // The next turn halves it, unless it is as small as it gets.
        pace.tooSlow(bodyBytes);
        return [{ ...part, mayHaveArrived: conclusion.mayHaveArrived }];
      case 'other_form':
        log.otherForm(conclusion.error);
        return [part];
      case 'rejected':
        return this.#reject(part, conclusion.reason, conclusion.error);
      default:
        return conclusion satisfies never;
    }
  }

  #deliver(part: Part, result: Extract<Conclusion, { status: 'delivered' }>, wireBytes: number): void {
    const { counters, log } = this.#options;
    const records = part.to - part.from;
    // No peer can refuse more records than it got, or fewer than none.
    const rejected = Math.min(Math.max(result.rejectedRecords, 0), records);
    this.#isTaken = true;
    counters.delivered.add(records - rejected);
    counters.sentBytes.add(wireBytes);
    if (rejected > 0) counters.rejected('partial_success').add(rejected);
    if (rejected > 0 || result.message !== undefined) log.partialSuccess(rejected, result.message ?? '');
    // Nobody says which: the first ones stand for them.
    this.#request.settle(part.from + rejected, 'rejected', 'partial_success');
    this.#request.settle(part.to, 'delivered');
  }

  /** Settles only after the records were set aside: what settles is not read again. */
  async #reject(part: Part, reason: string, error: Error): Promise<Part[]> {
    const { counters, log, deadLetter } = this.#options;
    const records = part.to - part.from;
    await deadLetter?.setAside(this.#recordsOf(part), reason, error);
    counters.rejected(reason).add(records);
    log.rejected(records, reason, error);
    this.#rejectedRecords += records;
    this.#rejection = error;
    this.#request.settle(part.to, 'rejected', reason);
    return [];
  }

  /** The records of a part, each as a body of its own. */
  *#recordsOf({ from, to }: Part): Generator<DeadRecord> {
    for (let record = from; record < to; record++) {
      yield { stream: this.#request.streamOf(record), body: this.#request.encoder.body(record, record + 1) };
    }
  }
}
