import { AdminServer } from '../agent/admin-server.ts';
import { Agent } from '../agent/agent.ts';
import type { Checkpoint } from '../agent/checkpoint.ts';
import { untilExit } from '../agent/exit-when.ts';
import { type LeftFile, leftFiles, type Summary } from '../agent/summary.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import type { Clock } from '../core/clock.ts';
import { renderMetrics } from '../telemetry/exposition.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { VERSION } from '../telemetry/version.ts';
import type { CommandContext } from './context.ts';

/** What an agent runs on. */
export interface AgentParts {
  readonly config: AgentConfig;
  readonly checkpoint: Checkpoint;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** What became of an agent. */
export interface Ended {
  readonly summary: Summary;
  /** Files that something is left of. */
  readonly left: readonly LeftFile[];
  readonly drainMs: number;
  /** Everything was read, answered, and is in the checkpoint. */
  readonly isComplete: boolean;
}

/** Builds an agent, runs it until it has ended, by itself or because the command was asked to, and adds up. */
export async function runAgent(parts: AgentParts, context: CommandContext): Promise<Ended> {
  const agent = new Agent({ ...parts, userAgent: `pillion/${VERSION}` });
  const drain = (): void => agent.drain();
  const stop = (): void => agent.stop();
  if (context.drain.aborted) agent.drain();
  context.drain.addEventListener('abort', drain, { once: true });
  context.stop.addEventListener('abort', stop, { once: true });
  const ended = new AbortController();
  void drainWhenDone(agent, parts, ended.signal);
  const admin = await startAdmin(agent, parts);
  try {
    const { drainMs, isCheckpointed } = await agent.run();
    const report = agent.report();
    const { since_start: summary } = report;
    const isComplete = isCheckpointed && summary.abandonedRecords === 0 && summary.unreadBytes === 0;
    return { summary, left: leftFiles(report), drainMs, isComplete };
  } finally {
    ended.abort();
    await admin?.close();
    context.drain.removeEventListener('abort', drain);
    context.stop.removeEventListener('abort', stop);
  }
}

/** Drains the agent once its configuration says that it should end. */
async function drainWhenDone(agent: Agent, { config, clock, logger, metrics }: AgentParts, signal: AbortSignal) {
  if (config.exitWhen === undefined) return;
  const readBytes = (): number => metrics.sum('pillion_source_read_bytes_total');
  const onSeen = (name: string): void => logger.info({ process: name }, 'The process that it waits for is there.');
  const reason = await untilExit(config.exitWhen, { clock, signal, readBytes, onSeen });
  if (reason === undefined) return;
  logger.info({ reason }, 'The application is done: the agent reads to the end, delivers, and ends.');
  agent.drain();
}

async function startAdmin(agent: Agent, { config, logger, metrics }: AgentParts): Promise<AdminServer | undefined> {
  if (config.admin === undefined) return undefined;
  const admin = await AdminServer.listen(config.admin, {
    ledger: () => agent.report(),
    unmatched: () => agent.unmatched(),
    metrics: () => renderMetrics(metrics.series()),
    sendEagerly: () => agent.sendEagerly(),
  });
  logger.info({ address: admin.address }, 'The admin address answers.');
  return admin;
}
