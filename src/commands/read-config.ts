import { loadOwnStage } from '../agent/load-own-stage.ts';
import { catalog } from '../catalog.ts';
import type { AgentConfig, LoadedConfig, UsableConfig } from '../config/agent-config.ts';
import { checkConfig } from '../config/check-config.ts';
import type { CheckContext, LoadStage } from '../config/check-context.ts';
import type { ConfigDocument } from '../config/config-document.ts';
import { formatErrors } from '../config/format-errors.ts';
import { loadConfig } from '../config/load-config.ts';
import type { LocatedError } from '../config/located-error.ts';
import { readConfigFile } from '../config/read-file.ts';
import { OperatorError } from '../core/errors.ts';
import type { CommandContext } from './context.ts';
import { DEFAULT_FILES, defaultFile } from './default-files.ts';
import { wantsColour } from './style.ts';

/**
 * Reads and checks a configuration file, or the first default one that exists. What is wrong or odd is printed to
 * standard error; undefined: it cannot be used.
 */
export async function readConfig(file: string | undefined, context: CommandContext): Promise<AgentConfig | undefined> {
  return (await readUsable(file, context))?.config;
}

/** The same, with what is known of it beside what it says. */
export async function readUsable(
  file: string | undefined,
  context: CommandContext,
): Promise<(UsableConfig & { readonly text: string }) | undefined> {
  const { loaded, text } = await loadFile(findConfig(file), context);
  const usable = printed(loaded, text, context);
  return usable && { ...usable, text };
}

/** The configuration file that is meant: the one that is named, or the first default one that exists. */
export function findConfig(file: string | undefined): string {
  const path = file ?? defaultFile();
  if (path !== undefined) return path;
  throw new OperatorError({
    code: 'ERR_USAGE',
    message: `No configuration: there is no ${DEFAULT_FILES.join(' and no ')}`,
    hint: "Name a configuration file; `pillion run --include '/path/*.log'` goes without",
  });
}

/** Reads and checks a configuration file; says nothing. */
export async function loadFile(
  path: string,
  context: CommandContext,
  loadStage: LoadStage = loadOwnStage,
): Promise<{ readonly loaded: LoadedConfig; readonly text: string }> {
  const read = await readConfigFile(path);
  if (!read.ok) return { loaded: { ok: false, errors: read.errors, files: [path] }, text: '' };
  const { text } = read;
  return { loaded: await loadText(text, path, context, loadStage), text };
}

/** Checks the text of a configuration file. */
export function loadText(
  text: string,
  file: string,
  context: Pick<CommandContext, 'env'>,
  loadStage: LoadStage,
): Promise<LoadedConfig> {
  return loadConfig({ text, file, ...checkContext(context), loadStage });
}

/** Checks a configuration that was put together from the command line; prints as `readConfig()` does. */
export async function checkDocument(
  document: ConfigDocument,
  context: CommandContext,
): Promise<AgentConfig | undefined> {
  return printed(await checkConfig(document, checkContext(context)), '', context)?.config;
}

function checkContext({ env }: Pick<CommandContext, 'env'>): CheckContext {
  return { catalog, env, loadStage: loadOwnStage };
}

function printed(loaded: LoadedConfig, text: string, context: CommandContext): UsableConfig | undefined {
  printErrors(loaded.ok ? loaded.warnings : loaded.errors, text, context);
  return loaded.ok ? loaded : undefined;
}

/** Prints what is wrong with a configuration, of which `text` is the file, to standard error; nothing where that is none. */
export function printErrors(errors: readonly LocatedError[], text: string, { stderr, env }: CommandContext): void {
  if (errors.length === 0) return;
  stderr.write(formatErrors(errors, text, { colour: stderr.isTTY === true && wantsColour(env) }));
}
