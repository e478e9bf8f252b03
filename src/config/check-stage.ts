import { dirname, resolve } from 'node:path';
import { checkOptions } from '../component/check-options.ts';
import { closest } from '../component/closest.ts';
import type { StageDefinition } from '../component/definition.ts';
import { describeValue } from '../component/describe-value.ts';
import { type Condition, parseCondition } from '../condition/condition.ts';
import { loadConditions } from '../condition/library.ts';
import { ConfigError, type ConfigPath, type ErrorCode, messageOf, OperatorError } from '../core/errors.ts';
import type { ConfiguredStage } from './agent-config.ts';
import { checkComponent } from './check-component.ts';
import { type Check, mapAt } from './check-context.ts';
import { nameHint } from './check-names.ts';
import { ownStageSchema, stageKeysSchema } from './file-schema.ts';

/**
 * Checks one item of a list of stages. Undefined: it has errors, which are reported. The forms are
 * `json`, `json:`, `timestamp: { field: time }`, and `use: ./stages/mask.ts` with or without `options`; beside all but the
 * first, `if` and `on_error` may stand.
 */
export async function checkStage(
  written: unknown,
  path: ConfigPath,
  check: Check,
): Promise<ConfiguredStage | undefined> {
  if (typeof written === 'string') return checkBuiltIn(written, null, DEFAULT_KEYS, [...path, written], check);
  const { if: condition, on_error, ...stage } = mapAt(written);
  const common = { ...(condition !== undefined && { if: condition }), ...(on_error !== undefined && { on_error }) };
  const keys = Object.keys(stage);
  const [type] = keys;
  if (!keys.includes('use') && (type === undefined || keys.length > 1)) {
    check.report.add(type === undefined ? notAStage(written, path) : severalKeys(keys, path, check));
    return undefined;
  }
  const placed = await checkKeys(common, path, check);
  const checked = keys.includes('use')
    ? await checkOwn(stage, placed ?? DEFAULT_KEYS, path, check)
    : await checkBuiltIn(type!, stage[type!], placed ?? DEFAULT_KEYS, [...path, type!], check);
  return placed === undefined ? undefined : checked;
}

/** What stands beside the name of a stage, checked. */
type StageKeys = Pick<ConfiguredStage, 'when' | 'onError'>;

const DEFAULT_KEYS: StageKeys = { when: undefined, onError: 'forward' };

async function checkKeys(
  written: { readonly if?: unknown; readonly on_error?: unknown },
  path: ConfigPath,
  { report }: Check,
): Promise<StageKeys | undefined> {
  const checked = checkOptions(stageKeysSchema, written, path);
  if (!checked.ok) report.addAll(checked.errors);
  let when: Condition | ConfigError | undefined;
  if (typeof written.if === 'string') {
    await loadConditions();
    when = parseCondition(written.if);
  }
  if (when instanceof ConfigError) {
    const { code, message, hint } = when;
    report.add(new ConfigError({ code, path: [...path, 'if'], message, hint }));
    return undefined;
  }
  return checked.ok ? { when, onError: checked.options.on_error } : undefined;
}

async function checkBuiltIn(
  type: string,
  written: unknown,
  placed: StageKeys,
  path: ConfigPath,
  check: Check,
): Promise<ConfiguredStage | undefined> {
  const definition = check.catalog.stages.get(type);
  if (definition === undefined) {
    const hint = /[./\\]/.test(type)
      ? `A stage of your own is written as \`use: ${type.startsWith('.') ? '' : './'}${type}\``
      : nameHint(type, [...check.catalog.stages.keys()], 'stages');
    check.report.add(error('ERR_CONFIG_VALUE', path, `Unknown stage ${describeValue(type)}`, hint), 'key');
    return undefined;
  }
  return checkStageOptions(definition, written, { ...placed, label: type }, path, check);
}

async function checkOwn(
  written: unknown,
  placed: StageKeys,
  path: ConfigPath,
  check: Check,
): Promise<ConfiguredStage | undefined> {
  const { document, report, loadStage } = check;
  const checked = checkOptions(ownStageSchema, written, path);
  if (!checked.ok) {
    report.addAll(checked.errors);
    return undefined;
  }
  const { use, options } = checked.options;
  const at = [...path, 'use'];
  if (!/^\.{0,2}[/\\]/.test(use)) {
    let hint = 'The file of a stage of your own begins with "./" or "/"';
    if (check.catalog.stages.has(use)) hint = `It is a built-in stage: write \`- ${use}\``;
    else if (/\.[cm]?[jt]s$/.test(use)) hint = `Did you mean "./${use}"?`;
    report.add(error('ERR_CONFIG_REFERENCE', at, `No ready-made pipeline is named ${describeValue(use)}`, hint));
    return undefined;
  }
  let definition: StageDefinition<unknown>;
  try {
    definition = await loadStage(resolve(dirname(document.file), use));
  } catch (cause) {
    report.add(loadError(use, at, cause));
    return undefined;
  }
  return checkStageOptions(definition, options, { ...placed, label: use }, [...path, 'options'], check);
}

async function checkStageOptions(
  definition: StageDefinition<unknown>,
  written: unknown,
  placed: Omit<ConfiguredStage, 'definition' | 'options'>,
  path: ConfigPath,
  { document, report }: Check,
): Promise<ConfiguredStage | undefined> {
  await definition.load?.();
  // `- json` and `- json:` say that nothing is to be changed: no options, of a stage that takes a map of them.
  const options = written ?? ('entries' in definition.options ? {} : null);
  const checked = checkComponent(definition, options, path, document);
  if (checked.ok) return { definition, options: checked.options, ...placed };
  report.addAll(checked.errors);
  return undefined;
}

function notAStage(written: unknown, path: ConfigPath): ConfigError {
  const message = `Cannot use ${describeValue(written)} as a stage: expected its name, or a map with its name and options`;
  return error('ERR_CONFIG_TYPE', path, message, 'Write it as in `- json` or `- timestamp: { field: time }`');
}

function severalKeys(keys: readonly string[], path: ConfigPath, { catalog }: Check): ConfigError {
  const [first, second] = keys;
  const message = `Cannot use ${keys.length} keys as one stage`;
  const near = keys.map((key) => closest(key, Object.keys(stageKeysSchema.entries))).find((key) => key !== undefined);
  let hint = `Indent the options of ${describeValue(first)} deeper than its name`;
  if (catalog.stages.has(String(second))) hint = `Begin each stage with "- ", also ${describeValue(second)}`;
  else if (near !== undefined) hint = `Did you mean ${JSON.stringify(near)}?`;
  return error('ERR_CONFIG_TYPE', path, message, hint);
}

function loadError(use: string, path: ConfigPath, cause: unknown): ConfigError {
  if (cause instanceof OperatorError) {
    const { code, message, hint } = cause;
    return new ConfigError({ code, path, message, hint, cause });
  }
  const message = `Cannot load the stage ${describeValue(use)}: ${messageOf(cause)}`;
  return new ConfigError({ code: 'ERR_CONFIG_STAGE', path, message, cause });
}

function error(code: ErrorCode, path: ConfigPath, message: string, hint: string): ConfigError {
  return new ConfigError({ code, path, message, hint });
}
