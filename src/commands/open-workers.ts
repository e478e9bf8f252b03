import { loadPresentStage } from '../agent/load-own-stage.ts';
import type { Workers } from '../agent/workers/workers.ts';
import type { LoadedConfig, UsableConfig } from '../config/agent-config.ts';
import type { Clock } from '../core/clock.ts';
import { ConfigError, messageOf, OperatorError } from '../core/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { CommandContext } from './context.ts';
import { loadFile } from './read-config.ts';

/**
 * Starts the threads that a configuration asks for, and has them read it; undefined: none. Rejects when one cannot read
 * it. What they need is loaded only then.
 */
export async function openWorkers(
  { config, text }: UsableConfig & { readonly text: string },
  { context, logger, clock }: { readonly context: CommandContext; readonly logger: Logger; readonly clock: Clock },
): Promise<Workers | undefined> {
  if (config.workers === 1) return undefined;
  const { Workers } = await import('../agent/workers/workers.ts');
  const { thread, stderr } = context;
  const workers = new Workers({
    count: config.workers,
    thread,
    logLevel: logger.level,
    isPretty: stderr.isTTY === true,
    clock,
    log: (line) => void stderr.write(line),
  });
  return endingAtFailure(workers, async () => {
    await workers.load(config, text);
    return workers;
  });
}

/** Does something before an agent has the workers, which are ended if it fails. */
export async function endingAtFailure<Result>(
  workers: Workers | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    await workers?.end();
    throw error;
  }
}

/** Reads a configuration as it is now, also in the workers. */
export async function loadAgain(
  path: string,
  context: CommandContext,
  workers: Workers | undefined,
): Promise<LoadedConfig> {
  const { loaded, text } = await loadFile(path, context, loadPresentStage);
  if (!loaded.ok || workers === undefined) return loaded;
  try {
    await workers.load(loaded.config, text);
    return loaded;
  } catch (cause) {
    const { code, hint } =
      cause instanceof OperatorError ? cause : { code: 'ERR_CONFIG_READ' as const, hint: undefined };
    const error = new ConfigError({ code, path: [], message: messageOf(cause), hint, cause });
    return { ok: false, errors: [{ file: path, line: 0, column: 0, error }], files: loaded.files };
  }
}
