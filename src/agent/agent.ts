import type { SinkContext, SourceContext } from '../component/definition.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import type { Clock } from '../core/clock.ts';
import type { CheckpointSection, Sink, Source } from '../core/contracts.ts';
import { messageOf } from '../core/errors.ts';
import { KeyTable } from '../core/key-table.ts';
import { BatchPool } from '../pipeline/batch-pool.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import { SourceOutput } from '../pipeline/source-output.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface AgentOptions {
  readonly config: AgentConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** `pillion/<version>`. */
  readonly userAgent: string;
  readonly checkpoint: Checkpoint;
}

/** Where the sources keep how far they came. */
export interface Checkpoint {
  /** The folder it is kept in; undefined: nowhere. */
  readonly folder?: string;
  section(name: string): CheckpointSection;
  /** Writes what changed, and lets the place go. Resolves with whether everything is written. */
  close(): Promise<boolean>;
}

/**
 * How many batches of a source may be out at once: one is filled by a read while another goes through the stages, and a
 * third waits for a sink.
 */
const BATCHES_PER_SOURCE = 3;

interface RunningSource {
  readonly name: string;
  readonly source: Source;
  readonly output: SourceOutput;
}

/**
 * Sources, pipelines and sinks of one configuration, built and run: the one place that knows them all.
 *
 * It ends in the order of the way of a line: sources read to their end, batches go through the stages, sinks send and
 * wait for the answers, the checkpoint is written. `stop` cuts each of these short.
 */
export class Agent {
  readonly #options: AgentOptions;
  readonly #sinks = new Map<string, Sink>();
  readonly #pipelines: Pipeline[] = [];
  readonly #sources: RunningSource[] = [];
  readonly #drain = new AbortController();
  readonly #stop = new AbortController();
  #failure: unknown;

  /** Builds every component. Throws an OperatorError when one cannot be built. */
  constructor(options: AgentOptions) {
    this.#options = options;
    const { config, clock, logger, metrics, userAgent, checkpoint } = options;
    const keys = new KeyTable();
    const common = { clock, logger, metrics, keys };
    for (const { name, definition, options } of config.sinks) {
      const context: SinkContext = { ...common, name, userAgent };
      this.#sinks.set(name, definition.build(options, context));
    }
    const ways = new Map<string, Pipeline[]>(config.sources.map(({ name }) => [name, []]));
    for (const { name, from, stages, to } of config.pipelines) {
      const built = stages.map(({ definition, options }, index) =>
        definition.build(options, { ...common, name: `${name}/${index + 1}` }),
      );
      const pipeline = new Pipeline(
        name,
        built,
        to.map((sink) => this.#sinks.get(sink)!),
      );
      this.#pipelines.push(pipeline);
      for (const source of from) ways.get(source)!.push(pipeline);
    }
    for (const { name, definition, options } of config.sources) {
      const pipelines = ways.get(name)!;
      if (pipelines.length === 0) continue;
      const pool = new BatchPool(BATCHES_PER_SOURCE, keys, () => clock.unixMs());
      const output = new SourceOutput(pool, pipelines, {
        stop: this.#stop.signal,
        abandoned: metrics.counter('pillion_sink_abandoned_records_total', { source: name }),
        onError: (error) => this.#fail(`Cannot process records of source "${name}"`, error),
      });
      const context: SourceContext = {
        ...common,
        name,
        resource: config.resource,
        checkpoint: checkpoint.section(`source/${name}`),
        stateFolder: checkpoint.folder,
        ownPaths: [...config.sources, ...config.sinks].flatMap(
          ({ definition, options }) => definition.writes?.(options) ?? [],
        ),
      };
      this.#sources.push({ name, source: definition.build(options, context), output });
    }
  }

  /** Asks the agent to read what is there to its end, deliver it, and end; `drain_timeout` later it stops. */
  drain(): void {
    if (this.#drain.signal.aborted) return;
    this.#drain.abort();
    // A sink that waits for its next attempt tries at once; what it then still cannot send is sent at the end.
    for (const sink of this.#sinks.values()) void sink.flush(this.#stop.signal);
  }

  /** Ends the agent now; what is unread or unanswered stays for the next start. */
  stop(): void {
    this.#drain.abort();
    this.#stop.abort();
  }

  /**
   * Runs until every source has ended, by itself or by `drain()`, and all is delivered. Rejects, after an orderly end,
   * when a component failed.
   */
  async run(): Promise<{ readonly drainMs: number; readonly isCheckpointed: boolean }> {
    const { clock, config, logger } = this.#options;
    let drainStartMs = clock.nowMs();
    const startDrain = (): void => {
      drainStartMs = clock.nowMs();
      void clock.sleep(config.drainTimeoutMs, this.#stop.signal).then(() => {
        if (!this.#stop.signal.aborted)
          logger.error('The drain took too long: stopping before everything is delivered.');
        this.stop();
      });
    };
    this.#drain.signal.addEventListener('abort', startDrain, { once: true });
    await Promise.all(this.#sources.map((running) => this.#runSource(running)));
    this.#drain.abort();
    await Promise.all(this.#sources.map(({ output }) => output.idle()));
    await Promise.all([...this.#sinks.values()].map((sink) => sink.flush(this.#stop.signal)));
    const isCheckpointed = await this.#close();
    if (this.#failure !== undefined) throw this.#failure;
    return { drainMs: clock.nowMs() - drainStartMs, isCheckpointed };
  }

  async #runSource({ name, source, output }: RunningSource): Promise<void> {
    try {
      await source.run(output, { drain: this.#drain.signal, stop: this.#stop.signal });
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#fail(`Source "${name}" failed`, error);
    }
  }

  async #close(): Promise<boolean> {
    this.#stop.abort();
    for (const pipeline of this.#pipelines) await pipeline.close();
    for (const sink of this.#sinks.values()) await sink.close();
    return this.#options.checkpoint.close();
  }

  /** Remembers the first failure and ends the agent: it must not go on as if nothing were missing. */
  #fail(what: string, error: unknown): void {
    this.#options.logger.error({ error: messageOf(error) }, `${what}; the agent ends.`);
    this.#failure ??= error;
    this.stop();
  }
}
