import type { SendResult, Transport } from '../core/contracts.ts';
import type { Backoff } from './backoff.ts';
import type { Compressor } from './compression.ts';
import type { DeliveryCounters } from './delivery-counters.ts';
import type { DeliveryLog } from './delivery-log.ts';
import { ConnectionError } from './http-answer.ts';
import type { Pacer } from './pacer.ts';
import type { Request } from './request.ts';

export interface RequestSenderOptions {
  readonly transport: Transport;
  readonly compressor: Compressor;
  readonly pacer: Pacer;
  readonly createBackoff: () => Backoff;
  readonly counters: DeliveryCounters;
  readonly log: DeliveryLog;
  /** Called with the size of a request that the peer found too large, before compression. */
  readonly onTooLarge: (bytes: number) => void;
}

/** The records [from, to) of a request, which go out as one body. */
interface Part {
  readonly from: number;
  readonly to: number;
}

/** An answer that ends the attempts. */
type FinalResult = Exclude<SendResult, { status: 'retryable' }>;

/**
 * Brings one request at a time to its end, whatever the peer answers. A request begins as one part; what the peer will
 * not take whole becomes two smaller parts, which are sent one after the other, front to back. So the answered records
 * are always a prefix of the request, and no two bodies of one encoder are needed at once.
 */
export class RequestSender {
  readonly #options: RequestSenderOptions;

  constructor(options: RequestSenderOptions) {
    this.#options = options;
  }

  /**
   * Sends all records of `request` and settles all its claims. Never gives up before `stop` aborts: then what is not
   * answered is abandoned. Nothing reads the encoder once the promise is resolved.
   */
  async deliver(request: Request, stop: AbortSignal): Promise<void> {
    const { encoder } = request;
    const backoff = this.#options.createBackoff();
    const parts: Part[] = [{ from: 0, to: encoder.recordCount }];
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const body = encoder.body(part.from, part.to);
      const wire = await this.#options.compressor.compress(body);
      const size = { bodyBytes: body.length, wireBytes: wire.length };
      const result = await this.#sendUntilAnswered(wire, part.to - part.from, backoff, stop);
      this.#options.compressor.release(wire);
      if (result === undefined) {
        this.#abandon(request, part.from);
        return;
      }
      parts.push(...this.#conclude(request, part, result, size));
    }
  }

  /** Counts and settles the records of `request` from `from` on as abandoned. */
  #abandon(request: Request, from: number): void {
    this.#options.counters.abandoned.add(request.encoder.recordCount - from);
    request.settle(request.encoder.recordCount, 'abandoned');
  }

  /** The same bytes, again and again, until there is an answer for good; undefined: stopped first. */
  async #sendUntilAnswered(
    wire: Uint8Array,
    records: number,
    backoff: Backoff,
    stop: AbortSignal,
  ): Promise<FinalResult | undefined> {
    const { transport, pacer, counters, log } = this.#options;
    let waitMs = 0;
    let failure: Error | undefined;
    for (;;) {
      // Who hurries has little time: the waits begin small again.
      if (await pacer.wait(waitMs)) backoff.reset();
      if (stop.aborted) return undefined;
      if (failure !== undefined && mayHaveArrived(failure)) counters.resent.add(records);
      const result = await transport.send(wire, stop);
      if (result.status !== 'retryable') {
        counters.requests(result.status).add(1);
        backoff.reset();
        log.answered();
        return result;
      }
      if (stop.aborted) return undefined;
      counters.requests(result.status).add(1);
      const { error, retryAfterMs = 0 } = result;
      // A connection that went away while nobody used it says nothing about the peer: once, the next try is at once.
      if (isStale(error) && !(failure !== undefined && isStale(failure))) {
        waitMs = 0;
      } else {
        // On top of what the peer asked for, so that not every agent is back in the same moment.
        waitMs = retryAfterMs + backoff.nextMs();
        if (retryAfterMs > 0) pacer.pause(retryAfterMs);
        log.retrying(error, waitMs);
      }
      failure = error;
    }
  }

  /** Counts and settles what the peer said about a part; the parts that are left of it, the first one last. */
  #conclude(
    request: Request,
    part: Part,
    result: FinalResult,
    size: { readonly bodyBytes: number; readonly wireBytes: number },
  ): Part[] {
    const { counters, log } = this.#options;
    const records = part.to - part.from;
    switch (result.status) {
      case 'delivered': {
        // No peer can refuse more records than it got, or fewer than none.
        const rejected = Math.min(Math.max(result.rejectedRecords, 0), records);
        counters.delivered.add(records - rejected);
        counters.sentBytes.add(size.wireBytes);
        if (rejected > 0) counters.rejected('partial_success').add(rejected);
        if (rejected > 0 || result.message !== undefined) log.partialSuccess(rejected, result.message ?? '');
        request.settle(part.to, rejected > 0 ? 'rejected' : 'delivered');
        return [];
      }
      case 'too_large': {
        if (records === 1) return this.#reject(request, part, 'too_large', result.error);
        log.halving(result.error, size.bodyBytes);
        this.#options.onTooLarge(size.bodyBytes);
        const middle = part.from + (records >> 1);
        return [
          { from: middle, to: part.to },
          { from: part.from, to: middle },
        ];
      }
      case 'rejected':
        return this.#reject(request, part, result.reason, result.error);
      default:
        return result satisfies never;
    }
  }

  #reject(request: Request, part: Part, reason: string, error: Error): Part[] {
    const records = part.to - part.from;
    this.#options.counters.rejected(reason).add(records);
    this.#options.log.rejected(records, reason, error);
    request.settle(part.to, 'rejected');
    return [];
  }
}

/** An answer that asks for another try does not prove that nothing was taken; only a connection never made does. */
function mayHaveArrived(error: Error): boolean {
  return !(error instanceof ConnectionError) || error.mayHaveArrived;
}

function isStale(error: Error): boolean {
  return error instanceof ConnectionError && error.failure === 'stale';
}
