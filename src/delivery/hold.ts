import type { SendResult, SinkState } from '../core/contracts.ts';

/** Why a destination lets nobody in. */
export type Refusal = Extract<SendResult, { status: 'refused' }>;

/**
 * Keeps the requests of one sink back while its destination lets nobody in: a token has expired, an address or a
 * certificate is wrong. One request, the first that was refused, asks again; the others wait until it hears something
 * else. So a destination that is wrong for hours is asked once in a back-off, and not by every request.
 *
 * ```
 *  open --(a request is refused)--> held: that request is the probe --(the probe is not refused)--> open
 * ```
 */
export class Hold {
  #probe: object | undefined;
  #refusal: Refusal | undefined;
  #waiters: (() => void)[] = [];

  /** What is wrong now, or that nothing is. */
  get state(): SinkState {
    const refusal = this.#refusal;
    if (refusal === undefined) return { kind: 'ready' };
    return { kind: 'held', message: refusal.error.message, cure: refusal.cure };
  }

  /** Whether `request` may be sent. */
  isOpenTo(request: object): boolean {
    return this.#probe === undefined || this.#probe === request;
  }

  /** Resolves when `request` may be sent, or `wake()` is called. */
  pass(request: object): Promise<void> {
    if (this.isOpenTo(request)) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** `request` was refused. The first to be becomes the probe. True: nobody has heard this from the destination yet. */
  refuse(request: object, refusal: Refusal): boolean {
    const isNew = this.#refusal?.reason !== refusal.reason;
    this.#probe ??= request;
    this.#refusal = refusal;
    return isNew;
  }

  /** `request` was not refused. True: it was the probe, and all may go on. */
  lift(request: object): boolean {
    if (this.#probe !== request) return false;
    this.#probe = undefined;
    this.#refusal = undefined;
    this.wake();
    return true;
  }

  /** Lets those who wait look around: they may have to stop. */
  wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
