import { type FilesState, stateOf } from '../agent/config-watch.ts';
import { openCheckpoint } from '../agent/open-checkpoint.ts';
import { openTracer } from '../agent/open-tracer.ts';
import { formatSummary } from '../agent/summary.ts';
import { MAX_TERMINATION_MESSAGE_BYTES, writeTerminationMessage } from '../agent/termination-message.ts';
import type { AgentConfig, UsableConfig } from '../config/agent-config.ts';
import { configFromArguments } from '../config/from-arguments.ts';
import { SystemClock } from '../core/clock.ts';
import { createLogger, type LogLevel } from '../telemetry/logger.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { type CommandContext, EXIT } from './context.ts';
import { misused } from './misused.ts';
import { endingAtFailure, loadAgain, openWorkers } from './open-workers.ts';
import { checkDocument, findConfig, readUsable } from './read-config.ts';
import { type AgentParts, runAgent } from './run-agent.ts';
import { wantsColour } from './style.ts';

/** How much the last line of the log says of the files that something is left of. */
const MAX_SUMMARY_BYTES = 2048;
const MAX_LEFT_FILES = 50;

const IN_A_FILE = 'With a configuration file, write "include", "exclude" and "start_at" into the file source';

export interface RunOptions {
  readonly config?: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly startAt?: string;
  readonly state?: string;
  readonly logLevel?: LogLevel;
}

/** `pillion run`: runs the agent until it is asked to end; resolves with the exit code. */
export async function run(options: RunOptions, context: CommandContext): Promise<number> {
  const takeHangups = noteHangups(context);
  const parts = await context.whileStarting(() => start(options, context, takeHangups));
  if (parts === undefined) return EXIT.usage;
  if (parts.reloading === undefined) takeHangups();
  const { logger, present } = parts;
  const { summary, left, drainMs, isComplete } = await endingAtFailure(parts.workers, () => runAgent(parts, context));
  const say = (maxBytes: number): string => formatSummary(summary, left, { seconds: drainMs / 1000, maxBytes });
  const fields =
    left.length === 0 ? summary : { ...summary, left: left.slice(0, MAX_LEFT_FILES), leftFiles: left.length };
  logger[isComplete ? 'info' : 'error'](fields, say(MAX_SUMMARY_BYTES));
  await writeTerminationMessage(present().terminationMessage, `${say(MAX_TERMINATION_MESSAGE_BYTES - 1)}\n`, logger);
  return isComplete ? EXIT.ok : EXIT.failed;
}

/**
 * Notes that SIGHUP asks an agent to reload that is still being started, and would end the process. What it returns ends
 * that, and tells whether one came.
 */
function noteHangups({ onHangup }: CommandContext): () => boolean {
  let isNoted = false;
  const stop = onHangup(() => {
    isNoted = true;
  });
  return () => {
    stop();
    return isNoted;
  };
}

/** Everything that an agent runs on. */
interface RunParts extends AgentParts {
  /** The configuration that is in force. */
  present(): AgentConfig;
}

/** Gets all of it ready; undefined: the configuration cannot be used, which is said. */
async function start(
  options: RunOptions,
  context: CommandContext,
  onListening: () => boolean,
): Promise<RunParts | undefined> {
  const found = await configOf(options, context);
  if (found === undefined) return undefined;
  const { config, file } = found;
  const { stderr } = context;
  const logger = createLogger({
    level: options.logLevel ?? config.logLevel,
    pretty: stderr.isTTY === true,
    colour: wantsColour(context.env),
    stream: stderr,
  });
  const clock = new SystemClock();
  const metrics = new Metrics();
  const workers = file && (await openWorkers(file, { context, logger, clock }));
  const checkpoint = await endingAtFailure(workers, () =>
    openCheckpoint(options.state ?? config.stateFolder, { clock, logger, metrics }),
  );
  const tracer = await openTracer({ env: context.env, resource: config.resource, clock, logger });
  logger.info({ config: config.file, sources: names(config.sources), sinks: names(config.sinks) }, 'Agent started.');
  let present = config;
  const reloading = file && {
    first: file,
    seen: found.seen,
    onListening,
    load: () => loadAgain(config.file, context, workers),
    onReloaded(config: AgentConfig): void {
      present = config;
      logger.level = options.logLevel ?? config.logLevel;
      workers?.setLogLevel(logger.level);
    },
  };
  const parts = { config, checkpoint, clock, logger, metrics, tracer, workers, present: () => present };
  return { ...parts, ...(reloading && { reloading }) };
}

/** A configuration, and what it was read from where that was a file. */
interface Found {
  readonly config: AgentConfig;
  readonly file?: UsableConfig & { readonly text: string };
  readonly seen: FilesState;
}

/** The configuration; `file`: where it came out of one, and what that was like before. */
async function configOf(options: RunOptions, context: CommandContext): Promise<Found | undefined> {
  const { config, include, exclude = [], startAt, state } = options;
  if (include === undefined) {
    if (exclude.length > 0 || startAt !== undefined)
      throw misused('--exclude and --start-at go with --include', IN_A_FILE);
    const path = findConfig(config);
    const seen = await stateOf([path]);
    const file = await readUsable(path, context);
    return file && { config: file.config, file, seen };
  }
  if (config !== undefined) throw misused('--include goes without --config', IN_A_FILE);
  const document = configFromArguments({ include, exclude, startAt, state, env: context.env });
  const found = await checkDocument(document, context);
  if (found === undefined) return undefined;
  context.stderr.write(`# The configuration, as it would stand in a file:\n${document.toYaml()}`);
  return { config: found, seen: new Map() };
}

function names(components: readonly { readonly name: string }[]): string {
  return components.map(({ name }) => name).join(', ');
}
