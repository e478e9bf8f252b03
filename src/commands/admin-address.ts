import { existsSync } from 'node:fs';
import * as v from 'valibot';
import { type LoopbackAddress, loopbackAddress } from '../component/options.ts';
import { OperatorError } from '../core/errors.ts';
import type { CommandContext } from './context.ts';
import { DEFAULT_FILES, readConfig } from './read-config.ts';

/** How the command line says which agent is meant. */
export interface AdminOptions {
  readonly config?: string;
  readonly address?: string;
}

const addressSchema = loopbackAddress({ doc: 'The admin address of an agent.', default: '127.0.0.1:9595' });

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
  const parsed = v.safeParse(addressSchema, text);
  if (parsed.success) return parsed.output;
  throw new OperatorError({
    code: 'ERR_USAGE',
    message: `Cannot use ${JSON.stringify(text)} for --address: ${parsed.issues[0].message}`,
  });
}
