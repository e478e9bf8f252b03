import * as v from 'valibot';
import { ConfigError, type ConfigPath, type ErrorCode } from '../core/errors.ts';
import { closest } from './closest.ts';
import type { OptionsSchema } from './options.ts';

/** Options that were checked, or all that is wrong with them. */
export type Checked<Options> =
  | { readonly ok: true; readonly options: Options }
  | { readonly ok: false; readonly errors: ConfigError[] };

/** Checks what the configuration holds at `path` against the options of a component. Finds all errors, not the first. */
export function checkOptions<Options>(
  schema: OptionsSchema<Options>,
  value: unknown,
  path: ConfigPath,
): Checked<Options> {
  const result = v.safeParse(schema, value);
  if (result.success) return { ok: true, options: result.output };
  return { ok: false, errors: result.issues.map((issue) => toError(issue, schema, path)) };
}

function toError(issue: v.BaseIssue<unknown>, schema: v.GenericSchema, base: ConfigPath): ConfigError {
  const keys = (issue.path ?? []).map((item) => item.key as string | number);
  const path = [...base, ...keys];
  const key = String(keys.at(-1) ?? '');
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const known = entryNames(schema, keys.slice(0, -1));
    const near = closest(key, known);
    const hint = near === undefined ? `Known keys: ${known.join(', ')}` : `Did you mean ${JSON.stringify(near)}?`;
    return new ConfigError({ code: 'ERR_CONFIG_KEY', path, message: `Unknown key ${JSON.stringify(key)}`, hint });
  }
  if (issue.type === 'strict_object' && issue.input === undefined) {
    return new ConfigError({ code: 'ERR_CONFIG_MISSING', path, message: `Missing key ${JSON.stringify(key)}` });
  }
  const code: ErrorCode = issue.kind === 'schema' ? 'ERR_CONFIG_TYPE' : 'ERR_CONFIG_VALUE';
  const found = issue.input === undefined ? 'nothing' : JSON.stringify(issue.input);
  const name = key === '' ? 'options' : JSON.stringify(key);
  return new ConfigError({ code, path, message: `Cannot use ${found} for ${name}: ${issue.message}` });
}

/** The keys that the object schema at `path` inside `schema` knows. */
function entryNames(schema: v.GenericSchema, path: ConfigPath): string[] {
  let at: unknown = schema;
  for (const key of path) at = entriesOf(at)?.[String(key)];
  return Object.keys(entriesOf(at) ?? {});
}

function entriesOf(schema: unknown): Record<string, unknown> | undefined {
  let at = schema as { entries?: Record<string, unknown>; wrapped?: unknown; pipe?: unknown[] } | undefined;
  while (at !== undefined && at.entries === undefined && at.wrapped !== undefined) at = at.wrapped as typeof at;
  return at?.entries;
}
