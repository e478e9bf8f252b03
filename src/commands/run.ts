import { openCheckpoint } from '../agent/open-checkpoint.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import { configFromArguments } from '../config/from-arguments.ts';
import { SystemClock } from '../core/clock.ts';
import { OperatorError } from '../core/errors.ts';
import { createLogger, type LogLevel } from '../telemetry/logger.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { type CommandContext, EXIT } from './context.ts';
import { checkDocument, readConfig } from './read-config.ts';
import { runAgent } from './run-agent.ts';

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
  const config = await configOf(options, context);
  if (config === undefined) return EXIT.usage;
  const { stderr } = context;
  const logger = createLogger({
    level: options.logLevel ?? config.logLevel,
    pretty: stderr.isTTY === true,
    stream: stderr,
  });
  const clock = new SystemClock();
  const metrics = new Metrics();
  const checkpoint = await openCheckpoint(options.state ?? config.stateFolder, { clock, logger, metrics });
  logger.info({ config: config.file, sources: names(config.sources), sinks: names(config.sinks) }, 'Agent started.');

  const { summary, sentence, isComplete } = await runAgent({ config, checkpoint, clock, logger, metrics }, context);
  if (isComplete) logger.info(summary, sentence);
  else logger.error(summary, sentence);
  return isComplete ? EXIT.ok : EXIT.failed;
}

async function configOf(options: RunOptions, context: CommandContext): Promise<AgentConfig | undefined> {
  const { config, include, exclude = [], startAt, state } = options;
  if (include === undefined) {
    if (exclude.length > 0 || startAt !== undefined) throw misused('--exclude and --start-at go with --include');
    return readConfig(config, context);
  }
  if (config !== undefined) throw misused('--include goes without --config');
  const document = configFromArguments({ include, exclude, startAt, state, env: context.env });
  const found = await checkDocument(document, context);
  if (found !== undefined)
    context.stderr.write(`# The configuration, as it would stand in a file:\n${document.toYaml()}`);
  return found;
}

function misused(rule: string): OperatorError {
  return new OperatorError({
    code: 'ERR_USAGE',
    message: `Cannot combine these options: ${rule}`,
    hint: 'With a configuration file, write "include", "exclude" and "start_at" into the file source',
  });
}

function names(components: readonly { readonly name: string }[]): string {
  return components.map(({ name }) => name).join(', ');
}
