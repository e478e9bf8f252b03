import { checkOptions } from '../component/check-options.ts';
import { closest } from '../component/closest.ts';
import { describeValue } from '../component/describe-value.ts';
import { ConfigError, type ConfigPath } from '../core/errors.ts';
import type { ConfiguredStage, ConfiguredStep, OnError } from './agent-config.ts';
import { below } from './check-component.ts';
import { type Check, mapAt } from './check-context.ts';
import { nameHint } from './check-names.ts';
import { checkCondition, checkStageOptions, type StageKeys, stageError } from './check-stage-options.ts';
import { AUTO, checkUse } from './check-use.ts';
import { stageKeysSchema } from './file-schema.ts';
import { READY_MADE_FOLDER, readyMadeNames } from './ready-made.ts';

/**
 * Checks one item of a list of stages. Undefined: it has errors, which are reported. The forms are
 * `json`, `json:`, `timestamp: { field: time }`, and `use:` with a file or the name of a ready-made pipeline; beside all
 * but the first, `if` and `on_error` may stand. `inherited` is what becomes of records where `on_error` does not stand.
 */
export async function checkStage(
  written: unknown,
  path: ConfigPath,
  check: Check,
  inherited: OnError = 'forward',
): Promise<ConfiguredStep | undefined> {
  const placedByDefault: StageKeys = { when: undefined, onError: inherited };
  if (typeof written === 'string') return checkBuiltIn(written, null, placedByDefault, [...path, written], check);
  const { if: condition, on_error, ...stage } = mapAt(written);
  const common = { ...(condition !== undefined && { if: condition }), ...(on_error !== undefined && { on_error }) };
  const keys = Object.keys(stage);
  const [type] = keys;
  if (!keys.includes('use') && (type === undefined || keys.length > 1)) {
    check.report.add(type === undefined ? notAStage(written, path) : severalKeys(keys, path, check));
    return undefined;
  }
  const placed = await checkKeys(common, path, check, inherited);
  const checked = keys.includes('use')
    ? await checkUse(stage, placed ?? placedByDefault, path, check, checkStage)
    : await checkBuiltIn(type!, stage[type!], placed ?? placedByDefault, [...path, type!], check);
  return placed === undefined ? undefined : checked;
}

async function checkKeys(
  written: { readonly if?: unknown; readonly on_error?: unknown },
  path: ConfigPath,
  { report }: Check,
  inherited: OnError,
): Promise<StageKeys | undefined> {
  const checked = checkOptions(stageKeysSchema, written, path);
  if (!checked.ok) report.addAll(checked.errors);
  const when = await checkCondition(written.if);
  if (when instanceof ConfigError) {
    report.add(below([...path, 'if'], when));
    return undefined;
  }
  if (!checked.ok) return undefined;
  return { when, onError: written.on_error === undefined ? inherited : checked.options.on_error };
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
    const hint = hintForUnknown(type, check);
    check.report.add(stageError('ERR_CONFIG_VALUE', path, `Unknown stage ${describeValue(type)}`, hint), 'key');
    return undefined;
  }
  return checkStageOptions(definition, written, { ...placed, label: type }, path, check);
}

function hintForUnknown(type: string, { catalog, pipelinesFolder = READY_MADE_FOLDER }: Check): string {
  if (/[./\\]/.test(type))
    return `A stage of your own is written as \`use: ${type.startsWith('.') ? '' : './'}${type}\``;
  const isReadyMade = type === AUTO || readyMadeNames(pipelinesFolder).includes(type);
  if (isReadyMade) return `It is a ready-made pipeline: write \`- use: ${type}\``;
  return nameHint(type, [...catalog.stages.keys()], 'stages');
}

function notAStage(written: unknown, path: ConfigPath): ConfigError {
  const message = `Cannot use ${describeValue(written)} as a stage: expected its name, or a map with its name and options`;
  return stageError('ERR_CONFIG_TYPE', path, message, 'Write it as in `- json` or `- timestamp: { field: time }`');
}

function severalKeys(keys: readonly string[], path: ConfigPath, { catalog }: Check): ConfigError {
  const [first, second] = keys;
  const message = `Cannot use ${keys.length} keys as one stage`;
  const near = keys.map((key) => closest(key, Object.keys(stageKeysSchema.entries))).find((key) => key !== undefined);
  let hint = `Indent the options of ${describeValue(first)} deeper than its name`;
  if (catalog.stages.has(String(second))) hint = `Begin each stage with "- ", also ${describeValue(second)}`;
  else if (near !== undefined) hint = `Did you mean ${JSON.stringify(near)}?`;
  return stageError('ERR_CONFIG_TYPE', path, message, hint);
}
