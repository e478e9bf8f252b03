import { askAgent } from '../agent/admin-client.ts';
import { formatReloadError, type ReloadResult } from '../agent/reload-report.ts';
import type { ConfigDiff } from '../config/config-diff.ts';
import { printable } from '../core/printable.ts';
import { type AdminOptions, adminAddress } from './admin-address.ts';
import { type CommandContext, EXIT } from './context.ts';
import { whenAnswered } from './drain.ts';

/** How long an agent may take: what the old configuration has under way comes to its end first. */
const TIMEOUT_MS = 30_000;

/** `pillion reload`: has a running agent take over its changed configuration; resolves with the exit code. */
export async function reload(options: AdminOptions, context: CommandContext): Promise<number> {
  const address = await adminAddress(options, context);
  if (address === undefined) return EXIT.usage;
  return whenAnswered(context, async () => {
    const { status, body } = await askAgent('POST', '/-/reload', address, [200, 409, 422], TIMEOUT_MS);
    if (status === 409) {
      context.stderr.write(`${printable(body.trimEnd())}\n`);
      return EXIT.failed;
    }
    return print(JSON.parse(body) as ReloadResult, context);
  });
}

function print(answer: ReloadResult, { stdout, stderr }: CommandContext): number {
  switch (answer.result) {
    case 'reloaded':
      stdout.write(`The configuration was reloaded.\n${formatChanges(answer.changes)}`);
      return EXIT.ok;
    case 'unchanged':
      stdout.write('Nothing in the configuration has changed.\n');
      return EXIT.ok;
    case 'failed':
      for (const error of answer.errors) stderr.write(`${printable(formatReloadError(error))}\n`);
      stderr.write('The old configuration goes on.\n');
      return EXIT.usage;
    default:
      return answer satisfies never;
  }
}

/** What has changed, a section a line: `  sinks: added far; changed near`. */
function formatChanges({ sources, pipelines, sinks, settings }: ConfigDiff): string {
  const sections = Object.entries({ sources, pipelines, sinks }).map(([section, changes]) => {
    const kinds = Object.entries(changes).map(([kind, names]) => formatNames(kind, names as readonly string[]));
    return [section, kinds.filter((kind) => kind !== '').join('; ')] as const;
  });
  return [...sections, ['settings', formatNames('changed', settings)] as const]
    .filter(([, changes]) => changes !== '')
    .map(([section, changes]) => `  ${section}: ${printable(changes)}\n`)
    .join('');
}

function formatNames(kind: string, names: readonly string[]): string {
  return names.length === 0 ? '' : `${kind} ${names.join(', ')}`;
}
