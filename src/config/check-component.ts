import { isScalar, parseDocument } from 'yaml';
import { type Checked, checkOptions } from '../component/check-options.ts';
import type { OptionsSchema } from '../component/options.ts';
import { ConfigError, type ConfigPath } from '../core/errors.ts';
import type { ConfigDocument } from './config-document.ts';

/** What is needed of a definition here. */
export interface Checkable {
  readonly options: OptionsSchema<unknown>;
  check?(options: unknown): ConfigError[];
}

/** Checks the options that stand at `path`, by types and then by what the definition itself checks. */
export function checkComponent(
  definition: Checkable,
  written: unknown,
  path: ConfigPath,
  document: ConfigDocument,
): Checked<unknown> {
  const checked = checkFilled(definition.options, written, path, document);
  if (!checked.ok) return checked;
  const errors = (definition.check?.(checked.options) ?? []).map((error) => below(path, error));
  return errors.length === 0 ? checked : { ok: false, errors };
}

/**
 * Checks like `checkOptions()`. The text of an environment variable stays text where the option takes text; where it
 * takes a number, true or false instead, the text is read as YAML reads it: `${PORT}` may stand for 4318.
 */
export function checkFilled<Options>(
  schema: OptionsSchema<Options>,
  written: unknown,
  path: ConfigPath,
  document: ConfigDocument,
): Checked<Options> {
  const checked = checkOptions(schema, written, path);
  if (checked.ok) return checked;
  let value = written;
  for (const error of checked.errors) {
    const text = error.code === 'ERR_CONFIG_TYPE' ? document.filledText(error.path) : undefined;
    const scalar = text === undefined ? undefined : readScalar(text);
    if (scalar !== undefined) value = replaced(value, error.path.slice(path.length), scalar);
  }
  return value === written ? checked : checkOptions(schema, value, path);
}

/** The number, true or false that `text` is in YAML; undefined when it is anything else. */
function readScalar(text: string): number | boolean | undefined {
  const { contents } = parseDocument(text, { logLevel: 'silent' });
  const value = isScalar(contents) ? contents.value : undefined;
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : value;
  return typeof value === 'boolean' ? value : undefined;
}

/** A copy of `value` that holds `scalar` at `path`. */
function replaced(value: unknown, path: ConfigPath, scalar: number | boolean): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return scalar;
  if (Array.isArray(value)) return value.map((item, i) => (i === key ? replaced(item, rest, scalar) : item));
  const map = value as Record<string, unknown>;
  return { ...map, [key]: replaced(map[key], rest, scalar) };
}

/** `error`, whose path is relative to what stands at `path`, with its whole path. */
export function below(path: ConfigPath, error: ConfigError): ConfigError {
  const { code, message, hint, cause } = error;
  return new ConfigError({ code, path: [...path, ...error.path], message, hint, cause });
}
