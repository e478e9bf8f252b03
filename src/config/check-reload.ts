import { ConfigError, type ConfigPath } from '../core/errors.ts';
import type { AgentConfig } from './agent-config.ts';
import type { ConfigDiff } from './config-diff.ts';

/** Keys at the top that a running agent takes over. Whatever else stands there needs a new process. */
const TAKEN_OVER: readonly string[] = [
  'resource',
  'pod_info',
  'drain_timeout',
  'linger',
  'log_level',
  'exit_when',
  'termination_message',
  'reload',
];

const HINT = 'Restart the agent to have it take effect, or undo the change';

/** What of a new configuration a running agent cannot take over; nothing: all of it. */
export function checkReload(old: AgentConfig, next: AgentConfig, { settings, sources }: ConfigDiff): ConfigError[] {
  const kept = settings.filter((key) => !TAKEN_OVER.includes(key));
  const errors = kept.map((key) => restartError([key], `"${key}"`));
  const used = namesOfUsed(next);
  for (const { name, definition } of old.sources) {
    const isUsed = namesOfUsed(old).has(name);
    if (definition.isReadOnce !== true || !isUsed) continue;
    if (used.has(name) && !sources.changed.includes(name)) continue;
    errors.push(restartError(['sources', name], `source "${name}"`, 'its input can be opened only once'));
  }
  return errors;
}

function restartError(path: ConfigPath, what: string, why?: string): ConfigError {
  return new ConfigError({
    code: 'ERR_RELOAD_RESTART',
    path,
    message: `Cannot change ${what} while the agent runs${why === undefined ? '' : `: ${why}`}`,
    hint: HINT,
  });
}

/** Sources that are there and that a pipeline reads. */
function namesOfUsed({ sources, pipelines }: AgentConfig): ReadonlySet<string> {
  const read = new Set(pipelines.flatMap(({ from }) => from));
  return new Set(sources.map(({ name }) => name).filter((name) => read.has(name)));
}
