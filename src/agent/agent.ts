import type { AgentConfig } from '../config/agent-config.ts';
import type { ConfigDiff } from '../config/config-diff.ts';
import type { Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import { KeyTable } from '../core/key-table.ts';
import { Ledger } from '../ledger/ledger.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Tracer } from '../telemetry/tracer.ts';
import { type AgentReport, reportAgent } from './agent-report.ts';
import { changeOver } from './change-over.ts';
import type { Checkpoint } from './checkpoint.ts';
import { checkHealth, type HealthCheck } from './health.ts';
import { openReaders, type ReaderSetting } from './open-reader.ts';
import { OwnResource } from './own-resource.ts';
import { buildParts, type Parts } from './parts.ts';
import type { Reader } from './reader.ts';
import type { ConfigReport } from './reload-report.ts';
import type { Shared } from './shared.ts';
import { UnmatchedLines, type UnmatchedReport } from './unmatched-lines.ts';
import type { Workers } from './workers/workers.ts';

export interface AgentOptions {
  readonly config: AgentConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** `pillion/<version>`. */
  readonly userAgent: string;
  readonly checkpoint: Checkpoint;
  /** Is told what the agent does itself. */
  readonly tracer?: Tracer | undefined;
  /** Is told how many bytes each batch of input holds, and how many lie behind it. */
  readonly onInput?: (bytes: number, bytesBehind?: number) => void;
  /** How its configuration is; undefined: it has no file that can be read again. */
  readonly configReport?: (() => ConfigReport) | undefined;
  /** The threads that files are spread over, which have read the configuration; undefined: there are none. */
  readonly workers?: Workers | undefined;
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
  readonly #shared: Shared;
  readonly #options: AgentOptions;
  #parts: Parts;
  readonly #readers = new Map<string, Reader>();
  /** What goes on: readers, and a change of configuration. */
  readonly #work = new Set<Promise<void>>();
  /** What has to be done at the end for parts that are no more. */
  readonly #closers = new Set<() => Promise<void>>();
  readonly #drain = new AbortController();
  readonly #stop = new AbortController();
  readonly #startMs: number;
  /** Kept where somebody can ask for it. */
  readonly #unmatched: UnmatchedLines | undefined;
  #isEager = false;
  #isNarrow = false;
  #drainStartMs = 0;
  #failure: unknown;

  /** Builds every component. Throws an OperatorError when one cannot be built. */
  constructor(options: AgentOptions) {
    this.#options = options;
    const { config, clock, logger, metrics, userAgent, checkpoint } = options;
    this.#startMs = clock.nowMs();
    this.#unmatched = config.admin === undefined ? undefined : new UnmatchedLines(metrics);
    this.#ledger = new Ledger(metrics, clock, checkpoint.section('ledger'));
    const { tracer } = options;
    const common = { clock, logger, metrics, keys: new KeyTable(), userAgent, checkpoint, tracer };
    this.#resource = new OwnResource(config, logger);
    const onInput = options.onInput ?? (() => {});
    const { workers } = options;
    const own = { ledger: this.#ledger, resource: this.#resource, unmatched: this.#unmatched, onInput, workers };
    this.#shared = { ...common, ...own };
    if (workers !== undefined) this.#join(workers);
    this.#parts = buildParts(config, this.#shared);
    for (const source of this.#parts.planned) {
      for (const reader of openReaders(source, this.#setting(false))) this.#readers.set(reader.name, reader);
    }
  }

  /** Whether it was asked to end. */
  get isEnding(): boolean {
    return this.#drain.signal.aborted;
  }

  /**
   * Brings the running agent to another configuration, which differs from its own by `diff`; what is the same is carried
   * over. Throws an OperatorError when a component cannot be built: then all is as it was. What it returns resolves when
   * what the old configuration had under way is at its end. One change at a time.
   */
  reconfigure(config: AgentConfig, diff: ConfigDiff): Promise<void> {
    const before = { parts: this.#parts, diff };
    this.#parts = buildParts(config, this.#shared, before);
    this.#resource.use(config);
    this.#options.workers?.use(config);
    for (const sink of this.#parts.sinks.values()) {
      if (this.#isEager) sink.sendEagerly?.();
      if (this.#isNarrow) sink.narrow?.(true);
    }
    const change = changeOver({
      before,
      setting: this.#setting(true),
      readers: this.#readers,
      clock: this.#options.clock,
      stop: this.#stop.signal,
      start: (reader) => this.#start(reader),
      atEnd: (close) => {
        this.#closers.add(close);
        return () => this.#closers.delete(close);
      },
    }).catch((error: unknown) => this.#fail('Cannot change the configuration', error));
    this.#track(change);
    return change;
  }

  /**
   * Asks the agent to read what is there to its end, deliver it, and end; `timeoutMs` later it stops. Asked again, it
   * keeps to the shorter time.
   */
  drain(timeoutMs = this.#parts.config.drainTimeoutMs): void {
    this.endWithin(timeoutMs);
    if (this.#drain.signal.aborted) return;
    this.#startDrain();
    for (const reader of this.#readers.values()) reader.drain();
    // A sink that waits for its next attempt tries at once; what it then still cannot send is sent at the end.
    for (const sink of this.#parts.sinks.values()) void sink.flush(this.#stop.signal);
  }

  /** Has it end in that time at the latest, drained or not. */
  endWithin(timeoutMs: number): void {
    void this.#limitDrain(timeoutMs);
  }

  /** From now on nothing waits for company: what is read is sent at once. For the time before a drain. */
  sendEagerly(): void {
    if (!this.#isEager) this.#options.logger.info('Records are sent at once from now on.');
    this.#isEager = true;
    for (const sink of this.#parts.sinks.values()) sink.sendEagerly?.();
  }

  /** Whether its sinks should hold as little as they can, because memory is short. */
  narrow(isNarrow: boolean): void {
    this.#isNarrow = isNarrow;
    for (const sink of this.#parts.sinks.values()) sink.narrow?.(isNarrow);
  }

  /** Ends the agent now; what is unread or unanswered stays for the next start. */
  stop(): void {
    this.#startDrain();
    for (const reader of this.#readers.values()) reader.abandon();
    this.#stop.abort();
  }

  /** What the lines look like that stages could not read. */
  unmatched(): UnmatchedReport[] {
    return this.#unmatched?.report() ?? [];
  }

  /** What there is to say of its health, for probes. */
  health(): HealthCheck[] {
    return checkHealth({
      config: this.#options.configReport?.(),
      state: this.#state,
      sources: this.#readers.values(),
      sinks: this.#parts.sinks,
      nowMs: this.#options.clock.nowMs(),
    });
  }

  /** Everything that it knows of its work, at this moment. */
  report(): AgentReport {
    const { clock, metrics, userAgent } = this.#options;
    return reportAgent({
      config: this.#options.configReport?.(),
      version: userAgent.replace(/^[^/]*\//, ''),
      state: this.#state,
      startMs: this.#startMs,
      nowMs: clock.nowMs(),
      ledger: this.#ledger,
      metrics,
      sinks: this.#parts.sinks,
    });
  }

  #join(workers: Workers): void {
    workers.use(this.#options.config);
    this.#options.metrics.include(() => workers.series());
    workers.listen({
      unmatched: (sample) => this.#unmatched?.take(sample),
      failed: (what, { message, code, stack }) => {
        const error = new Error(code === undefined ? message : `${message} (${code})`);
        // Where it happened is in the worker: this thread only heard of it.
        error.stack = stack ?? `Error: ${error.message}`;
        this.#fail(what, error);
      },
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
    void this.#resource.follow(clock, this.#drain.signal);
    for (const reader of this.#readers.values()) this.#start(reader);
    while (this.#work.size > 0) await Promise.all(this.#work);
    if (!this.#drain.signal.aborted) this.drain();
    await Promise.all(Array.from(this.#readers.values(), ({ into }) => into.output.idle()));
    await Promise.all(Array.from(this.#parts.sinks.values(), (sink) => sink.flush(this.#stop.signal)));
    await this.#pushLastMetrics();
    const isCheckpointed = await this.#close();
    if (this.#failure !== undefined) throw this.#failure;
    return { drainMs: clock.nowMs() - this.#drainStartMs, isCheckpointed };
  }

  /** Gives back what it was built of, in the place of `run()`: nothing is read or sent. */
  async close(): Promise<void> {
    this.stop();
    await this.#close();
  }

  #startDrain(): void {
    if (!this.#drain.signal.aborted) this.#drainStartMs = this.#options.clock.nowMs();
    this.#drain.abort();
  }

  /** Ends first the reading, then everything, when a drain takes as long as it may. */
  async #limitDrain(timeoutMs: number): Promise<void> {
    if (timeoutMs === Number.POSITIVE_INFINITY) return;
    const { clock, logger } = this.#options;
    const answerTimeMs = Math.min(timeoutMs / 5, MAX_ANSWER_TIME_MS);
    await clock.sleep(timeoutMs - answerTimeMs, this.#stop.signal);
    for (const reader of this.#readers.values()) reader.stop();
    await clock.sleep(answerTimeMs, this.#stop.signal);
    if (!this.#stop.signal.aborted) logger.error('The drain took too long: stopping before everything is delivered.');
    this.stop();
  }

  #setting(isLate: boolean): ReaderSetting {
    const onError = (what: string, error: unknown): void => this.#fail(what, error);
    return { parts: this.#parts, shared: this.#shared, isLate, onError };
  }

  #start(reader: Reader): void {
    if (this.#drain.signal.aborted) reader.drain();
    if (this.#stop.signal.aborted) reader.abandon();
    this.#track(reader.run().catch((error: unknown) => this.#fail(`Source "${reader.name}" failed`, error)));
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  /** What is counted is shown once the checkpoint holds it: who pushes gets it before the end. */
  async #pushLastMetrics(): Promise<void> {
    const taking = [...this.#parts.sinks.values()].filter(({ addMetrics }) => addMetrics !== undefined);
    if (taking.length === 0) return;
    await this.#options.checkpoint.flush();
    await Promise.all(taking.map((sink) => sink.flush(this.#stop.signal)));
  }

  async #close(): Promise<boolean> {
    this.#stop.abort();
    for (const close of this.#closers) await close();
    for (const pipeline of this.#parts.pipelines.values()) await pipeline.close();
    for (const sink of this.#parts.sinks.values()) await sink.close();
    return this.#options.checkpoint.close();
  }

  /** Remembers the first failure and ends the agent: it must not go on as if nothing were missing. */
  #fail(what: string, error: unknown): void {
    this.#options.logger.error({ error: messageOf(error) }, `${what}; the agent ends.`);
    this.#failure ??= error;
    this.stop();
  }
}
