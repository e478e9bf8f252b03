import { dirname, join, resolve } from 'node:path';
import { checkOptions } from '../component/check-options.ts';
import type { StageDefinition } from '../component/definition.ts';
import { describeValue } from '../component/describe-value.ts';
import { ConfigError, type ConfigPath, messageOf, OperatorError } from '../core/errors.ts';
import type { ConfiguredAuto, ConfiguredGroup, ConfiguredStage, ConfiguredStep, OnError } from './agent-config.ts';
import { below } from './check-component.ts';
import type { Check } from './check-context.ts';
import { nameHint } from './check-names.ts';
import { checkCondition, checkStageOptions, type StageKeys, stageError } from './check-stage-options.ts';
import { Report } from './config-document.ts';
import { groupSchema, useSchema } from './file-schema.ts';
import type { LocatedError } from './located-error.ts';
import { readConfigFile } from './read-file.ts';
import { FILE_OF_STAGES, readYaml } from './read-yaml.ts';
import { GROUP_FILE, READY_MADE_FOLDER, readyMadeNames } from './ready-made.ts';

/** Checks an item of a list of stages. */
type CheckItem = (
  written: unknown,
  path: ConfigPath,
  check: Check,
  inherited: OnError,
) => Promise<ConfiguredStep | undefined>;

/**
 * Checks `use:`, whose value is a stage of the user's own, `./stages/mask.ts`, a file of stages, `./pipelines/app.yaml`, or
 * the name of a ready-made pipeline. Undefined: it has errors, which are reported.
 */
export async function checkUse(
  written: unknown,
  placed: StageKeys,
  path: ConfigPath,
  check: Check,
  checkItem: CheckItem,
): Promise<ConfiguredStep | undefined> {
  const { document, report, catalog, pipelinesFolder = READY_MADE_FOLDER } = check;
  const checked = checkOptions(useSchema, written, path);
  if (!checked.ok) {
    report.addAll(checked.errors);
    return undefined;
  }
  const { use, options } = checked.options;
  const at = [...path, 'use'];
  const isFile = /^\.{0,2}[/\\]/.test(use);
  const isGroup = !isFile || /\.ya?ml$/.test(use);
  if (isFile && !isGroup) return checkOwn(use, options, placed, path, check);
  const names = isFile ? [] : readyMadeNames(pipelinesFolder);
  if (!isFile && use !== AUTO && !names.includes(use)) {
    let hint = nameHint(use, [...names, AUTO], 'ready-made pipelines');
    if (catalog.stages.has(use)) hint = `It is a built-in stage: write \`- ${use}\``;
    else if (/\.([cm]?[jt]s|ya?ml)$/.test(use)) hint = `Did you mean "./${use}"?`;
    report.add(stageError('ERR_CONFIG_REFERENCE', at, `No ready-made pipeline is named ${describeValue(use)}`, hint));
    return undefined;
  }
  if (options !== undefined) {
    const hint = 'Change what it does with stages behind it';
    report.add(
      stageError('ERR_CONFIG_KEY', [...path, 'options'], `Pipeline ${describeValue(use)} takes no options`, hint),
    );
    return undefined;
  }
  if (use === AUTO) return checkAuto(names, placed, at, check, checkItem);
  const file = isFile ? resolve(dirname(document.file), use) : join(pipelinesFolder, use, GROUP_FILE);
  if (isFile) check.used.set(file, '');
  return checkGroup(file, use, placed, at, check, checkItem);
}

async function checkOwn(
  use: string,
  options: unknown,
  placed: StageKeys,
  path: ConfigPath,
  check: Check,
): Promise<ConfiguredStage | undefined> {
  const { document, report, loadStage } = check;
  const file = resolve(dirname(document.file), use);
  check.used.set(file, '');
  let definition: StageDefinition<unknown>;
  try {
    definition = await loadStage(file);
  } catch (cause) {
    report.add(loadError(use, [...path, 'use'], cause));
    return undefined;
  }
  return checkStageOptions(definition, options ?? {}, { ...placed, label: use, file }, [...path, 'options'], check);
}

