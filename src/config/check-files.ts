import { join, resolve } from 'node:path';
import type { ClaimedFiles, SinkDefinition, SourceDefinition } from '../component/definition.ts';
import { describeValue } from '../component/describe-value.ts';
import { ConfigError } from '../core/errors.ts';
import type { AgentConfig, Configured } from './agent-config.ts';
import type { Report } from './config-document.ts';

/** A name that stands for all in a folder of the agent; it lies in the state folder. */
const OWN_FILE = 'checkpoint';

/** The files that components write, and folders, with a slash at their end. */
function writtenBy(components: readonly Configured<SourceDefinition<unknown> | SinkDefinition<unknown>>[]) {
  return components.flatMap(({ definition, options }) => definition.writes?.(options) ?? []);
}

/** All files that an agent writes, beside its state. */
export function writtenFiles({
  sources,
  sinks,
  pipelines,
}: Pick<AgentConfig, 'sources' | 'sinks' | 'pipelines'>): string[] {
  const deadLetters = pipelines.flatMap(({ deadLetter }) => (deadLetter === undefined ? [] : [deadLetter.path]));
  return [...writtenBy([...sources, ...sinks]), ...deadLetters];
}

/**
 * Checks what the sources read against what the agent writes, and against each other: a source that reads what the agent
 * writes would never come to an end, and a file of two sources is delivered twice.
 */
export function checkFiles(
  sources: readonly Configured<SourceDefinition<unknown>>[],
  ownPaths: readonly string[],
  report: Report,
): void {
  const claims = sources.flatMap(({ name, definition, options }) => {
    const files = definition.files?.(options);
    return files === undefined ? [] : [{ path: ['sources', name, 'include'], name, files }];
  });
  for (const { path, name, files } of claims) {
    const own = ownPaths.find((own) => files.matches(own.endsWith('/') ? join(resolve(own), OWN_FILE) : resolve(own)));
    if (own === undefined) continue;
    const message = `Source "${name}" would read what the agent writes: ${describeValue(own)}`;
    const hint = 'Have it written elsewhere, or name it in "exclude"';
    report.add(new ConfigError({ code: 'ERR_CONFIG_VALUE', path, message, hint }));
  }
  for (const [index, { path, name, files }] of claims.entries()) {
    const other = claims.slice(0, index).find((claim) => overlap(claim.files, files));
    if (other === undefined) continue;
    const message = `Sources "${other.name}" and "${name}" read the same files`;
    const hint = 'Each of them delivers every line; name the files in one of them, or use "exclude"';
    report.warn(new ConfigError({ code: 'ERR_CONFIG_VALUE', path, message, hint }), 'key');
  }
}

/** Whether one takes a pattern of the other for the name of a file: then it takes all that the pattern stands for. */
function overlap(a: ClaimedFiles, b: ClaimedFiles): boolean {
  return a.patterns.some((pattern) => b.matches(pattern)) || b.patterns.some((pattern) => a.matches(pattern));
}
