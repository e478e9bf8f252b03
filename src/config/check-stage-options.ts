import type { StageDefinition } from '../component/definition.ts';
import { type Condition, parseCondition } from '../condition/condition.ts';
import { loadConditions } from '../condition/library.ts';
import { ConfigError, type ConfigPath, type ErrorCode } from '../core/errors.ts';
import type { ConfiguredStage } from './agent-config.ts';
import { checkComponent } from './check-component.ts';
import type { Check } from './check-context.ts';

/** What stands beside the name of a stage, checked. */
export type StageKeys = Pick<ConfiguredStage, 'when' | 'onError'>;

/** Checks the options of a stage, at `path`. */
export async function checkStageOptions(
  definition: StageDefinition<unknown>,
  written: unknown,
  placed: StageKeys & Pick<ConfiguredStage, 'label' | 'file'>,
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

/** Checks a condition; the error's path is empty. Undefined: what is written is no text, which the schema reports. */
export async function checkCondition(written: unknown): Promise<Condition | ConfigError | undefined> {
  if (typeof written !== 'string') return undefined;
  await loadConditions();
  return parseCondition(written);
}

/** An error about a stage. */
export function stageError(code: ErrorCode, path: ConfigPath, message: string, hint?: string): ConfigError {
  return new ConfigError({ code, path, message, hint });
}
