import { askAgent } from '../agent/admin-client.ts';
import { OperatorError } from '../core/errors.ts';
import { type AdminOptions, probeAddress } from './admin-address.ts';
import { type CommandContext, EXIT } from './context.ts';
import { whenAnswered } from './drain.ts';

/**
 * `pillion status --ready`: says whether an agent is ready, and exits with 0 only then. For probes of the kind `exec`
 * and health checks of containers: it loads little, so that it is asked quickly and often.
 */
export async function ready(options: AdminOptions, context: CommandContext): Promise<number> {
  const address = await probeAddress(options, context);
  if (address === undefined) return EXIT.usage;
  return whenAnswered(context, async () => {
    const { status, body } = await askAgent('GET', '/readyz?verbose', address, [200, 503]);
    if (status === 200) {
      context.stdout.write(body);
      return EXIT.ok;
    }
    throw new OperatorError({ code: 'ERR_NOT_READY', message: `The agent is ${body.trimEnd()}` });
  });
}
