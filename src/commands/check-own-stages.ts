import { buildStages } from '../agent/build-stages.ts';
import type { ConfiguredStep, UsableConfig } from '../config/agent-config.ts';
import type { LocatedError } from '../config/located-error.ts';
import { ConfigError } from '../core/errors.ts';
import type { CommandContext } from './context.ts';
import { stageContext } from './stage-context.ts';

/**
 * Builds the stages of the user's own as an agent does when it starts, and tells what they throw, each where its
 * pipeline names it: no agent would start with them.
 */
export async function checkOwnStages(
  { config, placeOf }: UsableConfig,
  context: CommandContext,
): Promise<LocatedError[]> {
  const errors: LocatedError[] = [];
  for (const { name, stages } of config.pipelines) {
    for (const [position, step] of stages.entries()) {
      for (const own of ownStages(step)) {
        try {
          for (const stage of buildStages([own], stageContext(name, context))) await stage.close?.();
        } catch (cause) {
          if (!(cause instanceof ConfigError)) throw cause;
          errors.push({ ...placeOf(['pipelines', name, 'stages', position, 'use']), error: cause });
        }
      }
    }
  }
  return errors;
}

/** The stages of the user's own in a step; those in a file of stages are in it. */
function ownStages(step: ConfiguredStep): ConfiguredStep[] {
  if ('stages' in step) return step.stages.flatMap(ownStages);
  return 'definition' in step && step.file !== undefined ? [step] : [];
}
