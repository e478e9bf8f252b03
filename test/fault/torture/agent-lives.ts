import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { AgentReport } from '../../../src/agent/agent-report.ts';
import type { Summary } from '../../../src/agent/summary.ts';
import { ADMIN, askLedger } from '../../harness/admin.ts';
import { PillionProcess } from '../../harness/agent-process.ts';
import type { Cleanup } from '../../harness/cleanup.ts';
import type { AgentPlan } from './plan.ts';
import { LIFE_HEADER } from './torture-backend.ts';

const DRAIN_TIMEOUT_MS = 3000;
/** How much later than its drain timeout an agent may end on a busy machine. */
const PATIENCE_MS = 5000;

/** What a life of an agent left. */
export interface EndedLife {
  /** Undefined: it was killed. */
  readonly summary: Summary | undefined;
  /** Whether it says that everything is delivered and in the checkpoint. */
  readonly isClean: boolean;
  /** What is wrong with its end. */
  readonly failure: string | undefined;
}

/** Where a run takes place. */
export interface Place {
  /** Logs are in `logs`, the checkpoint in `state`. */
  readonly folder: string;
  readonly endpoint: string;
}

/** Writes `pillion.yaml`, as a user would, into the folder. */
export function writeConfig({ folder, endpoint }: Place, plan: AgentPlan): void {
  const config = {
    state: join(folder, 'state'),
    workers: plan.workers,
    drain_timeout: `${DRAIN_TIMEOUT_MS}ms`,
    admin: ADMIN,
    sources: {
      app: {
        type: 'file',
        include: [join(folder, 'logs/*.log')],
        poll_interval: plan.pollInterval,
        rotate_wait: plan.rotateWait,
      },
    },
    pipelines: { logs: { from: ['app'], stages: plan.stages, to: ['backend'] } },
    sinks: {
      backend: {
        type: 'otlp',
        endpoint,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the agent fills it in
        headers: { [LIFE_HEADER]: '${LIFE}' },
        protocol: plan.protocol,
        compression: plan.compression,
        timeout: `${plan.timeoutMs}ms`,
        flush_interval: plan.flushInterval,
        max_request_records: plan.maxRequestRecords,
        max_in_flight: plan.maxInFlight,
        retry: { initial_interval: '10ms', max_interval: '100ms' },
      },
    },
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'pillion.yaml'), JSON.stringify(config, null, 2));
}

/** One life of the agent: a process, from its start to its end. */
export class AgentLife {
  readonly number: number;
  readonly #process: PillionProcess;
  #isEnding = false;

  constructor(cleanup: Cleanup, folder: string, number: number) {
    this.number = number;
    const env = { LIFE: String(number) };
    this.#process = new PillionProcess(cleanup, ['run', '--config', 'pillion.yaml'], { cwd: folder, env });
  }

  /** Its own log so far. */
  get log(): string {
    return this.#process.stderr;
  }

  /** Whether it follows a file, and nobody has asked it to end. */
  hasOpen(inode: number): boolean {
    if (this.#isEnding || this.#process.hasEnded) return false;
    const folder = `/proc/${this.#process.pid}/fd`;
    return readdirSync(folder).some((name) => {
      // It may be closed meanwhile.
      return statSync(join(folder, name), { throwIfNoEntry: false })?.ino === inode;
    });
  }

  /** From now on it may not be relied on to read what it has open. */
  willEnd(): void {
    this.#isEnding = true;
  }

  /** Resolves once it runs. */
  started(): Promise<void> {
    return this.#process.logged('Agent started.');
  }

  /** What it answers to `GET /ledger`. */
  ledger(): Promise<AgentReport> {
    return askLedger(this.#process);
  }

  /** Kills it. */
  async kill(): Promise<EndedLife> {
    const failure = this.#process.hasEnded ? `it had ended before it was killed:\n${this.log}` : undefined;
    await this.#process.end('SIGKILL');
    return { summary: undefined, isClean: false, failure };
  }

  /** Asks it to end, and kills it when it does not. */
  async terminate(): Promise<EndedLife> {
    const patience = new AbortController();
    const timedOut = wait(DRAIN_TIMEOUT_MS + PATIENCE_MS, 'SIGKILL' as const, { signal: patience.signal }).catch(
      () => 0,
    );
    this.#process.kill('SIGTERM');
    const exit = await Promise.race([this.#process.ended, timedOut]);
    patience.abort();
    if (exit !== 0 && exit !== 1) {
      await this.#process.end('SIGKILL');
      return { summary: undefined, isClean: false, failure: `it ended with ${exit} at SIGTERM:\n${this.log}` };
    }
    const { summary } = this.#process;
    return { summary, isClean: exit === 0, failure: undefined };
  }
}
