import type { ComponentContext, SinkContext, SourceContext } from '../component/definition.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import { writtenFiles } from '../config/check-files.ts';
import type { Clock } from '../core/clock.ts';
import type { CheckpointSection, Sink, Source } from '../core/contracts.ts';
import { messageOf } from '../core/errors.ts';
import { KeyTable } from '../core/key-table.ts';
import { DeadLetterFile } from '../delivery/dead-letter.ts';
import { Ledger } from '../ledger/ledger.ts';
import { routeName } from '../ledger/route-name.ts';
import { BatchPool } from '../pipeline/batch-pool.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import { PipelineEnd } from '../pipeline/pipeline-end.ts';
import { RecordUid } from '../pipeline/record-uid.ts';
import { SourceOutput } from '../pipeline/source-output.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type AgentReport, reportAgent } from './agent-report.ts';
import { buildStages } from './build-stages.ts';
import { DeadLetterAside } from './dead-letter-aside.ts';
import { inherit } from './inherit.ts';
import { type PlannedPipeline, type PlannedReader, type PlannedSource, planReaders } from './plan-readers.ts';
import { UnmatchedLines, type UnmatchedReport } from './unmatched-lines.ts';

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
  /** Takes out what the last life stored under that name and below it (`<name>/…`): for `section()`, or for nobody. */
  take(name: string): ReadonlyMap<string, unknown>;
  /** `restored`: what it starts with if there is none of that name. */
  section(name: string, restored?: unknown): CheckpointSection;
  /** Writes what changed, and lets the place go. Resolves with whether everything is written. */
  close(): Promise<boolean>;
}

/**
 * How much of `drain_timeout` is left for answers: a fifth, at most this. Reading ends before it, so that what is under
 * way when the time is up is answered, and not sent again at the next start.
 */
const MAX_ANSWER_TIME_MS = 2000;

/**
 * How many batches of a reader may be out at once: one is filled by a read while another goes through the stages, and a
 * third waits for a sink.
 */
const BATCHES_PER_READER = 3;

/** What the names of the sections of readers begin with. */
const SECTIONS = 'source/';

interface RunningReader {
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
  readonly #ledger: Ledger;
  readonly #options: AgentOptions;
  readonly #sinks = new Map<string, Sink>();
  readonly #pipelines: readonly Pipeline[];
  readonly #readers: RunningReader[] = [];
  readonly #drain = new AbortController();
  /** Aborts a little before `#stop` when a drain takes too long. */
  readonly #stopReading = new AbortController();
  readonly #stop = new AbortController();
  readonly #startMs: number;
  /** Kept where somebody can ask for it. */
  readonly #unmatched: UnmatchedLines | undefined;
  #isEager = false;
  #failure: unknown;

