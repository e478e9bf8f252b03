import { existsSync } from 'node:fs';
import { checkOptions } from '../component/check-options.ts';
import { type LoopbackAddress, loopbackAddress, object } from '../component/options.ts';
import { messageOf, OperatorError } from '../core/errors.ts';
import type { CommandContext } from './context.ts';
import { DEFAULT_FILES, readConfig } from './read-config.ts';

/** How the command line says which agent is meant. */
export interface AdminOptions {
  readonly config?: string;
  readonly address?: string;
}

const schema = object({ '--address': loopbackAddress({ doc: 'The admin address.', default: '127.0.0.1:9595' }) });

/**
 * The admin address that is meant: the one on the command line, the one in the configuration file, or the usual one.
 * Undefined: the configuration cannot be used, which is said.
 */
export async function adminAddress(
  { config, address }: AdminOptions,
  context: CommandContext,
): Promise<LoopbackAddress | undefined> {
  if (address !== undefined) return parseAddress(address);
  if (config === undefined && !DEFAULT_FILES.some((file) => existsSync(file))) return parseAddress(undefined);
  const read = await readConfig(config, context);
  if (read === undefined || read.admin !== undefined) return read?.admin;
  throw new OperatorError({
    code: 'ERR_ADMIN_CONNECT',
    message: `Cannot ask the agent of ${read.file}: it has no admin address`,
    hint: 'Write "admin: {}" into the configuration, and start the agent anew',
  });
}

function parseAddress(text: string | undefined): LoopbackAddress {
  const checked = checkOptions(schema, { '--address': text }, []);
  if (checked.ok) return checked.options['--address'];
  throw new OperatorError({ code: 'ERR_USAGE', message: messageOf(checked.errors[0]) });
}
