import { Worker } from 'node:worker_threads';
import type { SinkDefinition } from '../../component/definition.ts';
import type { AgentConfig, Configured } from '../../config/agent-config.ts';
import type { Clock } from '../../core/clock.ts';
import type { Sink } from '../../core/contracts.ts';
import { ERROR_CODES, type ErrorCode, OperatorError } from '../../core/errors.ts';
import type { BatchOutput } from '../../pipeline/batch-output.ts';
import type { Pipeline, Twins } from '../../pipeline/pipeline.ts';
import type { SourceOutput } from '../../pipeline/source-output.ts';
import { type Spread, SpreadOutput } from '../../pipeline/spread-output.ts';
import type { Series } from '../../telemetry/metrics.ts';
import type { PlannedPipeline } from '../plan-readers.ts';
import type { RemoteError, RemoteWays, WorkerReport, WorkerStart } from './messages.ts';
import { obstacleOfPipeline, obstacleOfSink, rememberStreams } from './obstacle.ts';
import { RemoteOutput, type RemoteOutputOptions } from './remote-output.ts';
import { ResourceIds } from './resource-ids.ts';
import { SpreadSink } from './spread-sink.ts';
import { type LinkListener, WorkerLink } from './worker-link.ts';

/** How long a question after numbers waits for a worker that is busy: then it gets those that were there last. */
const REPORT_MS = 500;
/** How long the end waits for a worker. */
const END_MS = 2000;

/** What workers are started with. */
export interface WorkersOptions {
  readonly count: number;
  /** What a thread runs. */
  readonly thread: { readonly program: string; readonly argv: readonly string[] };
  readonly logLevel: string;
  readonly isPretty: boolean;
  readonly clock: Clock;
  /** Takes a line of the log of a worker, as it is. */
  readonly log: (line: string) => void;
}

/** Who is told of what happens in workers. */
export type WorkersListener = Omit<LinkListener, 'log'>;

/**
 * The threads that the files of an agent are spread over. The agent finds, reads and frames files itself, and keeps the
 * books and the checkpoint; each worker takes batches through the stages to sinks of its own.
 */
export class Workers {
  readonly #options: WorkersOptions;
  readonly #links: readonly WorkerLink[];
  readonly #resources: ResourceIds;
  readonly #versions = new WeakMap<AgentConfig, number>();
  readonly #reports = new Map<WorkerLink, WorkerReport>();
  readonly #sinks = new Set<SpreadSink>();
  #listener: WorkersListener | undefined;
  /** What failed before anybody listened. */
  #early: [string, RemoteError] | undefined;
  #lastVersion = 0;
  #inForce = 0;
  #lastId = 0;