  /** Builds every component. Throws an OperatorError when one cannot be built. */
  constructor(options: AgentOptions) {
    this.#options = options;
    const { config, clock, logger, metrics, userAgent, checkpoint } = options;
    this.#startMs = clock.nowMs();
    this.#unmatched = config.admin === undefined ? undefined : new UnmatchedLines();
    this.#ledger = new Ledger(metrics, clock, checkpoint.section('ledger'));
    const keys = new KeyTable();
    const common = { clock, logger, metrics, keys };
    for (const { name, definition, options } of config.sinks) {
      const context: SinkContext = { ...common, name, userAgent };
      this.#sinks.set(name, definition.build(options, context));
    }
    const planned = planReaders(config);
    const pipelines = new Map<PlannedPipeline, Pipeline>();
    const used = new Set(planned.flatMap(({ readers }) => readers.flatMap((reader) => reader.pipelines)));
    for (const plan of used) {
      const { name, stages, to, conditions, recordUid, stagesName } = plan;
      const aside = this.#asideOf(plan);
      const built = buildStages(stages, { ...common, name: stagesName }, { aside, unmatched: this.#unmatched });
      // Last, so that it costs nothing for records that are dropped, and no stage takes it away.
      if (recordUid) built.push(new RecordUid(keys));
      const ends = to.map((sink) => {
        const when = conditions.get(sink)?.build(keys);
        return new PipelineEnd(routeName(name, sink), this.#sinks.get(sink)!, when);
      });
      pipelines.set(plan, new Pipeline(built, ends, aside));
    }
    this.#pipelines = [...pipelines.values()];
    for (const plan of planned) this.#openReaders(plan, pipelines, common);
  }

  /** Where a pipeline sets records aside; of one with several readers, only the first does. */
  #asideOf({ name, deadLetter, isFirst }: PlannedPipeline): DeadLetterAside | undefined {
    if (deadLetter === undefined || !isFirst) return undefined;
    const { clock, logger, metrics, userAgent } = this.#options;
    const loadJson = async () => (body: Uint8Array) => Buffer.from(body).toString();
    const file = new DeadLetterFile({ origin: { pipeline: name }, ...deadLetter, loadJson, clock, logger, metrics });
    const [scopeName = '', scopeVersion = ''] = userAgent.split('/');
    return new DeadLetterAside(file, { scopeName, scopeVersion });
  }

  /** Asks the agent to read what is there to its end, deliver it, and end; `drain_timeout` later it stops. */
  drain(): void {
    if (this.#drain.signal.aborted) return;
    this.#drain.abort();
    // A sink that waits for its next attempt tries at once; what it then still cannot send is sent at the end.
    for (const sink of this.#sinks.values()) void sink.flush(this.#stop.signal);
  }

  /** From now on nothing waits for company: what is read is sent at once. For the time before a drain. */
  sendEagerly(): void {
    if (!this.#isEager) this.#options.logger.info('Records are sent at once from now on.');
    this.#isEager = true;
    for (const sink of this.#sinks.values()) sink.sendEagerly?.();
  }

  /** Ends the agent now; what is unread or unanswered stays for the next start. */
  stop(): void {
    this.#drain.abort();
    this.#stopReading.abort();
    this.#stop.abort();
  }

  /** What the lines look like that stages could not read. */
  unmatched(): UnmatchedReport[] {
    return this.#unmatched?.report() ?? [];
  }

  /** Everything that it knows of its work, at this moment. */
  report(): AgentReport {
    const { clock, metrics, userAgent } = this.#options;
    return reportAgent({
      version: userAgent.replace(/^[^/]*\//, ''),
      state: this.#drain.signal.aborted ? 'draining' : this.#isEager ? 'eager' : 'running',
      startMs: this.#startMs,
      nowMs: clock.nowMs(),
      ledger: this.#ledger,
      metrics,
      sinks: this.#sinks,
    });
  }

  /**
   * Runs until every source has ended, by itself or by `drain()`, and all is delivered. Rejects, after an orderly end,
   * when a component failed.
   */
  async run(): Promise<{ readonly drainMs: number; readonly isCheckpointed: boolean }> {
    const { clock } = this.#options;
    let drainStartMs = clock.nowMs();
    const startDrain = (): void => {
      drainStartMs = clock.nowMs();
      void this.#limitDrain();
    };
    this.#drain.signal.addEventListener('abort', startDrain, { once: true });
    await Promise.all(this.#readers.map((running) => this.#runReader(running)));
    this.#drain.abort();
    await Promise.all(this.#readers.map(({ output }) => output.idle()));
    await Promise.all([...this.#sinks.values()].map((sink) => sink.flush(this.#stop.signal)));
    const isCheckpointed = await this.#close();
    if (this.#failure !== undefined) throw this.#failure;
    return { drainMs: clock.nowMs() - drainStartMs, isCheckpointed };
  }

  #openReaders(
    plan: PlannedSource,
    pipelines: ReadonlyMap<PlannedPipeline, Pipeline>,
    common: Omit<ComponentContext, 'name'>,
  ): void {
    const { config, clock, logger, metrics, checkpoint } = this.#options;
    const { source, readers, notice } = plan;
    const { name, definition, options } = source;
    if (notice !== undefined) logger.info({ source: name }, notice);
    const sections = checkpoint.take(SECTIONS + name);
    const states = new Map(Array.from(sections, ([section, state]) => [section.slice(SECTIONS.length), state]));
    const books = this.#ledger.take(name);
    for (const reader of readers) {
      const pool = new BatchPool(BATCHES_PER_READER, common.keys, () => clock.unixMs());
      const ways = reader.pipelines.map((pipeline) => pipelines.get(pipeline)!);
      const output = new SourceOutput(pool, ways, {
        stop: this.#stop.signal,
        abandoned: metrics.counter('pillion_source_abandoned_records_total', { source: reader.name }),
        onError: (error) => this.#fail(`Cannot process records of source "${reader.name}"`, error),
      });
      const inherited = inherit(reader, plan, { states, books });
      const context: SourceContext = {
        ...common,
        name,
        readers: readers.length,
        resource: config.resource,
        ledger: this.#ledger.open(reader.name, routesOf(reader), inherited.books),
        checkpoint: checkpoint.section(SECTIONS + reader.name, inherited.state),
        stateFolder: checkpoint.folder,
        ownPaths: writtenFiles(config),
      };
      const built = definition.build(options, context);
      this.#readers.push({ name: reader.name, source: built, output });
      for (const sink of reader.sinks) if (built.metrics) this.#sinks.get(sink)!.addMetrics?.(built.metrics);
    }
  }

  /** Ends first the reading, then everything, when a drain takes as long as it may. */
  async #limitDrain(): Promise<void> {
    const { clock, config, logger } = this.#options;
    const answerTimeMs = Math.min(config.drainTimeoutMs / 5, MAX_ANSWER_TIME_MS);
    await clock.sleep(config.drainTimeoutMs - answerTimeMs, this.#stop.signal);
    this.#stopReading.abort();
    await clock.sleep(answerTimeMs, this.#stop.signal);
    if (!this.#stop.signal.aborted) logger.error('The drain took too long: stopping before everything is delivered.');
    this.stop();
  }

  async #runReader({ name, source, output }: RunningReader): Promise<void> {
    const stop = this.#stopReading.signal;
    try {
      await source.run(output, { drain: this.#drain.signal, stop });
    } catch (error) {
      if (!stop.aborted) this.#fail(`Source "${name}" failed`, error);
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

function routesOf({ pipelines }: PlannedReader): string[] {
  return pipelines.flatMap(({ name, to }) => to.map((sink) => routeName(name, sink)));
}
