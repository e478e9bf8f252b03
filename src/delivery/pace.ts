/** A body is never made smaller than this for the sake of speed. */
const MIN_BYTES = 4096;

/**
 * How large a body may be so that a slow peer answers in time. Without limit at first; less after each body that took
 * too long, and an eighth more after each that did not. So a peer that reads 1 KiB a second gets what it can read within
 * the time-out, and one that only hung for a while soon gets whole requests again.
 */
export class Pace {
  #maxBytes = Number.POSITIVE_INFINITY;

  /** The largest body to send, before compression. */
  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** A body of that size was not answered in time. Leaves two thirds, so that either half fits with its head. */
  tooSlow(bytes: number): void {
    this.#maxBytes = Math.min(this.#maxBytes, Math.max(MIN_BYTES, Math.ceil((2 * bytes) / 3)));
  }

  /** A body was answered in time. */
  inTime(): void {
    this.#maxBytes *= 1.125;
  }
}
