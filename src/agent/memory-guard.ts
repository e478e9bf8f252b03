import type { Clock } from '../core/clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Counter, Metrics } from '../telemetry/metrics.ts';
import type { MemoryUse } from './cgroup-memory.ts';

/** Memory is short above the first share of the limit, and is so until it has fallen below the second. */
const SHORT = 0.8;
const ENOUGH = 0.7;

/** The same for how long something waited for memory, in percent of ten seconds. */
const STALLED_PERCENT = 20;
const FLOWING_PERCENT = 5;

/** How often it looks; in between, whenever so much has come in. */
const INTERVAL_MS = 1000;
const INTERVAL_BYTES = 2 * 1024 * 1024;

/** What a guard watches with, and whom it tells. */
export interface MemoryGuardOptions {
  readonly memory: { read(): MemoryUse };
  /** Is called when memory becomes short, with true, and when there is enough again. */
  readonly onChange: (isShort: boolean) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Keeps the agent below the memory limit of its container: a process that exceeds it is killed. It looks each second,
 * and after each 2 MiB of input, because a fast file fills a small container in less.
 */
export class MemoryGuard {
  readonly #options: MemoryGuardOptions;
  readonly #shortages: Counter;
  #use: MemoryUse;
  #isShort = false;
  #unseenBytes = 0;

  /** Throws what `memory.read()` throws. */
  constructor(options: MemoryGuardOptions) {
    this.#options = options;
    const { memory, metrics } = options;
    this.#use = memory.read();
    this.#shortages = metrics.counter('pillion_memory_shortages_total', {});
    metrics.gauge('pillion_memory_limit_bytes', {}, () => this.#use.limitBytes);
    metrics.gauge('pillion_memory_used_bytes', {}, () => this.#use.usedBytes);
    metrics.gauge('pillion_memory_short', {}, () => (this.#isShort ? 1 : 0));
  }

  /** Looks each second, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#look();
      await this.#options.clock.sleep(INTERVAL_MS, signal);
    }
  }

  /** Counts input of that many bytes. */
  add(bytes: number): void {
    this.#unseenBytes += bytes;
    if (this.#unseenBytes >= INTERVAL_BYTES) this.#look();
  }

  #look(): void {
    const { memory, onChange, logger } = this.#options;
    this.#unseenBytes = 0;
    try {
      this.#use = memory.read();
    } catch {
      // The group is gone, or not for us to see any more: what was known last stays.
      return;
    }
    const { limitBytes, usedBytes, stalledPercent } = this.#use;
    const share = usedBytes / limitBytes;
    const isShort = this.#isShort
      ? share > ENOUGH || stalledPercent > FLOWING_PERCENT
      : share > SHORT || stalledPercent > STALLED_PERCENT;
    if (isShort === this.#isShort) return;
    this.#isShort = isShort;
    const figures = { usedBytes, limitBytes, stalledPercent };
    if (isShort) {
      this.#shortages.add(1);
      logger.warn(figures, 'Memory is short: sinks send smaller requests, one at a time.');
    } else {
      logger.info(figures, 'There is memory enough again.');
    }
    onChange(isShort);
  }
}
