import { askAgent } from '../agent/admin-client.ts';
import { OperatorError } from '../core/errors.ts';
import { type AdminOptions, adminAddress } from './admin-address.ts';
import { type CommandContext, EXIT } from './context.ts';
import { printError } from './print-error.ts';

/** `pillion drain`: has a running agent send eagerly from now on; resolves with the exit code. */
export async function drain(options: AdminOptions, context: CommandContext): Promise<number> {
  const address = await adminAddress(options, context);
  if (address === undefined) return EXIT.usage;
  return whenAnswered(context, async () => {
    await askAgent('POST', '/-/drain', address);
    context.stdout.write('The agent sends everything at once from now on.\n');
    return EXIT.ok;
  });
}

/** Runs `ask`; when no agent answers, that is printed and the command has failed: it was not misused. */
export async function whenAnswered(context: CommandContext, ask: () => Promise<number>): Promise<number> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    printError(error, context.stderr);
    return EXIT.failed;
  }
}
