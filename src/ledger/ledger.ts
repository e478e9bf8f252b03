import type { Clock } from '../core/clock.ts';
import type { CheckpointSection } from '../core/contracts.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { SourceLedger } from './source-ledger.ts';

/**
 * The books of an agent. For every stream and every route (a pipeline and one of its sinks) they hold
 *
 * ```
 *  records  framed = delivered + dropped{reason} + rejected{reason} + in_flight + abandoned
 *  bytes    seen   = read + skipped{reason} + gone{reason} + unread
 * ```
 * The left and the right of each line are counted in different places, so that a difference, `unaccounted`, is a bug and
 * nothing else. They have a section of the checkpoint: it is written together with the offsets.
 */
export class Ledger {
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  readonly #sources = new Map<string, SourceLedger>();
  /** What the last life left; of sources that this one does not have, it stays as it is. */
  readonly #stored: ReadonlyMap<string, unknown>;

  constructor(metrics: Metrics, clock: Clock, section: CheckpointSection) {
    this.#metrics = metrics;
    this.#clock = clock;
    const { sources } = (section.restored ?? {}) as Record<string, unknown>;
    this.#stored = new Map(Object.entries(sources ?? {}));
    section.provide(() => ({ sources: this.#toStored() }));
  }

  /** The books of a source, whose records take these routes. Once a source. */
  open(source: string, routes: readonly string[]): SourceLedger {
    const ledger = new SourceLedger({
      source,
      routes,
      metrics: this.#metrics,
      clock: this.#clock,
      stored: this.#stored.get(source),
    });
    this.#sources.set(source, ledger);
    return ledger;
  }

  sources(): Iterable<SourceLedger> {
    return this.#sources.values();
  }

  #toStored(): Record<string, unknown> {
    const present = Array.from(this.#sources, ([name, source]) => [name, source.toStored()] as const);
    return Object.fromEntries([...this.#stored, ...present]);
  }
}
