import type { LoadedConfig } from './agent-config.ts';
import { checkConfig } from './check-config.ts';
import type { CheckContext } from './check-context.ts';
import { readYaml } from './read-yaml.ts';

/**
 * Makes a configuration out of the text of a YAML file. Never rejects for what is in the text: all that is wrong is in
 * the result, each error with its place. `file` names it in messages, and own stages are looked up beside it.
 */
export async function loadConfig(
  options: CheckContext & { readonly text: string; readonly file: string },
): Promise<LoadedConfig> {
  const read = readYaml(options);
  return read.ok ? checkConfig(read.document, options) : { ...read, files: [options.file] };
}
