import * as v from 'valibot';
import { ConfigError, type ConfigPath } from '../core/errors.ts';
import { closest } from './closest.ts';
import { describeValue } from './describe-value.ts';
import type { Described, OptionsSchema } from './options.ts';
import { type AnySchema, keysAt, schemaAt } from './schema-walk.ts';

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
  const issues = result.issues.flatMap((issue) => nearestIssues(issue, []));
  return { ok: false, errors: issues.flatMap((issue) => toErrors(issue, schema, value, path)) };
}

/** An issue with its whole path inside the options. */
interface PlacedIssue {
  readonly issue: v.BaseIssue<unknown>;
  readonly keys: ConfigPath;
}

/**
 * What to report of `issue`. When no alternative of a union takes a value, the alternative that came furthest was most
 * likely meant: of a list with a bad item the item is reported, not "expected a list of texts".
 */
function nearestIssues(issue: v.BaseIssue<unknown>, base: ConfigPath): PlacedIssue[] {
  const keys = [...base, ...(issue.path ?? []).map((item) => item.key as string | number)];
  const inner = (issue.issues ?? []).flatMap((sub) => nearestIssues(sub, keys));
  const depth = Math.max(keys.length, ...inner.map((sub) => sub.keys.length));
  return depth === keys.length ? [{ issue, keys }] : inner.filter((sub) => sub.keys.length === depth);
}

function toErrors({ issue, keys }: PlacedIssue, schema: AnySchema, value: unknown, base: ConfigPath): ConfigError[] {
  const path = [...base, ...keys];
  const at = schemaAt(schema, keys);
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const { known, unknown } = keysOf(schema, value, keys.slice(0, -1));
    // Of a union, another alternative may know the key.
    const key = String(keys.at(-1));
    const others = known.filter((other) => other !== key);
    return Array.from(new Set([...unknown, key]), (key) => unknownKey(key, others, [...path.slice(0, -1), key]));
  }
  if (issue.type === 'strict_object' && keys.length > 0 && issue.input === undefined) {
    const { known, unknown } = keysOf(schema, value, keys.slice(0, -1));
    // A key that is misspelt is not missing, too.
    const isMisspelt = unknown.some((key) => closest(key, known) === keys.at(-1));
    return isMisspelt ? [] : [missingKey(String(keys.at(-1)), aboutOf(at), path)];
  }
  // What was written, not what a transformation made of it: `1ms`, not 1.
  const written = valueAt(value, keys);
  const isWrongWord = issue.type === 'picklist' && typeof written === 'string';
  return [
    new ConfigError({
      code: isWrongWord || issue.kind !== 'schema' ? 'ERR_CONFIG_VALUE' : 'ERR_CONFIG_TYPE',
      path,
      message: `Cannot use ${describeValue(written)} for ${nameOf(path)}: ${issue.message}`,
      hint: hintFor(issue, written, at, path.at(-1)),
    }),
  ];
}

/** The keys that a map may have, and those that it has beyond them: valibot itself stops at the first such key. */
function keysOf(schema: AnySchema, value: unknown, path: ConfigPath): { known: string[]; unknown: string[] } {
  const known = keysAt(schema, path);
  return { known, unknown: Object.keys(Object(valueAt(value, path))).filter((key) => !known.includes(key)) };
}

function unknownKey(key: string, known: readonly string[], path: ConfigPath): ConfigError {
  const near = closest(key, known);
  const hint = near === undefined ? `Known keys: ${known.join(', ')}` : `Did you mean ${JSON.stringify(near)}?`;
  return new ConfigError({ code: 'ERR_CONFIG_KEY', path, message: `Unknown key ${describeValue(key)}`, hint });
}

function missingKey(key: string, { doc, example }: Partial<Described>, path: ConfigPath): ConfigError {
  const form = example === undefined ? 'Add it' : `Add it, as in \`${key}: ${example}\``;
  const hint = doc === undefined ? form : `${form}. ${doc.replace(/\.$/, '')}`;
  return new ConfigError({ code: 'ERR_CONFIG_MISSING', path, message: `Missing key ${JSON.stringify(key)}`, hint });
}

function hintFor(
  issue: v.BaseIssue<unknown>,
  written: unknown,
  schema: AnySchema | undefined,
  key: string | number | undefined,
): string | undefined {
  const about = aboutOf(schema);
  const isScalar = typeof written === 'number' || typeof written === 'boolean';
  const isPlainNumber = (isScalar || typeof written === 'string') && /^\d+(\.\d+)?$/.test(String(written));
  if (issue.type === 'picklist' && typeof written === 'string') {
    const near = closest(written, (schema?.options ?? []).map(String));
    return near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?`;
  }
  if (about.type === 'duration' && isPlainNumber) return `Add a unit, as in "${written}s" or "${written}ms"`;
  if (about.type === 'size' && isPlainNumber) return `Add a unit, as in "${written}B" or "${written}MiB"`;
  // A port alone. The colon has YAML read it as text, too.
  if (about.type === 'address' && isPlainNumber) {
    return `Write it with its colon: "${/loopback/.test(issue.message) ? '127.0.0.1' : ''}:${written}"`;
  }
  const isQuotable = issue.type === 'string' && isScalar && takes(schema, String(written));
  if (isQuotable) return `Put it in quotes: "${written}"`;
  if ((issue.type === 'number' || issue.type === 'boolean') && typeof written === 'string') {
    const isMeant = issue.type === 'number' ? isPlainNumber : /^(true|false)$/.test(written);
    if (isMeant) return `Write it without quotes: ${written}`;
  }
  const isEmpty = issue.type === 'min_length' || issue.type === 'min_entries';
  if ((issue.kind !== 'schema' && !isEmpty) || about.example === undefined || typeof key !== 'string') return undefined;
  return `Write it as in \`${key}: ${about.example}\``;
}

/** Whether a value would do. */
function takes(schema: AnySchema | undefined, value: unknown): boolean {
  return schema === undefined || v.safeParse(schema, value).success;
}

function aboutOf(schema: AnySchema | undefined): Partial<Described> {
  return schema === undefined ? {} : v.getMetadata(schema);
}

/** What `path` points at, as a message names it. */
function nameOf(path: ConfigPath): string {
  const key = path.at(-1);
  if (key === undefined) return 'the configuration';
  return typeof key === 'string' ? describeValue(key) : `item ${key + 1} of ${nameOf(path.slice(0, -1))}`;
}

/** What `value` holds at `path`. */
function valueAt(value: unknown, path: ConfigPath): unknown {
  let at = value;
  for (const key of path) at = (Object(at) as Record<string | number, unknown>)[key];
  return at;
}
