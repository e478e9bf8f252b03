import { type ListenAddress, type LoopbackAddress, object } from '../component/options.ts';
import { checkFilled } from './check-component.ts';
import { mapAt } from './check-context.ts';
import type { Environment } from './environment.ts';
import { addressEntries } from './file-schema.ts';
import { inOrder, type LocatedError } from './located-error.ts';
import { readYaml } from './read-yaml.ts';

/** Where a configuration has its agent answer, or what is wrong with that part of it. */
export type LoadedAddresses =
  | { readonly ok: true; readonly admin: LoopbackAddress | undefined; readonly health: ListenAddress | undefined }
  | { readonly ok: false; readonly errors: readonly LocatedError[] };

const schema = object(addressEntries);

/**
 * Reads `admin` and `health` out of the text of a configuration, and looks at nothing else: whoever asks a running agent
 * has no time to load stages, and can ask also when the file has an error by now.
 */
export function loadAddresses(source: {
  readonly text: string;
  readonly file: string;
  readonly env: Environment;
}): LoadedAddresses {
  const read = readYaml(source);
  if (!read.ok) return read;
  const { document } = read;
  const all = mapAt(document.value);
  const written = Object.fromEntries(
    Object.keys(addressEntries)
      .filter((key) => key in all)
      .map((key) => [key, all[key]]),
  );
  const checked = checkFilled(schema, written, [], document);
  if (checked.ok) return { ok: true, admin: checked.options.admin?.listen, health: checked.options.health?.listen };
  const errors = checked.errors.map((error) => ({ ...document.locate(error.path, 'value'), error }));
  return { ok: false, errors: inOrder(errors) };
}
