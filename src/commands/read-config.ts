import { loadOwnStage } from '../agent/load-own-stage.ts';
import { catalog } from '../catalog.ts';
import type { AgentConfig, LoadedConfig } from '../config/agent-config.ts';
import { checkConfig } from '../config/check-config.ts';
import type { CheckContext } from '../config/check-context.ts';
import type { ConfigDocument } from '../config/config-document.ts';
import { formatErrors } from '../config/format-errors.ts';
import { loadConfig } from '../config/load-config.ts';
import { readConfigFile } from '../config/read-file.ts';
import { OperatorError } from '../core/errors.ts';
import type { CommandContext } from './context.ts';
import { DEFAULT_FILES, defaultFile } from './default-files.ts';

/**
 * Reads and checks a configuration file, or the first default one that exists. What is wrong or odd is printed to
 * standard error; undefined: it cannot be used.
 */
export async function readConfig(file: string | undefined, context: CommandContext): Promise<AgentConfig | undefined> {
  const path = file ?? defaultFile();
  if (path === undefined) {
    throw new OperatorError({
      code: 'ERR_USAGE',
      message: `No configuration: there is no ${DEFAULT_FILES.join(' and no ')}`,
      hint: "Name one with --config, or use --include '/path/*.log' to go without",
    });
  }
  const read = await readConfigFile(path);
  if (!read.ok) return printed({ ok: false, errors: read.errors }, '', context);
  const loaded = await loadConfig({ text: read.text, file: path, ...checkContext(context) });
  return printed(loaded, read.text, context);
}

/** Checks a configuration that was put together from the command line; prints as `readConfig()` does. */
export async function checkDocument(
  document: ConfigDocument,
  context: CommandContext,
): Promise<AgentConfig | undefined> {
  return printed(await checkConfig(document, checkContext(context)), '', context);
}

function checkContext({ env }: CommandContext): CheckContext {
  return { catalog, env, loadStage: loadOwnStage };
}

function printed(loaded: LoadedConfig, text: string, { stderr, env }: CommandContext): AgentConfig | undefined {
  const colour = stderr.isTTY === true && !env['NO_COLOR'];
  if (!loaded.ok) {
    stderr.write(formatErrors(loaded.errors, text, { colour }));
    return undefined;
  }
  if (loaded.warnings.length > 0) stderr.write(formatErrors(loaded.warnings, text, { colour }));
  return loaded.config;
}
