import type { Catalog } from '../component/catalog.ts';
import { closest } from '../component/closest.ts';
import { describeValue } from '../component/describe-value.ts';
import { keysAt } from '../component/schema-walk.ts';
import { ConfigError, type ConfigPath } from '../core/errors.ts';
import type { Configured } from './agent-config.ts';
import { type Checkable, checkComponent } from './check-component.ts';
import { type Check, mapAt } from './check-context.ts';
import { checkName, nameHint } from './check-names.ts';

/** The two sections that name components by their type. */
export type Section = 'sources' | 'sinks';

const OTHER: Record<Section, Section> = { sources: 'sinks', sinks: 'sources' };

/**
 * Checks each component of a section, after it has loaded what it needs, and gives those that are right. `suggested` are options for a component of that
 * name which it has where it knows them and they are not written.
 */
export async function checkComponents<Definition extends Checkable & { load?(): Promise<void> }>(
  section: Section,
  types: ReadonlyMap<string, Definition>,
  components: Readonly<Record<string, unknown>>,
  check: Check,
  suggested: (name: string) => Readonly<Record<string, unknown>> = () => ({}),
): Promise<Configured<Definition>[]> {
  const right: Configured<Definition>[] = [];
  for (const [name, written] of Object.entries(components)) {
    const path = [section, name];
    checkName(path, check.report);
    if (written === null || typeof written !== 'object' || Array.isArray(written)) {
      const message = `Cannot use ${describeValue(written)} for ${describeValue(name)}: expected a map of options`;
      const hint = `Write it as in \`${name}: { type: ${[...types.keys()][0]} }\``;
      check.report.add(new ConfigError({ code: 'ERR_CONFIG_TYPE', path, message, hint }));
      continue;
    }
    const { type, ...own } = mapAt(written);
    const definition = typeof type === 'string' ? types.get(type) : undefined;
    if (definition === undefined) {
      check.report.add(typeError(section, type, own, path, check.catalog));
      continue;
    }
    const known = keysAt(definition.options, []);
    const wanted = Object.entries(suggested(name)).filter(([key]) => known.includes(key));
    const options = { ...Object.fromEntries(wanted), ...own };
    await definition.load?.();
    const checked = checkComponent(definition, options, path, check.document);
    if (checked.ok) right.push({ name, definition, options: checked.options });
    else check.report.addAll(checked.errors);
  }
  return right;
}

/** Why `type` names no component of the section. Without a type, the options cannot be checked. */
function typeError(
  section: Section,
  type: unknown,
  options: Readonly<Record<string, unknown>>,
  path: ConfigPath,
  catalog: Catalog,
): ConfigError {
  const what = section.slice(0, -1);
  const known = [...catalog[section].keys()];
  const at = [...path, 'type'];
  if (type === undefined) {
    const misspelt = Object.keys(options).find((key) => closest(key, ['type']) !== undefined);
    if (misspelt !== undefined) {
      const message = `Unknown key ${JSON.stringify(misspelt)}`;
      return new ConfigError({
        code: 'ERR_CONFIG_KEY',
        path: [...path, misspelt],
        message,
        hint: 'Did you mean "type"?',
      });
    }
    const hint = `Add it, as in \`type: ${known[0]}\`. Known types of ${section}: ${known.join(', ')}`;
    return new ConfigError({ code: 'ERR_CONFIG_MISSING', path: at, message: 'Missing key "type"', hint });
  }
  if (typeof type !== 'string') {
    const message = `Cannot use ${describeValue(type)} for "type": expected the type of a ${what}`;
    const hint = `Known types of ${section}: ${known.join(', ')}`;
    return new ConfigError({ code: 'ERR_CONFIG_TYPE', path: at, message, hint });
  }
  const isOther = catalog[OTHER[section]].has(type);
  const hint = isOther
    ? `${JSON.stringify(type)} is a type of ${OTHER[section]}: move it there`
    : nameHint(type, known, `types of ${section}`);
  return new ConfigError({
    code: 'ERR_CONFIG_VALUE',
    path: at,
    message: `Unknown ${what} type ${describeValue(type)}`,
    hint,
  });
}
