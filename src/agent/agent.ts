import type { AgentConfig } from '../config/agent-config.ts';
import type { Clock } from '../core/clock.ts';
import type { Sink } from '../core/contracts.ts';
import { messageOf } from '../core/errors.ts';
import { KeyTable } from '../core/key-table.ts';
import { Ledger } from '../ledger/ledger.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type AgentReport, reportAgent } from './agent-report.ts';
import { buildPipeline } from './build-pipeline.ts';
import { buildSink } from './build-sink.ts';
import type { Checkpoint } from './checkpoint.ts';
import { checkHealth, type HealthCheck } from './health.ts';
import { openReaders } from './open-readers.ts';
import { openRegistries } from './open-registries.ts';
import { OwnResource } from './own-resource.ts';
import { type PlannedPipeline, planReaders } from './plan-readers.ts';
import type { Reader } from './reader.ts';
import type { Shared } from './shared.ts';
import { UnmatchedLines, type UnmatchedReport } from './unmatched-lines.ts';

export interface AgentOptions {
  readonly config: AgentConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** `pillion/<version>`. */
  readonly userAgent: string;
  readonly checkpoint: Checkpoint;
  /** Is told how many bytes each batch of input holds. */
  readonly onInput?: (bytes: number) => void;
}

/**
 * How much of `drain_timeout` is left for answers: a fifth, at most this. Reading ends before it, so that what is under
 * way when the time is up is answered, and not sent again at the next start.
 */
const MAX_ANSWER_TIME_MS = 2000;

/**
 * Sources, pipelines and sinks of one configuration, built and run: the one place that knows them all.
 *
 * It ends in the order of the way of a line: sources read to their end, batches go through the stages, sinks send and
 * wait for the answers, the checkpoint is written. `stop` cuts each of these short.
 */
export class Agent {
  readonly #ledger: Ledger;
  readonly #resource: OwnResource;
  readonly #options: AgentOptions;
  readonly #sinks: ReadonlyMap<string, Sink>;
  readonly #pipelines: readonly Pipeline[];
  readonly #readers: readonly Reader[];
  readonly #drain = new AbortController();
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
    this.#unmatched = config.admin === undefined ? undefined : new UnmatchedLines(metrics);
    this.#ledger = new Ledger(metrics, clock, checkpoint.section('ledger'));
    const keys = new KeyTable();
    const common = { clock, logger, metrics, keys, userAgent, checkpoint };
    this.#resource = new OwnResource(config, logger);
    const onInput = options.onInput ?? (() => {});
    const own = { ledger: this.#ledger, resource: this.#resource, unmatched: this.#unmatched, onInput };
    const shared: Shared = { ...common, ...own };
    this.#sinks = new Map(config.sinks.map((sink) => [sink.name, buildSink(sink, shared)]));
    const planned = planReaders(config);
    const used = new Set(planned.flatMap(({ readers }) => readers.flatMap((reader) => reader.pipelines)));
    const registries = openRegistries(planned, { config, sinks: this.#sinks, shared });
    const build = (plan: PlannedPipeline): Pipeline =>
      buildPipeline(plan, { sinks: this.#sinks, shared, registry: registries.byPipeline.get(plan) });
    const pipelines = new Map(Array.from(used, (plan) => [plan, build(plan)]));
    registries.begin();
    this.#pipelines = [...pipelines.values()];
    const stop = this.#stop.signal;
    const onError = (what: string, error: unknown): void => this.#fail(what, error);
    this.#readers = planned.flatMap((plan) =>
      openReaders(plan, { config, shared, pipelines, sinks: this.#sinks, stop, onError }),
    );
  }

  /** Asks the agent to read what is there to its end, deliver it, and end; `drain_timeout` later it stops. */
  drain(): void {
    if (this.#drain.signal.aborted) return;
    this.#drain.abort();
    for (const reader of this.#readers) reader.drain();
    // A sink that waits for its next attempt tries at once; what it then still cannot send is sent at the end.
    for (const sink of this.#sinks.values()) void sink.flush(this.#stop.signal);
  }

  /** From now on nothing waits for company: what is read is sent at once. For the time before a drain. */
  sendEagerly(): void {
    if (!this.#isEager) this.#options.logger.info('Records are sent at once from now on.');
    this.#isEager = true;
    for (const sink of this.#sinks.values()) sink.sendEagerly?.();
  }

  /** Whether its sinks should hold as little as they can, because memory is short. */
  narrow(isNarrow: boolean): void {
    for (const sink of this.#sinks.values()) sink.narrow?.(isNarrow);
  }

  /** Ends the agent now; what is unread or unanswered stays for the next start. */
  stop(): void {
    this.#drain.abort();
    this.#stopReading();
    this.#stop.abort();
  }

  /** What the lines look like that stages could not read. */
  unmatched(): UnmatchedReport[] {
    return this.#unmatched?.report() ?? [];
  }

  /** What there is to say of its health, for probes. */
  health(): HealthCheck[] {
    return checkHealth({
      state: this.#state,
      sources: this.#readers,
      sinks: this.#sinks,
      nowMs: this.#options.clock.nowMs(),
    });
  }

  /** Everything that it knows of its work, at this moment. */
  report(): AgentReport {
    const { clock, metrics, userAgent } = this.#options;
    return reportAgent({
      version: userAgent.replace(/^[^/]*\//, ''),
      state: this.#state,
      startMs: this.#startMs,
      nowMs: clock.nowMs(),
      ledger: this.#ledger,
      metrics,
      sinks: this.#sinks,
    });
  }

  get #state(): AgentReport['state'] {
    return this.#drain.signal.aborted ? 'draining' : this.#isEager ? 'eager' : 'running';
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
    void this.#resource.follow(clock, this.#drain.signal);
    await Promise.all(this.#readers.map((reader) => this.#runReader(reader)));
    this.#drain.abort();
    await Promise.all(this.#readers.map(({ output }) => output.idle()));
    await Promise.all([...this.#sinks.values()].map((sink) => sink.flush(this.#stop.signal)));
    await this.#pushLastMetrics();
    const isCheckpointed = await this.#close();
    if (this.#failure !== undefined) throw this.#failure;
    return { drainMs: clock.nowMs() - drainStartMs, isCheckpointed };
  }

  /** Ends first the reading, then everything, when a drain takes as long as it may. */
  async #limitDrain(): Promise<void> {
    const { clock, config, logger } = this.#options;
    const answerTimeMs = Math.min(config.drainTimeoutMs / 5, MAX_ANSWER_TIME_MS);
    await clock.sleep(config.drainTimeoutMs - answerTimeMs, this.#stop.signal);
    this.#stopReading();
    await clock.sleep(answerTimeMs, this.#stop.signal);
    if (!this.#stop.signal.aborted) logger.error('The drain took too long: stopping before everything is delivered.');
    this.stop();
  }

  async #runReader(reader: Reader): Promise<void> {
    try {
      await reader.run();
    } catch (error) {
      this.#fail(`Source "${reader.name}" failed`, error);
    }
  }

  #stopReading(): void {
    for (const reader of this.#readers) reader.stop();
  }

  /** What is counted is shown once the checkpoint holds it: who pushes gets it before the end. */
  async #pushLastMetrics(): Promise<void> {
    const taking = [...this.#sinks.values()].filter(({ addMetrics }) => addMetrics !== undefined);
    if (taking.length === 0) return;
    await this.#options.checkpoint.flush();
    await Promise.all(taking.map((sink) => sink.flush(this.#stop.signal)));
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
