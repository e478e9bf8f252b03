import type { AgentConfig, ExitWhen } from '../config/agent-config.ts';
import type { Clock } from '../core/clock.ts';
import type { CheckpointSection } from '../core/contracts.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Agent } from './agent.ts';
import type { Checkpoint } from './checkpoint.ts';
import { untilExit, untilSilent } from './exit-when.ts';

/** What an agent ends by. */
export interface EndingParts {
  readonly config: AgentConfig;
  readonly checkpoint: Checkpoint;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Decides when an agent drains: when it is asked to, or when its configuration says that the application is done. */
export class Ending {
  readonly #agent: Agent;
  readonly #parts: EndingParts;
  readonly #closed = new AbortController();
  #config: AgentConfig;
  /** Aborts when the way to end is another one. */
  #present = new AbortController();
  #isAsked = false;
  /** Where it is kept that a process was seen. */
  #section: CheckpointSection | undefined;

  constructor(agent: Agent, parts: EndingParts) {
    this.#agent = agent;
    this.#parts = parts;
    this.#config = parts.config;
  }

  /** Goes by this configuration from now on; `isOtherWay`: its `exit_when` is another one than before. */
  use(config: AgentConfig, isOtherWay = true): void {
    this.#config = config;
    const { exitWhen } = config;
    if (!isOtherWay || this.#closed.signal.aborted) return;
    this.#present.abort();
    this.#present = new AbortController();
    if (exitWhen !== undefined) void this.#watch(exitWhen, this.#present.signal);
  }

  /** Somebody asks the agent to end, and will kill it some time later: at once, or when nothing is written for `linger`. */
  async asked(): Promise<void> {
    const { clock, logger } = this.#parts;
    const { drainTimeoutMs, lingerMs } = this.#config;
    if (this.#isAsked) return;
    this.#isAsked = true;
    logger.info(
      { drain_timeout_ms: drainTimeoutMs },
      'Asked to end: the agent reads to the end, delivers, and ends. A second SIGINT ends it at once.',
    );
    this.#agent.endWithin(drainTimeoutMs);
    if (lingerMs > 0) {
      this.#agent.sendEagerly();
      await untilSilent(lingerMs, { clock, signal: this.#closed.signal, progress: () => this.#progress() });
    }
    this.#agent.drain(Number.POSITIVE_INFINITY);
  }

  /** It has ended. */
  close(): void {
    this.#closed.abort();
    this.#present.abort();
  }

  async #watch(exitWhen: ExitWhen, signal: AbortSignal): Promise<void> {
    const { checkpoint, clock, logger } = this.#parts;
    this.#section ??= checkpoint.section('exit_when');
    const reason = await untilExit(exitWhen, {
      clock,
      signal,
      progress: () => this.#progress(),
      section: this.#section,
      onSeen: (name) => logger.info({ process: name }, 'The process that it waits for is there.'),
      onMissed: (name) => logger.warn({ process: name }, 'The process that it waits for has not been there yet.'),
    });
    if (reason === undefined) return;
    logger.info({ reason }, 'The application is done: the agent reads to the end, delivers, and ends.');
    this.#agent.drain(exitWhen.drainTimeoutMs ?? Number.POSITIVE_INFINITY);
  }

  /** A number that grows while anything is written or read: while a backend is away nothing is read. */
  #progress(): number {
    const { metrics } = this.#parts;
    return metrics.sum('pillion_source_seen_bytes_total') + metrics.sum('pillion_source_read_bytes_total');
  }
}