/** Checks a file of stages. Its errors name that file and its lines. */
async function checkGroup(
  file: string,
  label: string,
  { when, onError }: StageKeys,
  at: ConfigPath,
  check: Check,
  checkItem: CheckItem,
): Promise<ConfiguredGroup | undefined> {
  const { report } = check;
  if (check.openFiles.includes(file)) {
    const message = `Cannot use ${describeValue(label)}: it uses itself`;
    report.add(stageError('ERR_CONFIG_REFERENCE', at, message, 'Take it out of its own stages'));
    return undefined;
  }
  const read = await readConfigFile(file, `file of stages ${describeValue(file)}`);
  if (read.ok && check.used.has(file)) check.used.set(file, read.text);
  const lines = read.ok ? read.text.split(/\r?\n/) : [];
  const reportAll = (errors: readonly LocatedError[]): void => {
    for (const located of errors) {
      const { code, message, hint } = located.error;
      // What cannot be read at all is wrong where it is named.
      if (code === 'ERR_CONFIG_READ') report.add(stageError(code, at, message, hint));
      else report.errors.push({ source: lines[located.line - 1] ?? '', ...located });
    }
  };
  const parsed = read.ok ? readYaml({ text: read.text, file, env: check.env, form: FILE_OF_STAGES }) : read;
  if (!parsed.ok) {
    reportAll(parsed.errors);
    return undefined;
  }
  const { document } = parsed;
  const inner: Check = { ...check, document, report: new Report(document), openFiles: [...check.openFiles, file] };
  const checked = checkOptions(groupSchema, document.value, []);
  if (!checked.ok) inner.report.addAll(checked.errors);
  const stages: ConfiguredStep[] = [];
  for (const [i, item] of (checked.ok ? checked.options.stages : []).entries()) {
    const step = await checkItem(item, ['stages', i], inner, onError);
    if (step !== undefined) stages.push(step);
  }
  const detect = checked.ok ? await checkCondition(checked.options.detect) : undefined;
  if (detect instanceof ConfigError) {
    inner.report.add(below(['detect'], detect));
  }
  reportAll(inner.report.errors);
  if (!checked.ok || detect instanceof ConfigError || inner.report.errors.length > 0) return undefined;
  const { multiline, summary } = checked.options;
  return { stages, label, when, detect, multiline, summary };
}

/** The word for whatever the records are. */
export const AUTO = 'auto';

/** Checks all that may be chosen, so that what is chosen later has no errors. */
async function checkAuto(
  names: readonly string[],
  { when, onError }: StageKeys,
  at: ConfigPath,
  check: Check,
  checkItem: CheckItem,
): Promise<ConfiguredAuto> {
  const candidates = await checkReadyMade(names, onError, at, check, checkItem);
  return { label: AUTO, when, onError, candidates, catalog: check.catalog };
}

/** Checks ready-made pipelines; those that have errors, which are reported, are left out. */
export async function checkReadyMade(
  names: readonly string[],
  onError: OnError,
  at: ConfigPath,
  check: Check,
  checkItem: CheckItem,
): Promise<ConfiguredGroup[]> {
  const { pipelinesFolder = READY_MADE_FOLDER } = check;
  const groups: ConfiguredGroup[] = [];
  for (const name of names) {
    const file = join(pipelinesFolder, name, GROUP_FILE);
    const group = await checkGroup(file, name, { when: undefined, onError }, at, check, checkItem);
    if (group !== undefined) groups.push(group);
  }
  return groups;
}

function loadError(use: string, path: ConfigPath, cause: unknown): ConfigError {
  if (cause instanceof OperatorError) {
    const { code, message, hint } = cause;
    return new ConfigError({ code, path, message, hint, cause });
  }
  const message = `Cannot load the stage ${describeValue(use)}: ${messageOf(cause)}`;
  return new ConfigError({ code: 'ERR_CONFIG_STAGE', path, message, cause });
}
