import { catalog } from '../catalog.ts';
import { printable } from '../core/printable.ts';
import { checkOwnStages } from './check-own-stages.ts';
import { checkTypes } from './check-types.ts';
import { type CommandContext, EXIT } from './context.ts';
import { printErrors, readUsable } from './read-config.ts';

export interface CheckOptions {
  readonly jsonSchema?: boolean;
}

/** `pillion check`: checks a configuration without running it; resolves with the exit code. */
export async function check(file: string | undefined, options: CheckOptions, context: CommandContext): Promise<number> {
  if (options.jsonSchema === true) {
    const { configJsonSchema } = await import('../config/json-schema.ts');
    context.stdout.write(`${JSON.stringify(await configJsonSchema(catalog), null, 2)}\n`);
    return EXIT.ok;
  }
  const usable = await readUsable(file, context);
  if (usable === undefined) return EXIT.usage;
  const { config, text } = usable;
  const broken = await checkOwnStages(usable, context);
  printErrors(broken, text, context);
  const { errors, unchecked } = await checkTypes(config);
  for (const line of errors) context.stderr.write(`${printable(line)}\n`);
  if (broken.length > 0 || errors.length > 0) return EXIT.usage;
  for (const path of unchecked) {
    context.stderr.write(`# types of ${printable(path)} not checked: there is no "typescript" installed beside it\n`);
  }
  const { sources, pipelines, sinks } = config;
  const count = (list: readonly unknown[], what: string): string =>
    `${list.length} ${what}${list.length === 1 ? '' : 's'}`;
  const parts = [count(sources, 'source'), count(pipelines, 'pipeline'), count(sinks, 'sink')];
  context.stdout.write(`${config.file}: OK (${parts.join(', ')})\n`);
  return EXIT.ok;
}
