import { askAgent } from '../agent/admin-client.ts';
import { checkOptions } from '../component/check-options.ts';
import { object, optionalDuration } from '../component/options.ts';
import { SystemClock } from '../core/clock.ts';
import { messageOf, OperatorError } from '../core/errors.ts';
import { type AdminOptions, adminAddress } from './admin-address.ts';
import { type CommandContext, EXIT } from './context.ts';
import { printError } from './print-error.ts';

/** Options of `pillion drain`. */
export interface DrainOptions extends AdminOptions {
  readonly hold?: string;
}

const schema = object({ '--hold': optionalDuration({ doc: 'How long the command goes on.' }) });

/**
 * `pillion drain`: has a running agent send eagerly from now on; resolves with the exit code, `hold` later if that is
 * given. It holds as long when no agent answers: whoever waits for the command counts on the time.
 */
export async function drain(options: DrainOptions, context: CommandContext): Promise<number> {
  const checked = checkOptions(schema, { '--hold': options.hold }, []);
  if (!checked.ok) throw new OperatorError({ code: 'ERR_USAGE', message: messageOf(checked.errors[0]) });
  const address = await adminAddress(options, context);
  if (address === undefined) return EXIT.usage;
  const exit = await whenAnswered(context, async () => {
    await askAgent('POST', '/-/drain', address);
    context.stdout.write('The agent sends everything at once from now on.\n');
    return EXIT.ok;
  });
  const holdMs = checked.options['--hold'];
  if (holdMs !== undefined) await new SystemClock().sleep(holdMs, context.drain);
  return exit;
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
