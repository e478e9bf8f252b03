import { checkOptions } from '../component/check-options.ts';
import {
  type ListenAddress,
  type LoopbackAddress,
  listenAddress,
  loopbackAddress,
  object,
} from '../component/options.ts';
import { formatErrors } from '../config/format-errors.ts';
import { type LoadedAddresses, loadAddresses } from '../config/load-addresses.ts';
import { readConfigFile } from '../config/read-file.ts';
import { messageOf, OperatorError } from '../core/errors.ts';
import type { CommandContext } from './context.ts';
import { defaultFile } from './default-files.ts';

/** How the command line says which agent is meant. */
export interface AdminOptions {
  readonly config?: string;
  readonly address?: string;
}

const OPTION = '--address';
const doc = 'The address of the agent.';
const adminSchema = object({ [OPTION]: loopbackAddress({ doc, default: '127.0.0.1:9595' }) });
const probeSchema = object({ [OPTION]: listenAddress({ doc, default: '127.0.0.1:9596' }) });

/**
 * The admin address that is meant: the one on the command line, the one in the configuration file, or the usual one.
 * Undefined: the configuration cannot be used, which is said.
 */
export async function adminAddress(
  { config, address }: AdminOptions,
  context: CommandContext,
): Promise<LoopbackAddress | undefined> {
  const file = config ?? defaultFile();
  if (address !== undefined || file === undefined) return parsed(checkOptions(adminSchema, { [OPTION]: address }, []));
  const found = await readAddresses(file, context);
  if (!found.ok || found.admin !== undefined) return found.ok ? found.admin : undefined;
  throw new OperatorError({
    code: 'ERR_ADMIN_CONNECT',
    message: `Cannot ask the agent of ${file}: it has no admin address`,
    hint: 'Write "admin: {}" into the configuration, and start the agent anew',
  });
}

/** The same for who asks probes only: the admin address tells more, and the health address will do. */
export async function probeAddress(
  { config, address }: AdminOptions,
  context: CommandContext,
): Promise<LoopbackAddress | undefined> {
  const file = config ?? defaultFile();
  if (address !== undefined || file === undefined) {
    return fromBeside(parsed(checkOptions(probeSchema, { [OPTION]: address }, [])));
  }
  const found = await readAddresses(file, context);
  if (!found.ok) return undefined;
  const listening = [found.admin, found.health].find((found) => found !== undefined && found.port !== 0);
  if (listening !== undefined) return fromBeside(listening);
  throw new OperatorError({
    code: 'ERR_ADMIN_CONNECT',
    message: `Cannot ask the agent of ${file}: it has no health address and no admin address, or none with a fixed port`,
    hint: 'Write "health: {}" into the configuration, and start the agent anew',
  });
}

async function readAddresses(file: string, { env, stderr }: CommandContext): Promise<LoadedAddresses> {
  const read = await readConfigFile(file);
  const found = read.ok ? loadAddresses({ text: read.text, file, env }) : read;
  if (!found.ok) stderr.write(formatErrors(found.errors, read.ok ? read.text : ''));
  return found;
}

/** How to reach, from the same machine, who listens at that address. */
function fromBeside({ host, port }: ListenAddress): LoopbackAddress {
  if (host === '::') return { host: '::1', port };
  return { host: host === undefined || host === '0.0.0.0' ? '127.0.0.1' : host, port };
}

function parsed<Address>(checked: ReturnType<typeof checkOptions<{ [OPTION]: Address }>>): Address {
  if (checked.ok) return checked.options[OPTION];
  throw new OperatorError({ code: 'ERR_USAGE', message: messageOf(checked.errors[0]) });
}
