import type { Clock } from '../core/clock.ts';

/** What may come in for ever without making the agent busy: a sidecar of an application that logs little. */
const QUIET_BYTES_PER_SECOND = 64 * 1024;

/** How much more than that makes it busy: a second of a fast application, or what lies there at the start. */
const BUSY_BYTES = 1024 * 1024;

/** What a batch weighs besides its bytes: finding, opening and reading a file, and a request cost more than a line. */
const BATCH_BYTES = 2048;

/** After so much more, memory has the size that the work needs. */
const SETTLING_BYTES = 32 * 1024 * 1024;

/** Who is told, each once. */
export interface BusyListener {
  /** More comes in than a quiet agent reads. */
  onBusy(): void;
  /** It has been busy for a while: what has grown until now is enough. */
  onSettled(): void;
}

/**
 * Notices when more comes in than a quiet agent reads: a bucket that each batch fills and that leaks steadily. It tells
 * once, when the bucket has run over, or will at once; and once more when much has come in since.
 */
export class BusyGauge {
  readonly #clock: Clock;
  readonly #listener: BusyListener;
  #state: 'quiet' | 'busy' | 'settled' = 'quiet';
  /** How full the bucket is; once it is busy, how much has come in since. */
  #level = 0;
  #lastMs: number;

  constructor(clock: Clock, listener: BusyListener) {
    this.#clock = clock;
    this.#listener = listener;
    this.#lastMs = clock.nowMs();
  }

  /** Counts a batch with that many bytes. `bytesBehind`: what lies behind them already, and is about to come in. */
  add(bytes: number, bytesBehind = 0): void {
    if (this.#state === 'settled') return;
    if (this.#state === 'busy') {
      this.#level += bytes;
      if (this.#level < SETTLING_BYTES) return;
      this.#state = 'settled';
      this.#listener.onSettled();
      return;
    }
    const nowMs = this.#clock.nowMs();
    const leaked = ((nowMs - this.#lastMs) / 1000) * QUIET_BYTES_PER_SECOND;
    this.#lastMs = nowMs;
    this.#level = Math.max(0, this.#level - leaked) + BATCH_BYTES + bytes;
    if (this.#level + bytesBehind < BUSY_BYTES) return;
    this.#state = 'busy';
    this.#level = 0;
    this.#listener.onBusy();
  }
}