  /** Starts the threads. */
  constructor(options: WorkersOptions) {
    this.#options = options;
    const listener: LinkListener = {
      log: options.log,
      unmatched: (sample) => this.#listener?.unmatched(sample),
      failed: (what, error) => {
        if (this.#listener === undefined) this.#early ??= [what, error];
        else this.#listener.failed(what, error);
      },
    };
    this.#links = Array.from({ length: options.count }, (_, index) => {
      const start: WorkerStart = { number: index + 1, logLevel: options.logLevel, isPretty: options.isPretty };
      const { program, argv } = options.thread;
      // Without the flags of the process: they are about that, or about what a worker has from it.
      const worker = new Worker(program, { argv: [...argv], execArgv: [], workerData: start });
      return new WorkerLink(index + 1, worker, listener);
    });
    this.#resources = new ResourceIds(this.#links);
  }

  get count(): number {
    return this.#links.length;
  }

  /** Has `listener` told of what happens from now on, and of a failure before. */
  listen(listener: WorkersListener): void {
    this.#listener = listener;
    if (this.#early !== undefined) listener.failed(...this.#early);
  }

  /** Has all of them read a configuration. Rejects with an OperatorError when one cannot. */
  async load(config: AgentConfig, text: string): Promise<void> {
    const version = ++this.#lastVersion;
    this.#versions.set(config, version);
    const { file } = config;
    const answers = await this.#requestAll((link) => link.request({ kind: 'load', version, file, text }));
    const error = answers.find((answer) => answer.error !== undefined)?.error ?? this.#early?.[1];
    if (error !== undefined) throw operatorError(error);
  }

  /** That configuration, which was loaded, is in force from now on. */
  use(config: AgentConfig): void {
    this.#inForce = this.#versions.get(config) ?? this.#inForce;
    for (const link of this.#links) link.post({ kind: 'in_force', version: this.#inForce });
  }

  /** A sink that is in each worker, too; one of which there can be but one stays as it is. */
  spreadSink(configured: Configured<SinkDefinition<unknown>>, sink: Sink): Sink {
    if (obstacleOfSink(configured) !== undefined) return sink;
    const parts = { name: configured.name, id: ++this.#lastId, here: sink, links: this.#links };
    const spread = new SpreadSink({ ...parts, onClosed: () => void this.#sinks.delete(spread) });
    this.#sinks.add(spread);
    return spread;
  }

  /** Names the stages of a pipeline for workers; undefined: they must see all records. */
  twinsOf(plan: PlannedPipeline, isCounting: boolean): Twins | undefined {
    if (obstacleOfPipeline(plan, isCounting) !== undefined) return undefined;
    const id = ++this.#lastId;
    const close = (): void => {
      for (const link of this.#links) link.post({ kind: 'close_stages', stages: id });
    };
    return { id, stagesName: plan.stagesName, rememberStreams: rememberStreams(plan.stages), close };
  }

  /** The output of a reader that can be spread: through all workers, or `here` where its pipelines do not allow that. */
  spreadOutput(
    reader: string,
    here: SourceOutput,
    options: Omit<RemoteOutputOptions, 'here' | 'link' | 'resources' | 'waysOf'>,
  ): BatchOutput {
    const waysOf = (pipelines: readonly Pipeline[]): Omit<RemoteWays, 'output'> | undefined => {
      return spreadOf(pipelines) === 'not'
        ? undefined
        : { reader, version: this.#inForce, pipelines: named(pipelines) };
    };
    const common = { ...options, here, waysOf, resources: this.#resources };
    const lanes = this.#links.map((link) => new RemoteOutput(here.pipelines, { ...common, link }));
    return new SpreadOutput(here, lanes, spreadOf);
  }

  /** Asks all how they are doing, so that what `series()` and the states of sinks say is of now. */
  async refresh(): Promise<void> {
    const done = new AbortController();
    const { clock } = this.#options;
    const asked = this.#requestAll((link) => link.request({ kind: 'report' }));
    const answers = await Promise.race([asked, clock.sleep(REPORT_MS, done.signal)]);
    done.abort();
    for (const [index, answer] of (answers ?? []).entries()) {
      if (answer.report !== undefined) this.#reports.set(this.#links[index]!, answer.report);
    }
    const nowMs = clock.nowMs();
    for (const sink of this.#sinks) {
      const states = [...this.#reports.values()].flatMap(({ sinks }) => sinks.filter((one) => one.sink === sink.id));
      sink.report(states, nowMs);
    }
  }

  /** Resolves once each of them has answered: whose event loop hangs does not. */
  async answer(): Promise<void> {
    await this.#requestAll((link) => link.request({ kind: 'report' }));
  }

  /** What they have counted, as of the last `refresh()`. */
  *series(): IterableIterator<Series> {
    for (const { series } of this.#reports.values()) yield* series;
  }

  saveMemory(): void {
    for (const link of this.#links) link.post({ kind: 'save_memory' });
  }

  setLogLevel(level: string): void {
    for (const link of this.#links) link.post({ kind: 'log_level', level });
  }

  /** Ends them. */
  async end(): Promise<void> {
    const done = new AbortController();
    const patience = this.#options.clock.sleep(END_MS, done.signal);
    await Promise.all(this.#links.map((link) => link.end(patience)));
    done.abort();
  }

  #requestAll<Answer>(ask: (link: WorkerLink) => Promise<Answer>): Promise<Answer[]> {
    return Promise.all(this.#links.map(ask));
  }
}

function spreadOf(pipelines: readonly Pipeline[]): Spread {
  const isSpread = pipelines.every(
    ({ twins, ends }) => twins !== undefined && ends.every(({ sink }) => sink instanceof SpreadSink),
  );
  if (!isSpread) return 'not';
  return pipelines.some(({ twins }) => twins?.rememberStreams) ? 'fixed' : 'freely';
}

function named(pipelines: readonly Pipeline[]): RemoteWays['pipelines'] {
  return pipelines.map(({ twins, ends }) => {
    const sinks = ends.flatMap(({ sink }) => (sink instanceof SpreadSink ? [[sink.name, sink.id] as const] : []));
    return { stages: twins!.id, stagesName: twins!.stagesName, sinks: Object.fromEntries(sinks) };
  });
}

function operatorError({ code = '', message, hint }: RemoteError): Error {
  return Object.hasOwn(ERROR_CODES, code)
    ? new OperatorError({ code: code as ErrorCode, message, hint })
    : new Error(`A worker failed: ${message}`);
}
