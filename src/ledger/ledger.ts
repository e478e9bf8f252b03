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
  /** The books of readers that are no more, to which answers may still come. */
  readonly #retired = new Map<string, SourceLedger>();
  /** What the last life left, by reader; of sources that this one does not have, it stays as it is. */
  readonly #stored: Map<string, unknown>;

  constructor(metrics: Metrics, clock: Clock, section: CheckpointSection) {
    this.#metrics = metrics;
    this.#clock = clock;
    const { sources } = (section.restored ?? {}) as Record<string, unknown>;
    this.#stored = new Map(Object.entries(sources ?? {}));
    section.provide(() => ({ sources: Object.fromEntries(this.#toStored()) }));
  }

  /** The books of a source as they are stored, by the name of each reader that it has or had. */
  peek(source: string): Map<string, unknown> {
    const all = this.#toStored();
    for (const reader of all.keys()) if (reader !== source && !reader.startsWith(`${source}/`)) all.delete(reader);
    return all;
  }

  /** Gives up the books of a reader: those of another one hold them. */
  forget(reader: string): void {
    this.retire(reader);
    this.#retired.delete(reader);
    this.#stored.delete(reader);
  }

  /** Closes the books of a reader that is no more: they are stored, and no longer shown. */
  retire(reader: string): void {
    const ledger = this.#sources.get(reader);
    if (ledger === undefined) return;
    ledger.retire();
    this.#sources.delete(reader);
    this.#retired.set(reader, ledger);
  }

  /**
   * The books of a reader, whose records take these routes; they go on from `stored`. Once a reader, which is called as
   * its source is, or `<source>/<sink>` where the source has several.
   */
  open(reader: string, routes: readonly string[], stored?: unknown): SourceLedger {
    this.forget(reader);
    const metrics = this.#metrics.scope();
    const ledger = new SourceLedger({ source: reader, routes, metrics, clock: this.#clock, stored });
    this.#sources.set(reader, ledger);
    return ledger;
  }

  sources(): Iterable<SourceLedger> {
    return this.#sources.values();
  }

  #toStored(): Map<string, unknown> {
    const present = [...this.#retired, ...this.#sources];
    return new Map([...this.#stored, ...present.map(([name, source]) => [name, source.toStored()] as const)]);
  }
}
