import type { Clock } from '../core/clock.ts';

/** What may come in for ever without making the agent busy: a sidecar of an application that logs little. */
const QUIET_BYTES_PER_SECOND = 64 * 1024;

/** How much more than that makes it busy: a second of a fast application, or what lies there at the start. */
const BUSY_BYTES = 1024 * 1024;

/** What a batch weighs besides its bytes: finding, opening and reading a file, and a request cost more than a line. */
const BATCH_BYTES = 2048;

/**
 * Notices when more comes in than a quiet agent reads: a bucket that each batch fills and that leaks steadily. It tells
 * once, when the bucket has run over, or will at once.
 */
export class BusyGauge {
  readonly #clock: Clock;
  #onBusy: (() => void) | undefined;
  #level = 0;
  #lastMs: number;

  constructor(clock: Clock, onBusy: () => void) {
    this.#clock = clock;
    this.#onBusy = onBusy;
    this.#lastMs = clock.nowMs();
  }

  /** Counts a batch with that many bytes. `bytesBehind`: what lies behind them already, and is about to come in. */
  add(bytes: number, bytesBehind = 0): void {
    if (this.#onBusy === undefined) return;
    const nowMs = this.#clock.nowMs();
    const leaked = ((nowMs - this.#lastMs) / 1000) * QUIET_BYTES_PER_SECOND;
    this.#lastMs = nowMs;
    this.#level = Math.max(0, this.#level - leaked) + BATCH_BYTES + bytes;
    if (this.#level + bytesBehind < BUSY_BYTES) return;
    const onBusy = this.#onBusy;
    this.#onBusy = undefined;
    onBusy();
  }
}
