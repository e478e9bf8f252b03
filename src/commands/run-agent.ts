import { type AdminApi, listenForAdmin } from '../agent/admin-server.ts';
import { Agent } from '../agent/agent.ts';
import type { AgentReport } from '../agent/agent-report.ts';
import { BusyGauge } from '../agent/busy-gauge.ts';
import { CgroupMemory } from '../agent/cgroup-memory.ts';
import type { Checkpoint } from '../agent/checkpoint.ts';
import { type FilesState, watchConfig } from '../agent/config-watch.ts';
import { Ending } from '../agent/ending.ts';
import { listenForProbes } from '../agent/health-server.ts';
import { MemoryGuard } from '../agent/memory-guard.ts';
import { Reloads } from '../agent/reloads.ts';
import { type LeftFile, leftFiles, type Summary } from '../agent/summary.ts';
import type { Workers } from '../agent/workers/workers.ts';
import type { AgentConfig, LoadedConfig, UsableConfig } from '../config/agent-config.ts';
import type { Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { HttpListener } from '../serving/http-listener.ts';
import { renderMetrics } from '../telemetry/exposition.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { ProcessMetrics } from '../telemetry/process-metrics.ts';
import type { Tracer } from '../telemetry/tracer.ts';
import { VERSION } from '../telemetry/version.ts';
import type { CommandContext } from './context.ts';

/** What an agent runs on. */
export interface AgentParts {
  readonly config: AgentConfig;
  readonly checkpoint: Checkpoint;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracer?: Tracer | undefined;
  /** The threads that files are spread over; they end with the agent. */
  readonly workers?: Workers | undefined;
  /** How the configuration is read again; undefined: it cannot be. */
  readonly reloading?: {
    readonly first: UsableConfig;
    /** What its file was like before it was read. */
    readonly seen: FilesState;
    readonly load: () => Promise<LoadedConfig>;
    /** Is told that reloads can be asked for from now on; returns whether somebody has, while the agent was started. */
    readonly onListening: () => boolean;
    /** Is told of the configuration that is in force from now on. */
    readonly onReloaded: (config: AgentConfig) => void;
  };
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
  const busy = new BusyGauge(parts.clock, {
    onBusy: () => context.runAtFullSpeed(),
    onSettled: () => context.endGrowth(),
  });
  const memory = CgroupMemory.find();
  let guard: MemoryGuard | undefined;
  const onInput = (bytes: number, bytesBehind = 0): void => {
    busy.add(bytes, bytesBehind);
    guard?.add(bytes);
  };
  const { reloading } = parts;
  let reloads: Reloads | undefined;
  const configReport = reloading && { configReport: () => reloads!.report() };
  const agent = new Agent({ ...parts, ...configReport, userAgent: `pillion/${VERSION}`, onInput });
  guard = memory && guardMemory(memory, agent, parts, context);
  const ending = new Ending(agent, parts);
  const drain = (): void => void ending.asked();
  const stop = (): void => agent.stop();
  if (context.drain.aborted) drain();
  context.drain.addEventListener('abort', drain, { once: true });
  context.stop.addEventListener('abort', stop, { once: true });
  const ended = new AbortController();
  void guard?.run(ended.signal);
  ending.use(parts.config);
  if (reloading !== undefined) {
    reloads = new Reloads({
      ...parts,
      ...reloading,
      reconfigure: (config, diff) => agent.reconfigure(config, diff),
      isEnding: () => agent.isEnding,
      onReloaded(config, diff) {
        reloading.onReloaded(config);
        ending.use(config, diff.settings.includes('exit_when'));
      },
    });
    followConfig(reloads, reloading.seen, parts, context, ended.signal);
    if (reloading.onListening()) void reloads.request({ isAsked: true });
  }
  const { config, metrics, clock } = parts;
  const isAsked = config.admin !== undefined || config.health !== undefined;
  const processMetrics = isAsked ? new ProcessMetrics(metrics, clock.unixMs()) : undefined;
  const listeners: HttpListener[] = [];
  try {
    await listen(agent, reloads, parts, listeners).catch(async (error: unknown) => {
      // Sinks that wait, or listen themselves, would keep the process.
      await agent.close();
      throw error;
    });
    const { drainMs, isCheckpointed } = await agent.run();
    await parts.workers?.refresh();
    const report = agent.report();
    const { since_start: summary } = report;
    const isComplete = isCheckpointed && abandonedRecords(report) === 0 && summary.unreadBytes === 0;
    return { summary, left: leftFiles(report), drainMs, isComplete };
  } finally {
    ended.abort();
    ending.close();
    memory?.close();
    for (const listener of listeners) await listener.close();
    processMetrics?.close();
    await parts.workers?.end();
    await parts.tracer?.close();
    context.drain.removeEventListener('abort', drain);
    context.stop.removeEventListener('abort', stop);
  }
}

/** Makes the agent take less memory while there is little left of what its container may use. */
function guardMemory(
  memory: CgroupMemory,
  agent: Agent,
  { clock, logger, metrics, workers }: AgentParts,
  context: CommandContext,
): MemoryGuard {
  const onChange = (isShort: boolean): void => {
    agent.narrow(isShort);
    if (!isShort) return;
    context.saveMemory();
    workers?.saveMemory();
  };
  return new MemoryGuard({ memory, onChange, clock, logger, metrics });
}

/** Has the agent reload when its configuration changes, as far as that is wanted, and when it is asked to. */
function followConfig(
  reloads: Reloads,
  seen: FilesState,
  { clock }: AgentParts,
  { onHangup }: CommandContext,
  signal: AbortSignal,
): void {
  const stopListening = onHangup(() => void reloads.request({ isAsked: true }));
  signal.addEventListener('abort', stopListening, { once: true });
  const onChange = async (): Promise<void> => {
    if (reloads.config.reload === 'auto') await reloads.request({ isAsked: false });
  };
  void watchConfig({ files: () => reloads.files, seen, onChange, clock, signal });
}

/** Records that were given up and that no reader has read again: in the books, not those of the whole life. */
function abandonedRecords({ streams }: AgentReport): number {
  return streams.flatMap(({ routes }) => routes).reduce((sum, { abandoned }) => sum + abandoned, 0);
}

/** Answers where the configuration says; each address that answers is added to `listeners`. */
async function listen(
  agent: Agent,
  reloads: Reloads | undefined,
  { config, logger, metrics, workers }: AgentParts,
  listeners: HttpListener[],
): Promise<void> {
  const api: AdminApi = {
    ledger: () => agent.report(),
    unmatched: () => agent.unmatched(),
    health: () => agent.health(),
    metrics: () => renderMetrics(metrics.series()),
    ...(workers !== undefined && { refresh: () => workers.refresh(), alive: () => workers.answer() }),
    sendEagerly: () => agent.sendEagerly(),
    reload: reloads && (() => reloads.request({ isAsked: true })),
    onError: (path, error) => logger.error({ path, error: messageOf(error) }, 'A request cannot be answered.'),
  };
  if (config.admin !== undefined) {
    const admin = await listenForAdmin(config.admin, api);
    listeners.push(admin);
    logger.info({ address: admin.address }, 'The admin address answers.');
  }
  if (config.health !== undefined) {
    const health = await listenForProbes(config.health, api);
    listeners.push(health);
    logger.info({ address: health.address }, 'The health address answers.');
  }
}
