import { askAgent } from '../agent/admin-client.ts';
import type { AgentReport } from '../agent/agent-report.ts';
import { type AdminOptions, adminAddress } from './admin-address.ts';
import { type CommandContext, EXIT } from './context.ts';
import { whenAnswered } from './drain.ts';
import { formatStatus } from './format-status.ts';

export interface StatusOptions extends AdminOptions {
  readonly json?: boolean;
}

/** `pillion status`: prints how far a running agent is; resolves with the exit code. */
export async function status(options: StatusOptions, context: CommandContext): Promise<number> {
  const address = await adminAddress(options, context);
  if (address === undefined) return EXIT.usage;
  return whenAnswered(context, async () => {
    const { body } = await askAgent('GET', '/ledger', address);
    context.stdout.write(options.json === true ? body : formatStatus(JSON.parse(body) as AgentReport));
    return EXIT.ok;
  });
}
