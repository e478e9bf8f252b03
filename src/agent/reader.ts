import type { Legacy, Readiness, Sink, Source, Standpoint } from '../core/contracts.ts';
import type { Outcome } from '../core/lease.ts';
import type { SourceLedger } from '../ledger/source-ledger.ts';
import type { BatchOutput } from '../pipeline/batch-output.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type PlannedReader, type PlannedSource, routesOf } from './plan-readers.ts';

/** What a reader writes into, which may outlive its source. */
export interface ReaderOutput {
  readonly output: BatchOutput;
  /** Has it give up waiting for sinks; what it holds is abandoned then. */
  readonly abandon: AbortController;
  readonly ledger: SourceLedger;
}

/** A source, or one of its readers, and where its batches go. */
export class Reader {
  readonly name: string;
  readonly source: PlannedSource;
  readonly into: ReaderOutput;
  /** Whether it took over, or came in, while the agent was running: then nobody waits for its start. */
  readonly isLate: boolean;
  #plan: PlannedReader;
  readonly #source: Source;
  readonly #metrics: Metrics;
  readonly #drain = new AbortController();
  readonly #stop = new AbortController();
  #ended: Promise<void> = Promise.resolve();
  #isLeaving = false;
  /** The sinks that show the metrics of the source, and what ends that. */
  #shown = new Map<Sink, () => void>();

  constructor(parts: {
    readonly source: PlannedSource;
    readonly plan: PlannedReader;
    readonly built: Source;
    readonly into: ReaderOutput;
    /** What the source has shown; it goes with it. */
    readonly metrics: Metrics;
    readonly isLate: boolean;
  }) {
    this.name = parts.plan.name;
    this.source = parts.source;
    this.into = parts.into;
    this.isLate = parts.isLate;
    this.#plan = parts.plan;
    this.#source = parts.built;
    this.#metrics = parts.metrics;
  }

  /** What it reads for, and by which pipelines. */
  get plan(): PlannedReader {
    return this.#plan;
  }

  /** Whether nothing that is written from now on is missed. */
  get hasStarted(): boolean {
    return this.isLate || (this.#source.hasStarted ?? true);
  }

  /** What it says of the readiness of the pod; undefined: nothing. */
  get readiness(): Readiness | undefined {
    return this.#source.readiness;
  }

  /** Has the sinks show the metrics of the source, in place of those that did; one that does already goes on. */
  showMetrics(sinks: ReadonlyMap<string, Sink>): void {
    const { metrics } = this.#source;
    const before = this.#shown;
    this.#shown = new Map();
    for (const name of this.#plan.sinks) {
      const sink = sinks.get(name);
      const hide = sink && metrics && (before.get(sink) ?? sink.addMetrics?.(metrics));
      if (sink === undefined || hide === undefined) continue;
      this.#shown.set(sink, hide);
      before.delete(sink);
    }
    for (const hide of before.values()) hide();
  }

  /** Has what it reads from now on take other ways; see `SourceOutput.use()`. */
  use(
    plan: PlannedReader,
    pipelines: readonly Pipeline[],
    options: { readonly afterOthers: boolean },
  ): Promise<Outcome> {
    this.#plan = plan;
    // In the same turn of the event loop: what is claimed for these routes is sent on these ways.
    this.into.ledger.useRoutes(routesOf(plan));
    return this.into.output.use(pipelines, options);
  }

  /** Reads until its input ends, or until it is asked to end. Rejects when the source failed, and was not stopped. */
  run(): Promise<void> {
    const run = this.#run();
    this.#ended = run.catch(() => undefined);
    return run;
  }

  async #run(): Promise<void> {
    const stop = this.#stop.signal;
    try {
      await this.#source.run(this.into.output, { drain: this.#drain.signal, stop });
    } catch (error) {
      if (!stop.aborted) throw error;
    } finally {
      if (!this.#isLeaving) this.into.output.hurry();
    }
  }

  /** Asks it to read what is there to its end. */
  drain(): void {
    this.#drain.abort();
    this.into.output.hurry();
  }

  /** Ends its reading now, whatever is unread; what was read goes on its way. */
  stop(): void {
    this.drain();
    this.#stop.abort();
  }

  /** Gives up, too, what no sink has taken yet. */
  abandon(): void {
    this.stop();
    this.into.abandon.abort();
  }

  /**
   * Stops it for another one. Resolves once it reads no more, with the function that gives what it leaves; that one must
   * be called, and what it gives be closed.
   */
  async leave(): Promise<(from: Standpoint) => Promise<Legacy | undefined>> {
    const bequeath = this.#source.bequeath?.();
    // Not in a hurry: another one may go on writing into its output.
    this.#isLeaving = true;
    this.#drain.abort();
    this.#stop.abort();
    await this.#ended;
    return async (from) => bequeath?.(from);
  }

  /** Takes what it showed out of the metrics of the agent and out of the sinks. */
  retire(): void {
    this.#metrics.retire();
    for (const hide of this.#shown.values()) hide();
    this.#shown.clear();
  }
}
