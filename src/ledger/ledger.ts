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
  /** What the last life left, by reader; of sources that this one does not have, it stays as it is. */
  readonly #stored: Map<string, unknown>;

  constructor(metrics: Metrics, clock: Clock, section: CheckpointSection) {
    this.#metrics = metrics;
    this.#clock = clock;
    const { sources } = (section.restored ?? {}) as Record<string, unknown>;
    this.#stored = new Map(Object.entries(sources ?? {}));
    section.provide(() => ({ sources: this.#toStored() }));
  }

  /** Takes out the books that the last life left of a source, by the name of each of its readers. */
  take(source: string): Map<string, unknown> {
    const taken = new Map<string, unknown>();
    for (const [reader, books] of this.#stored) {
      if (reader !== source && !reader.startsWith(`${source}/`)) continue;
      taken.set(reader, books);
      this.#stored.delete(reader);
    }
    return taken;
  }

  /**
   * The books of a reader, whose records take these routes; they go on from `stored`. Once a reader, which is called as
   * its source is, or `<source>/<sink>` where the source has several.
   */
  open(reader: string, routes: readonly string[], stored?: unknown): SourceLedger {
    const ledger = new SourceLedger({ source: reader, routes, metrics: this.#metrics, clock: this.#clock, stored });
    this.#sources.set(reader, ledger);
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
